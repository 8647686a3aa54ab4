package rewrite

import (
	"bytes"
	"io"
	"strings"
	"unicode"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// showing defines how much of the text of a stream its part has to show.
type showing uint8

const (
	showAll  showing = iota // text and HTML
	showNone                // the mail around it shows the text already
)

// content returns what a stream says as a part: the text, the HTML and the
// calendar as alternatives, images beside the HTML that shows them, and around
// all the files that were attached. It is without children when there is
// nothing to show.
//
// Where the mail around the stream shows the text already, the alternative to
// the calendar is an empty text: a reader who knows no calendars has read it,
// and nobody reads it twice.
func content(m *tnef.Message, calendar []entity, show showing) entity {
	var text string
	var html []byte
	if show == showAll {
		text, html = m.Body()
	}
	shown := len(html) > 0 && len(strings.TrimSpace(string(html))) > 0
	var versions, images, files []entity
	if strings.TrimSpace(text) != "" || !shown && (len(calendar) > 0 || show == showAll) {
		versions = append(versions, textEntity("text/plain", textLines(text)))
	}
	if shown {
		versions = append(versions, textEntity("text/html", textLines(string(html))))
	}
	versions = append(versions, calendar...)
	used := shownIDs(html)
	for i := range m.Attachments {
		a := &m.Attachments[i]
		e, ok := attachmentEntity(a, shown && used[a.ContentID])
		switch {
		case !ok:
		case e.disposition == "inline":
			images = append(images, e)
		default:
			files = append(files, e)
		}
	}
	var parts []entity
	if len(versions) > 0 {
		body := multipart("alternative", versions...)
		if len(images) > 0 {
			body = entity{
				mediaType: "multipart/related", params: []param{{"type", body.mediaType}},
				children: append([]entity{body}, images...),
			}
		}
		parts = append(parts, body)
	}
	parts = append(parts, files...)
	if len(parts) == 0 {
		return entity{}
	}
	return multipart("mixed", parts...)
}

// shownIDs are the Content-IDs that an HTML text refers to (RFC 2392).
func shownIDs(html []byte) map[string]bool {
	ids := map[string]bool{}
	for {
		_, rest, ok := bytes.Cut(html, []byte("cid:"))
		if !ok {
			return ids
		}
		html = rest
		if n := bytes.IndexAny(rest[:min(len(rest), maxName+1)], "\"'<> )\t\r\n"); n > 0 {
			ids[string(rest[:n])] = true
		}
	}
}

// decodeText reads a text in its character set, or as it is when the set is
// not known.
func decodeText(b []byte, charset string) string {
	if r, err := charsetReader(charset, bytes.NewReader(b)); err == nil {
		if text, err := io.ReadAll(r); err == nil {
			b = text
		}
	}
	return strings.ToValidUTF8(string(b), "\ufffd")
}

// alternatives reports whether two parts are, or are inside of, different
// versions of the same thing.
func alternatives(a, b *mime.Part) bool {
	above := map[*mime.Part]bool{}
	for p := a.Parent; p != nil; p = p.Parent {
		above[p] = true
	}
	for p := b.Parent; p != nil; p = p.Parent {
		if above[p] {
			return p.MediaType == "multipart/alternative"
		}
	}
	return false
}

// sameText reports whether a reader of outer has read inner: nearly all words of
// inner are in it. Texts that were made from the same RTF differ in how lists
// and links are written.
func sameText(outer, inner string) bool {
	known := map[string]bool{}
	for _, word := range textWords(outer) {
		known[word] = true
	}
	missing, all := 0, textWords(inner)
	for _, word := range all {
		if !known[word] {
			missing++
		}
	}
	return missing*10 <= len(all)
}

func textWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

package rewrite

import (
	"bytes"
	"fmt"
	stdmime "mime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// entity is a part that is made of what was in a winmail.dat: a leaf with
// data, or a multipart with children.
type entity struct {
	mediaType   string
	params      []param // of Content-Type; a multipart's boundary is added
	encoding    string  // "" means 7bit
	disposition string
	filename    string
	contentID   string
	data        []byte // not encoded
	message     *letter
	children    []entity
}

type param struct{ name, value string }

// letter is a message/rfc822: header fields and what they head.
type letter struct {
	fields []string // without their line ends
	body   entity
}

// multipart returns an entity around others, or the only one of them.
func multipart(subtype string, children ...entity) entity {
	if len(children) == 1 {
		return children[0]
	}
	return entity{mediaType: "multipart/" + subtype, children: children}
}

// typesetter writes entities. Boundaries come from the content, so that the
// same mail always becomes the same octets.
type typesetter struct {
	eol  string
	seed string
	used int // boundaries so far
	out  []byte
}

// head returns the Content-* fields of an entity, without their line ends,
// and the boundary of a multipart.
func (s *typesetter) head(e *entity) (fields []string, boundary string) {
	params := e.params
	if e.children != nil {
		s.used++
		boundary = fmt.Sprintf("=_%s.%d", s.seed, s.used)
		params = append(slices.Clone(params), param{"boundary", boundary})
	}
	fields = append(fields, s.field("Content-Type", e.mediaType, params))
	if e.encoding != "" {
		fields = append(fields, "Content-Transfer-Encoding: "+e.encoding)
	}
	if e.disposition != "" {
		var named []param
		if e.filename != "" {
			named = []param{{"filename", e.filename}}
		}
		fields = append(fields, s.field("Content-Disposition", e.disposition, named))
	}
	if e.contentID != "" {
		fields = append(fields, "Content-ID: <"+e.contentID+">")
	}
	return fields, boundary
}

// field writes a structured field, a line for each parameter that does not fit
// on the first. What is not ASCII is written as RFC 2231 §4 wants.
func (s *typesetter) field(name, value string, params []param) string {
	var b strings.Builder
	b.WriteString(name + ": " + value)
	width := b.Len()
	for _, p := range params {
		_, text, ok := strings.Cut(stdmime.FormatMediaType("x", map[string]string{p.name: p.value}), "; ")
		if !ok {
			continue
		}
		if b.WriteByte(';'); width+len(text)+2 > 76 {
			b.WriteString(s.eol + "\t" + text)
			width = 8 + len(text)
		} else {
			b.WriteString(" " + text)
			width += 2 + len(text)
		}
	}
	return b.String()
}

// part writes an entity with its header section.
func (s *typesetter) part(e *entity) {
	fields, boundary := s.head(e)
	s.lines(fields)
	s.out = append(s.out, s.eol...)
	s.body(e, boundary)
}

func (s *typesetter) lines(fields []string) {
	for _, f := range fields {
		if s.eol == "\n" {
			f = strings.ReplaceAll(f, "\r\n", "\n")
		}
		s.out = append(append(s.out, f...), s.eol...)
	}
}

// body writes the body of an entity, which ends in a line end.
func (s *typesetter) body(e *entity, boundary string) {
	switch {
	case e.children != nil:
		for i := range e.children {
			s.lines([]string{"--" + boundary})
			s.part(&e.children[i])
			s.out = append(s.out, s.eol...)
		}
		s.lines([]string{"--" + boundary + "--"})
	case e.message != nil:
		fields, inner := s.head(&e.message.body)
		s.lines(e.message.fields)
		s.lines([]string{"MIME-Version: 1.0"})
		s.lines(fields)
		s.out = append(s.out, s.eol...)
		s.body(&e.message.body, inner)
	case e.encoding == "base64":
		s.out = mime.AppendBase64(s.out, e.data, s.eol, true)
	default:
		s.out = append(s.out, mime.Encode(e.data, e.encoding, s.eol, true)...)
	}
}

// size is about how many octets an entity takes.
func (s *typesetter) size(e *entity) int {
	n := 1024 + mime.Base64Len(len(e.data), s.eol)
	for i := range e.children {
		n += s.size(&e.children[i])
	}
	if e.message != nil {
		n += s.size(&e.message.body)
	}
	return n
}

// textEntity is a leaf of lines. Its transfer encoding is one that every
// server takes and in which no line can be mistaken for a delimiter of the
// mail around it.
func textEntity(mediaType string, text []byte, params ...param) entity {
	e := entity{mediaType: mediaType, data: text, params: append(params, param{"charset", "utf-8"})}
	e.encoding = safeEncoding(text, "")
	return e
}

// safeEncoding is mime.Choose for a text that was not in a message: a line that
// starts with two dashes could be a delimiter.
func safeEncoding(text []byte, had string) string {
	encoding := mime.Choose(text, had)
	if encoding == "base64" {
		return encoding
	}
	written := mime.Encode(text, encoding, "\r\n", true)
	if bytes.HasPrefix(written, []byte("--")) || bytes.Contains(written, []byte("\n--")) {
		return "base64"
	}
	return encoding
}

// textLines returns a text with CRLF line ends and without what is not text: control
// characters except the tab, octets that are not UTF-8.
func textLines(s string) []byte {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	out := make([]byte, 0, len(s)+len(s)/32+2)
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r == '\n' || r == '\r':
			out = append(out, '\r', '\n')
		case r < ' ' && r != '\t' || r == 0x7f:
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	if !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, '\r', '\n')
	}
	return out
}

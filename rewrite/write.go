package rewrite

import (
	"bytes"
	"errors"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// part treats one calendar part and returns what has to be written instead. A
// part that cannot be read is left alone and said so; only a source that
// cannot be read is an error.
func (w *work) part(p *mime.Part, allowed bool) ([]mime.Edit, error) {
	if err := w.expired(); err != nil {
		return nil, err
	}
	in := input{path: p.Path(), allowed: allowed}
	body, why, err := w.decode(p, w.lim.Calendar)
	switch {
	case err != nil:
		return nil, err
	case why != "":
		w.skip(in.name(), why)
		return nil, nil
	case len(bytes.TrimSpace(body)) == 0:
		return nil, nil
	}
	if in.allowed && inlinePGP(body) {
		w.skip(in.name(), "signed or encrypted: inline PGP")
		in.allowed = false
	}
	if in.allowed && p.TwoEnds {
		w.skip(in.name(), "a delimiter after a bare carriage return: programs differ in where the part ends")
		in.allowed = false
	}
	h, err := mime.ReadHeader(w.src, p)
	if err != nil {
		return nil, err
	}
	in.header = partHeader(p)
	in.header.Only, in.header.LongLines = w.single, p.LongLines
	if in.header.Referred, err = w.referred(p); err != nil {
		return nil, err
	}
	in.text = closeLine(body, p.Encoding)
	defer func() { w.mail.Text = nil }()
	w.mail.Text = func() string {
		text, _, _ := w.outerText(p)
		return text
	}
	out, err := w.treat(in)
	if err == nil {
		err = w.fallBack(&out)
	}
	if err == nil && w.noticed(out) {
		w.otherShape = true
		return w.notice(p, h, out)
	}
	if err != nil || !out.changed() {
		return nil, err
	}
	e := w.encode(p, h, body, &out)
	w.otherShape = w.otherShape || otherKind(in.header, out.header)
	if err := w.check(p, h, e, out); err != nil {
		return nil, err
	}
	return e.edits, nil
}

// inlinePGP reports whether there is a line of PGP armor in a text. Whoever checks
// the signature looks for it anywhere.
func inlinePGP(body []byte) bool {
	armor := []byte("-----BEGIN PGP ")
	for rest := body; ; {
		i := bytes.Index(rest, armor)
		if i < 0 {
			return false
		}
		if at := len(body) - len(rest) + i; at == 0 || body[at-1] == '\n' || body[at-1] == '\r' {
			return true
		}
		rest = rest[i+len(armor):]
	}
}

// otherKind says whether the header fields of a part differ in what the
// remedies of stage Structure look at.
func otherKind(a, b remedy.PartHeader) bool {
	return a.MediaType != b.MediaType || a.Method != b.Method || a.Name != b.Name || a.Disposition != b.Disposition || a.Encoding != b.Encoding
}

// decode takes the transfer encoding off a part of at most limit octets. why
// says what speaks against it; err, that the source cannot be read.
func (w *work) decode(p *mime.Part, limit int) (body []byte, why string, err error) {
	body, err = mime.Decode(w.src, p, w.tree.EOL, limit)
	switch {
	case errors.Is(err, mime.ErrLimit):
		return nil, "too large: " + err.Error(), nil
	case errors.Is(err, mime.ErrEncoding), errors.Is(err, mime.ErrDamaged):
		return nil, err.Error(), nil
	}
	return body, "", err
}

// closeLine ends the last line of a text whose line end belongs to the
// delimiter behind it (RFC 2046 §5.1.1): for a reader of the calendar the line
// has an end. In base64 the line ends are part of the data.
func closeLine(body []byte, encoding string) []byte {
	if encoding == "base64" || bytes.HasSuffix(body, []byte("\n")) {
		return body
	}
	return append(body[:len(body):len(body)], "\r\n"...)
}

// encoded is a part as it will be written.
type encoded struct {
	edits  []mime.Edit
	header []mime.Edit // those of edits that are in the header section
	body   []byte      // the octets of the body; nil when it stays
}

// encode writes the changed part: its body in a transfer encoding that every
// server takes, and of its header fields what has to follow.
func (w *work) encode(p *mime.Part, h mime.Header, was []byte, out *outcome) encoded {
	var e encoded
	edit := mime.EditHeader(h, w.tree.EOL)
	if out.header.Charset != out.in.header.Charset {
		out.header.Quoted = false // as it will be written
	}
	encoding := mime.Choose(out.text, out.header.Encoding)
	out.header.Encoding = encoding
	if out.textChanged() || encoding != p.Encoding || out.in.header.LongLines && !out.header.LongLines {
		out.header.LongLines = false
		text := out.text
		if len(was) < len(out.in.text) && encoding != "base64" {
			text = bytes.TrimSuffix(text, []byte("\r\n"))
		}
		e.body = mime.Encode(text, encoding, w.tree.EOL, w.endsInLine(p.Body))
		editBody(edit, p.Encoding, encoding)
	}
	editPart(edit, p, out.in.header, out.header)
	e.header = edit.Edits()
	e.edits = e.header
	if e.body != nil {
		e.edits = append(e.edits[:len(e.edits):len(e.edits)], mime.Edit{Start: p.Body.Start, End: p.Body.End, Text: e.body})
	}
	return e
}

// editBody writes what follows when a part gets other octets: what describes the
// old ones is wrong now (RFC 1864).
func editBody(edit *mime.HeaderEdit, before, after string) {
	edit.Drop("content-md5")
	edit.Drop("content-length")
	if before != after {
		edit.SetToken("Content-Transfer-Encoding", after)
	}
}

// editPart writes what a remedy changed of the part's header fields.
func editPart(edit *mime.HeaderEdit, p *mime.Part, before, after remedy.PartHeader) {
	if before.MediaType != after.MediaType {
		edit.SetToken("Content-Type", after.MediaType)
	}
	becomesText := !p.Text() && strings.HasPrefix(after.MediaType, "text/")
	if becomesText || before.Quoted && !after.Quoted && before.Charset == after.Charset {
		edit.SetParam("Content-Type", "charset", after.Charset)
	}
	params := []struct {
		name, before, after string
	}{
		{"method", before.Method, after.Method},
		{"charset", before.Charset, after.Charset},
		{"component", before.Component, after.Component},
		{"name", before.Name, after.Name},
	}
	for _, q := range params {
		switch {
		case q.before == q.after || q.name == "charset" && !p.Text():
		case q.after == "":
			edit.DelParam("Content-Type", q.name)
		default:
			edit.SetParam("Content-Type", q.name, q.after)
		}
	}
	if before.Disposition != after.Disposition {
		if after.Disposition == "" {
			edit.Drop("content-disposition")
		} else {
			edit.SetToken("Content-Disposition", after.Disposition)
		}
	}
	if before.ContentID != after.ContentID && after.ContentID == "" {
		edit.Drop("content-id")
	}
}

// endsInLine says whether a body ends in a line end.
func (w *work) endsInLine(s mime.Span) bool {
	if s.Len() == 0 {
		return false
	}
	b, err := readAll(w.src, s.End-1, s.End)
	return err == nil && strings.HasSuffix(string(b), "\n")
}

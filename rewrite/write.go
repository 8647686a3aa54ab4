package rewrite

import (
	"bytes"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// encoded is a part as it will be written.
type encoded struct {
	edits  []mime.Edit
	header []mime.Edit // those of edits that are in the header section
	body   []byte      // the octets of the body; nil when it stays
}

// encode writes the changed part: its body in a transfer encoding that every
// server takes, and of its header fields what has to follow.
func encode(m *message, p readPart, out outcome) (encoded, outcome) {
	var e encoded
	edit := mime.EditHeader(p.header, m.tree.EOL)
	if out.header.Charset != out.in.header.Charset {
		out.header.Quoted = false // as it will be written
	}
	encoding := mime.Choose(out.text, out.header.Encoding)
	out.header.Encoding = encoding
	if out.textChanged() || encoding != p.part.Encoding || out.in.header.LongLines && !out.header.LongLines {
		out.header.LongLines = false
		text := out.text
		if len(p.body) < len(out.in.text) && encoding != "base64" {
			text = bytes.TrimSuffix(text, []byte("\r\n"))
		}
		e.body = mime.Encode(text, encoding, m.tree.EOL, m.endsInLine(p.part.Body))
		editBody(edit, p.part.Encoding, encoding)
	}
	editPart(edit, p.part, out.in.header, out.header)
	e.header = edit.Edits()
	e.edits = e.header
	if e.body != nil {
		e.edits = append(e.edits[:len(e.edits):len(e.edits)], mime.Edit{Start: p.part.Body.Start, End: p.part.Body.End, Text: e.body})
	}
	return e, out
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

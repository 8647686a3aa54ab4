package rewrite

import (
	"bytes"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// readPart is a part with what was read of it.
type readPart struct {
	part   *mime.Part
	header mime.Header
	body   []byte // without the transfer encoding
}

// calendarPart runs the passes over one calendar part. A part that cannot be read is
// left alone and reported; only a source that cannot be read is an error.
func (p *pipeline) calendarPart(m *message, found candidate, only bool, before change) (c change, err error) {
	defer contain(&err)
	part := readPart{part: found.part}
	var why string
	part.body, why, err = m.decode(found.part, m.lim.Calendar)
	switch {
	case err != nil:
		return c, err
	case why != "":
		c.report.skip(Skip{found.name(), why})
		return c, nil
	case len(bytes.TrimSpace(part.body)) == 0:
		return c, nil
	}
	if u := untouchableBody(part); u.forbids() && !found.untouchable.forbids() {
		c.report.skip(Skip{found.name(), u.reason})
		found.untouchable = u
	}
	in, err := m.input(&part, found.untouchable, only)
	if err != nil {
		return c, err
	}
	out, err := p.repairer.calendar(in, before.copies)
	c = c.plus(out.change())
	if !only { // else nothing follows that could be a copy
		c.copies = out.copied()
	}
	switch {
	case err != nil:
		return c, err
	case becomesFile(&p.o, out.outcome):
		return p.noticePart(m, part, out, before.noticed, c)
	case !out.changed():
		return c, nil
	}
	e, written := encode(m, part, out.outcome)
	c.reshaped = otherKind(in.header, written.header)
	skipped, err := p.check(m, part, e, written)
	c.report.skip(skipped...)
	c.edits = e.edits
	return c, err
}

// input returns a calendar part as the input of the remedies.
func (m *message) input(p *readPart, u untouchable, only bool) (in input, err error) {
	if p.header, err = mime.ReadHeader(m.src, p.part); err != nil {
		return in, err
	}
	in = input{path: p.part.Path(), untouchable: u, header: partHeader(p.part), mail: m.fields}
	in.header.Only, in.header.LongLines = only, p.part.LongLines
	if in.header.Referred, err = m.referred(p.part); err != nil {
		return in, err
	}
	in.text = closeLine(p.body, p.part.Encoding)
	in.mail.Text = func() string {
		text, _, _ := m.outerText(p.part)
		return text
	}
	return in, nil
}

// otherKind reports whether the header fields of a part differ in what the
// remedies of stage Structure look at.
func otherKind(a, b remedy.PartHeader) bool {
	return a.MediaType != b.MediaType || a.Method != b.Method || a.Name != b.Name || a.Disposition != b.Disposition || a.Encoding != b.Encoding
}

// partHeader returns the header fields of a part that remedies use.
func partHeader(p *mime.Part) remedy.PartHeader {
	ph := remedy.PartHeader{
		MediaType:   p.MediaType,
		Method:      p.Params.Get("method"),
		Charset:     p.Params.Get("charset"),
		Component:   p.Params.Get("component"),
		Name:        p.Filename,
		Disposition: p.Disposition,
		ContentID:   p.ContentID,
		Encoding:    p.Encoding,
		Alternative: p.Parent != nil && p.Parent.MediaType == "multipart/alternative",
	}
	if p.WrittenType != "" {
		ph.MediaType = p.WrittenType
	}
	if p.Text() {
		ph.Quoted = p.QuotedNeedlessly("charset")
	} else {
		// only text/* has a charset; RFC 5545 §3.1.4 makes it UTF-8
		ph.Charset = "utf-8"
	}
	return ph
}

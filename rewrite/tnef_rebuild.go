package rewrite

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// maxFiles bounds the files of a stream: each becomes a part, and receivers
// (and package mime) bound the parts of a mail.
const maxFiles = 1000

// rebuild makes the part that expresses a stream in MIME. why is the reason when it
// cannot.
func (p *pipeline) rebuild(m *message, t *opened, before change) (c change, body entity, why string, err error) {
	defer contain(&err)
	if n := len(t.stream.Attachments); n > maxFiles {
		return c, body, fmt.Sprintf("too many: %d files in it", n), nil
	}
	var shown []entity
	if t.meeting != nil {
		out, err := p.calendarOf(m, t, input{
			text:   t.meeting.Calendar,
			header: remedy.PartHeader{MediaType: "text/calendar", Method: t.meeting.Method, Charset: "utf-8", Alternative: true},
		}, before.copies)
		c = out.change()
		c.copies = out.copied()
		if err != nil {
			return c, body, "", err
		}
		if why := t.differs(out.outcome); why != "" {
			return c, body, "guard: " + why, nil
		}
		last := len(c.report.Meetings) - 1
		c.report.Meetings[last] = c.report.Meetings[last].unwrapped(t.part, !t.untouchable.forbids() && p.o.Mode != Observe)
		calendar, asFile := t.sentHeader(&p.o, out.outcome)
		c.inForm = c.inForm || asFile
		file := calendarEntity(calendar)
		if asFile && !before.noticed {
			c.noticed = true
			file = m.withNotice(t.part, calendar, file)
		}
		shown = []entity{file}
	}
	body = content(t.stream, shown, t.show)
	switch {
	case body.mediaType == "":
		return c, body, "it contains nothing that a message could show", nil
	case t.meeting == nil && holdsTNEF(&body):
		return c, body, "it contains another winmail.dat", nil
	}
	c, err = p.files(m, t, &body, before, c)
	return c, body, "", err
}

// unwrapped sets in the report of a meeting where it was found.
func (m Meeting) unwrapped(p *mime.Part, applied bool) Meeting {
	f := remedy.Finding{
		ID: tnefID, Level: remedy.Error, Component: "part", Property: "Content-Type",
		Before: p.MediaType, After: "text/calendar; method=" + m.Method, Applied: applied,
	}
	m.Findings = slices.Insert(slices.Clone(m.Findings), 0, f)
	if applied {
		m.Applied = slices.Insert(slices.Clone(m.Applied), 0, tnefID)
	}
	return m
}

// holdsTNEF reports whether there is a file that a second run would open.
func holdsTNEF(e *entity) bool {
	if e.mediaType == "application/octet-stream" && strings.EqualFold(e.filename, "winmail.dat") {
		return bytes.HasPrefix(e.data, []byte(tnef.Signature))
	}
	for i := range e.children {
		if holdsTNEF(&e.children[i]) {
			return true
		}
	}
	return false
}

// files repairs the calendars among the attached files: a second run would find
// them beside the meeting, and may not change anything any more.
func (p *pipeline) files(m *message, t *opened, e *entity, before, c change) (change, error) {
	for i := range e.children {
		var err error
		if c, err = p.files(m, t, &e.children[i], before, c); err != nil {
			return c, err
		}
	}
	if e.mediaType != "application/ics" || len(bytes.TrimSpace(e.data)) == 0 {
		return c, nil
	}
	out, err := p.calendarOf(m, t, input{text: e.data, header: remedy.PartHeader{
		MediaType: e.mediaType, Charset: "utf-8", Name: e.filename, Disposition: e.disposition,
		ContentID: e.contentID, Encoding: e.encoding,
	}}, slices.Concat(before.copies, c.copies))
	c = c.plus(out.change())
	c.copies = append(c.copies, out.copied()...)
	if err != nil {
		return c, err
	}
	calendar, asFile := t.sentHeader(&p.o, out.outcome)
	c.inForm = c.inForm || asFile
	filed := calendarEntity(calendar)
	filed.params = append(filed.params, e.params...)
	*e = filed
	return c, nil
}

// calendarOf runs the passes over a calendar out of a stream, as over every other.
func (p *pipeline) calendarOf(m *message, t *opened, in input, earlier []copied) (calendar, error) {
	in.path, in.untouchable, in.mail = t.part.Path(), t.untouchable, m.fields
	return p.repairer.calendar(in, earlier)
}

// sentHeader gives a calendar out of a stream, once it is certain to be sent,
// the header fields that it is sent with. asFile reports whether it is attached to a
// notice.
func (t *opened) sentHeader(o *Options, out outcome) (sent outcome, asFile bool) {
	if asFile = becomesFile(o, out); asFile {
		out.header = attachedHeader(out.header)
	}
	out.header.Encoding = safeEncoding(out.text, out.header.Encoding)
	t.calendars = append(t.calendars, out)
	return out, asFile
}

// calendarEntity is a repaired calendar as a part.
func calendarEntity(out outcome) entity {
	h := out.header
	e := entity{mediaType: h.MediaType, encoding: h.Encoding, disposition: h.Disposition, filename: h.Name, contentID: h.ContentID, data: out.text}
	for _, p := range []param{{"method", h.Method}, {"charset", h.Charset}, {"component", h.Component}} {
		if p.value != "" && (p.name != "charset" || strings.HasPrefix(strings.ToLower(h.MediaType), "text/")) {
			e.params = append(e.params, p)
		}
	}
	if h.Name != "" && h.Disposition == "" { // else it is the filename there
		e.params = append(e.params, param{"name", h.Name})
	}
	return e
}

// describing are the fields that describe the octets of a part; those of a
// winmail.dat say nothing about what replaces it.
var describing = []string{
	"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID",
	"Content-Description", "Content-Location", "Content-MD5", "Content-Length",
}

// replacement writes the entity into the place of the part. Header fields to
// be dropped beside those that describe the part are lower case.
func (m *message) replacement(p *mime.Part, h mime.Header, seed string, body *entity, drop ...string) encoded {
	s := &typesetter{eol: m.tree.EOL, seed: seed}
	fields, boundary := s.head(body)
	edit := mime.EditHeader(h, m.tree.EOL)
	for _, name := range describing {
		i := slices.IndexFunc(fields, func(f string) bool { return strings.HasPrefix(f, name+":") })
		if i >= 0 {
			edit.SetField(name, fields[i])
		} else {
			edit.Drop(strings.ToLower(name))
		}
	}
	for _, name := range drop {
		edit.Drop(name)
	}
	if _, ok := h.First("mime-version"); !ok && p == m.tree.Root() {
		edit.SetField("MIME-Version", "MIME-Version: 1.0")
	}
	s.out = make([]byte, 0, s.size(body))
	s.body(body, boundary)
	e := encoded{header: edit.Edits(), body: s.out}
	e.edits = append(e.header[:len(e.header):len(e.header)], mime.Edit{Start: p.Body.Start, End: p.Body.End, Text: e.body})
	return e
}

// checkReplacement reads what was written as a receiver will: each calendar must
// be the one that was made, and nothing may change any more.
func (p *pipeline) checkReplacement(m *message, t *opened, e encoded) (skipped []Skip, err error) {
	head := append(applyEdits(t.header, e.header), m.tree.EOL...)
	now, err := readMessage(joined{head, e.body}, nil, m.lim)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCheck, err)
	}
	left := t.calendars
	for _, part := range now.tree.Parts {
		if !isCalendarPart(part) || part.Enclosed || part.Body.Len() == 0 {
			continue
		}
		if len(left) == 0 {
			return skipped, fmt.Errorf("%w: the replacement of part %s has an unexpected calendar", errCheck, t.part.Path())
		}
		again, err := p.checkCalendar(now, part, left[0])
		skipped = append(skipped, again...)
		if err != nil {
			return skipped, err
		}
		left = left[1:]
	}
	if len(left) > 0 {
		return skipped, fmt.Errorf("%w: the replacement of part %s lacks a calendar", errCheck, t.part.Path())
	}
	return skipped, nil
}

// checkCalendar reads one calendar of a replacement.
func (p *pipeline) checkCalendar(m *message, part *mime.Part, out outcome) ([]Skip, error) {
	body, err := mime.Decode(m.src, part, m.tree.EOL, max(m.lim.Calendar, len(out.text)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCheck, err)
	}
	again := out.in.with(closeLine(body, part.Encoding), partHeader(part))
	if !bytes.Equal(again.text, out.text) {
		return nil, fmt.Errorf("%w: a calendar in part %s decodes to something else", errCheck, out.in.path)
	}
	if again.header != out.header {
		return nil, fmt.Errorf("%w: the header fields of a calendar in part %s are not those that were written", errCheck, out.in.path)
	}
	if out.c == nil {
		return nil, nil // not repaired, being too large
	}
	return p.repairer.checkStable(again, out)
}

// joined is two pieces of memory as one source.
type joined [2][]byte

func (j joined) Size() int64 { return int64(len(j[0]) + len(j[1])) }

func (j joined) ReadAt(b []byte, off int64) (n int, err error) {
	for _, piece := range j {
		if n < len(b) && off < int64(len(piece)) {
			m := copy(b[n:], piece[off:])
			n, off = n+m, off+int64(m)
		}
		off -= int64(len(piece))
	}
	if n < len(b) {
		err = io.EOF
	}
	return n, err
}

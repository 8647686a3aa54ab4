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

// rebuild makes the part that says in MIME what the stream says. why says what
// speaks against it.
func (w *work) rebuild(t *opened) (body entity, why string, err error) {
	if n := len(t.stream.Attachments); n > maxFiles {
		return body, fmt.Sprintf("too many: %d files in it", n), nil
	}
	var calendar []entity
	if t.meeting != nil {
		out, err := w.calendarOf(t, input{
			text:   t.meeting.Calendar,
			header: remedy.PartHeader{MediaType: "text/calendar", Method: t.meeting.Method, Charset: "utf-8", Alternative: true},
		})
		if err != nil {
			return body, "", err
		}
		if why := t.differs(out); why != "" {
			return body, "guard: " + why, nil
		}
		w.noteTNEF(t)
		out = w.settleHeader(t, out)
		calendar = []entity{w.shownCalendar(t.part, out)}
	}
	body = content(t.stream, calendar, t.show)
	switch {
	case body.mediaType == "":
		return body, "it contains nothing that a message could show", nil
	case t.meeting == nil && holdsTNEF(&body):
		return body, "it contains another winmail.dat", nil
	}
	return body, "", w.files(t, &body)
}

// noteTNEF says in the report of a meeting where it was found.
func (w *work) noteTNEF(t *opened) {
	m := &w.report.Meetings[len(w.report.Meetings)-1]
	applied := t.allowed && w.o.Mode != Observe
	f := remedy.Finding{
		ID: tnefID, Level: remedy.Error, Component: "part", Property: "Content-Type",
		Before: t.part.MediaType, After: "text/calendar; method=" + m.Method, Applied: applied,
	}
	m.Findings = slices.Insert(slices.Clone(m.Findings), 0, f)
	if applied {
		m.Applied = slices.Insert(slices.Clone(m.Applied), 0, tnefID)
	}
}

// holdsTNEF says whether there is a file that a second run would open.
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

// files treats the calendars among the attached files: a second run would find
// them beside the meeting, and may not change anything any more.
func (w *work) files(t *opened, e *entity) error {
	for i := range e.children {
		if err := w.files(t, &e.children[i]); err != nil {
			return err
		}
	}
	if e.mediaType != "application/ics" || len(bytes.TrimSpace(e.data)) == 0 {
		return nil
	}
	out, err := w.calendarOf(t, input{text: e.data, header: remedy.PartHeader{
		MediaType: e.mediaType, Charset: "utf-8", Name: e.filename, Disposition: e.disposition,
		ContentID: e.contentID, Encoding: e.encoding,
	}})
	if err != nil {
		return err
	}
	filed := calendarEntity(w.settleHeader(t, out))
	filed.params = append(filed.params, e.params...)
	*e = filed
	return nil
}

// calendarOf gives a calendar out of a stream the treatment that every other
// calendar gets.
func (w *work) calendarOf(t *opened, in input) (outcome, error) {
	in.path, in.allowed = t.part.Path(), t.allowed
	out, err := w.treat(in)
	if err == nil {
		err = w.fallBack(&out)
	}
	return out, err
}

// settleHeader gives a calendar out of a stream, once it is certain to be sent,
// the header fields that it is sent with.
func (w *work) settleHeader(t *opened, out outcome) outcome {
	if w.noticed(out) {
		w.fallenBack++
		out.header = attachedHeader(out.header)
	}
	out.header.Encoding = safeEncoding(out.text, out.header.Encoding)
	t.calendars = append(t.calendars, out)
	return out
}

// calendarEntity is a treated calendar as a part.
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
func (w *work) replacement(p *mime.Part, h mime.Header, seed string, body *entity, drop ...string) encoded {
	s := &typesetter{eol: w.tree.EOL, seed: seed}
	fields, boundary := s.head(body)
	edit := mime.EditHeader(h, w.tree.EOL)
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
	if _, ok := h.First("mime-version"); !ok && p == w.tree.Root() {
		edit.SetField("MIME-Version", "MIME-Version: 1.0")
	}
	s.out = make([]byte, 0, s.size(body))
	s.body(body, boundary)
	e := encoded{header: edit.Edits(), body: s.out}
	e.edits = append(e.header[:len(e.header):len(e.header)], mime.Edit{Start: p.Body.Start, End: p.Body.End, Text: e.body})
	return e
}

// checkUnwrapped reads what was written as a receiver will: each calendar must
// be the one that was made, and nothing may change any more.
func (w *work) checkUnwrapped(t *opened, e encoded) error {
	head := append(applyEdits(t.header, e.header), w.tree.EOL...)
	src := joined{head, e.body}
	tree, err := mime.Scan(src, w.lim.scan())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCheck, err)
	}
	left := t.calendars
	for _, p := range tree.Parts {
		if !isCalendarPart(p) || p.Enclosed || p.Body.Len() == 0 {
			continue
		}
		if len(left) == 0 {
			return fmt.Errorf("%w: the replacement of part %s has an unexpected calendar", ErrCheck, t.part.Path())
		}
		if err := w.checkCalendar(src, tree, p, left[0]); err != nil {
			return err
		}
		left = left[1:]
	}
	if len(left) > 0 {
		return fmt.Errorf("%w: the replacement of part %s lacks a calendar", ErrCheck, t.part.Path())
	}
	return nil
}

func (w *work) checkCalendar(src Source, tree *mime.Tree, p *mime.Part, out outcome) error {
	body, err := mime.Decode(src, p, tree.EOL, max(w.lim.Calendar, len(out.text)))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCheck, err)
	}
	again := input{path: out.in.path, allowed: true, text: closeLine(body, p.Encoding), header: partHeader(p)}
	if !bytes.Equal(again.text, out.text) {
		return fmt.Errorf("%w: a calendar in part %s decodes to something else", ErrCheck, out.in.path)
	}
	if again.header != out.header {
		return fmt.Errorf("%w: the header fields of a calendar in part %s are not those that were written", ErrCheck, out.in.path)
	}
	if out.c == nil {
		return nil // not treated, being too large
	}
	return w.checkFixpoint(again, out)
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

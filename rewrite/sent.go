package rewrite

import (
	"bytes"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Sent is a calendar as it is sent. A parsed calendar takes many times as much memory as its
// text and is not kept: it is parsed again, unless what Options.Keep asks for was read while
// it was at hand. It is used by one goroutine.
type Sent struct {
	c     *remedy.Object // nil where early is not
	early *early
	text  []byte
}

// early is what was read of a calendar that was parsed for its repair.
type early struct {
	text    []byte // of the calendar
	options KeepOptions
	details []Details
	kept    []Kept
}

// maxEarly bounds the text of a calendar that is read early: the result waits in memory
// until the next hop has replied.
const maxEarly = 64 << 10

// Sent returns the calendar; nil when there is none that can be parsed.
func (m Meeting) Sent() *Sent {
	if m.text == nil {
		return nil
	}
	s := &Sent{text: m.text}
	if m.early != nil && bytes.Equal(m.early.text, m.text) {
		s.early = m.early
		return s
	}
	return s.parsed()
}

// parsed returns the calendar parsed again, or nil.
func (s *Sent) parsed() *Sent {
	c := &remedy.Object{Octets: s.text}
	if parse(c) != nil {
		return nil
	}
	c.ResetZones()
	return &Sent{c: c, text: s.text}
}

// readEarly reads what is to be stored of a meeting from the calendar that was parsed for
// its repair; nil where none is at hand that was parsed from exactly this text. An error in
// it is none of the repair.
func (o outcome) readEarly(m Meeting, options KeepOptions) (e *early) {
	defer func() {
		if recover() != nil {
			e = nil
		}
	}()
	if len(m.text) > maxEarly {
		return nil
	}
	c := o.sent
	if c == nil && !o.textChanged() && o.c.Doc != nil && o.c.Doc.Unchanged() {
		c = o.c
	}
	if c == nil || c.Doc == nil || c.Zones == nil || !bytes.Equal(c.Octets, m.text) {
		return nil
	}
	e = &early{text: m.text, options: options, details: detailsOf(c)}
	if m.Method == "REQUEST" {
		e.kept = keep(c, options)
	}
	return e
}

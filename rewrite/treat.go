package rewrite

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// remedies is the table of package remedy, made once: a Remedy has no state.
var remedies = sync.OnceValue(remedy.All)

// input is one calendar as it was found.
type input struct {
	path    string
	text    []byte // without the transfer encoding
	header  remedy.PartHeader
	allowed bool // false: diagnose only
}

// outcome is what became of it.
type outcome struct {
	in     input
	text   []byte
	header remedy.PartHeader
	c      *remedy.Case
	base   []byte            // text when it was parsed: behind the Octets stage
	order  []*ical.Component // the components at that time
}

func (o outcome) textChanged() bool { return !bytes.Equal(o.in.text, o.text) }
func (o outcome) changed() bool     { return o.textChanged() || o.in.header != o.header }

// maxVetoes bounds how often a calendar is treated again without one more
// remedy.
const maxVetoes = 8

// treat diagnoses and repairs one calendar under the guard, and reports it.
func (w *work) treat(in input) (outcome, error) {
	var vetoed []string
	out, err := w.attempt(in, nil)
	for err == nil && out.changed() {
		moved := w.guard(out)
		if moved == 0 {
			break
		}
		var id string
		if id, err = w.culprit(in, vetoed); err != nil {
			break
		}
		if id == "" || len(vetoed) == maxVetoes {
			out, err = w.giveUp(in, moved)
			break
		}
		vetoed = append(vetoed, id)
		if out, err = w.attempt(in, vetoed); err == nil {
			noteVetoes(out.c, vetoed)
		}
	}
	switch {
	case errors.Is(err, ical.ErrLimit):
		w.skip(in.name(), "too large: "+err.Error())
		return outcome{in: in, text: in.text, header: in.header}, nil
	case err != nil:
		return out, err
	}
	if out.c.Cal == nil && !out.changed() {
		w.skip(in.name(), "no calendar in it")
		return out, nil
	}
	w.report.Vetoed = append(w.report.Vetoed, vetoed...)
	w.sync(&out)
	w.done = append(w.done, out)
	w.report.Meetings = append(w.report.Meetings, w.meeting(out))
	return out, nil
}

// giveUp leaves a calendar as it is: the guard does not let the repair pass,
// and no single remedy is to blame.
func (w *work) giveUp(in input, moved remedy.Facet) (outcome, error) {
	w.skip(in.name(), "guard: the repair would change "+strings.Join(moved.Names(), ", "))
	in.allowed = false
	out, err := w.attempt(in, nil)
	out.text, out.header = in.text, in.header // whatever a remedy did without asking
	return out, err
}

func (in input) name() string {
	if in.header.Bare {
		return "message"
	}
	return "part " + in.path
}

// attempt runs all remedies once, but those that were vetoed.
func (w *work) attempt(in input, vetoed []string) (outcome, error) {
	c := w.newCase(in, func(r *remedy.Remedy) bool {
		return w.allows(r) && !slices.Contains(vetoed, r.ID)
	})
	out := outcome{in: in, c: c}
	if err := w.stage(c, remedy.Octets); err != nil {
		return out, err
	}
	out.base = c.Octets
	if err := parse(c); err != nil {
		return out, err
	}
	c.ResetZones()
	out.order = components(c.Doc)
	if err := w.stage(c, remedy.Calendar); err != nil {
		return out, err
	}
	if err := w.stage(c, remedy.Part); err != nil {
		return out, err
	}
	out.text, out.header = c.Doc.Bytes(), c.Part
	return out, nil
}

// allows says whether the caller wants a remedy at all.
func (w *work) allows(r *remedy.Remedy) bool {
	return w.o.Mode != Observe && r.Includes(w.o.Profile) && !slices.Contains(w.o.Disable, r.ID)
}

func (w *work) newCase(in input, allow func(*remedy.Remedy) bool) *remedy.Case {
	if !in.allowed {
		allow = func(*remedy.Remedy) bool { return false }
	}
	return &remedy.Case{
		Octets:  in.text,
		Mail:    w.mail,
		Part:    in.header,
		Profile: w.o.Profile,
		Now:     w.o.Now,
		Allow:   allow,
	}
}

// parse reads the octets of a case. The zones are left to the caller.
func parse(c *remedy.Case) error {
	doc, err := ical.Parse(c.Octets, ical.Limits{})
	if err != nil {
		return err
	}
	c.Doc = doc
	if cals := doc.Calendars(); len(cals) > 0 {
		c.Cal = cals[0]
	}
	return nil
}

// smallCalendar is a size up to which no single remedy takes long.
const smallCalendar = 64 << 10

// stage runs the remedies of one stage. The clock is asked once for a small
// calendar, else before each remedy.
func (w *work) stage(c *remedy.Case, s remedy.Stage) error {
	err := w.expired()
	for _, r := range w.table {
		if err != nil {
			return err
		}
		if r.Stage == s {
			c.Do(r)
			if len(c.Octets) > smallCalendar {
				err = w.expired()
			}
		}
	}
	return err
}

func components(doc *ical.Document) []*ical.Component {
	var all []*ical.Component
	doc.Root.Walk(func(c *ical.Component) {
		if c != doc.Root {
			all = append(all, c)
		}
	})
	return all
}

// sync gives a copy of a calendar, as it comes in an attachment beside the
// invitation, the text that the first one got (ct-application-ics): receivers
// that read both must see one meeting.
func (w *work) sync(out *outcome) {
	for _, first := range w.done {
		if first.in.header.Charset != out.in.header.Charset || !bytes.Equal(first.in.text, out.in.text) {
			continue
		}
		if out.in.allowed && first.in.allowed && !bytes.Equal(first.text, out.text) {
			out.text = first.text
			out.c.SetFindings(slices.DeleteFunc(slices.Clone(first.c.Findings()), func(f remedy.Finding) bool {
				return f.Component == "part"
			}))
		}
		return
	}
}

// meeting describes what was treated.
func (w *work) meeting(out outcome) Meeting {
	c := out.c
	m := Meeting{Part: out.in.path, Method: c.Method(), Profile: w.o.Profile, Findings: c.Findings()}
	if m.Method == "" {
		m.Method = strings.ToUpper(out.header.Method)
	}
	if items := c.Items(); len(items) > 0 {
		it := items[0]
		m.UID = it.Value("UID")
		m.Sequence, _ = strconv.Atoi(it.Value("SEQUENCE"))
		m.RecurrenceID = it.Value("RECURRENCE-ID")
		m.Organizer = it.Value("ORGANIZER")
		m.Summary = ical.UnescapeText(it.Value("SUMMARY"))
	}
	for _, f := range m.Findings {
		if f.Applied && !slices.Contains(m.Applied, f.ID) {
			m.Applied = append(m.Applied, f.ID)
		}
	}
	return m
}

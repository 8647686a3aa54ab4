package rewrite

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/notice"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// input is one calendar as it was found.
type input struct {
	path    string
	text    []byte // without the transfer encoding
	header  remedy.PartHeader
	allowed bool // false: the result is not used

	known *remedy.Case // the treated calendar that was written as text, if any
}

// outcome is what became of it.
type outcome struct {
	in      input
	text    []byte
	header  remedy.PartHeader
	c       *remedy.Case
	base    []byte            // text when it was parsed: behind the Octets stage
	order   []*ical.Component // the components at that time
	before  *remedy.Case      // the calendar at that time, see remedy.Case.Keep; nil when it was not changed
	applied []string          // IDs of the remedies that changed something
	settled input             // what nothing changes any more: text and header, when they are known
}

func (o outcome) textChanged() bool { return !bytes.Equal(o.in.text, o.text) }
func (o outcome) changed() bool     { return o.textChanged() || o.in.header != o.header }

// maxVetoes bounds how often a calendar is treated again without one more
// remedy.
const maxVetoes = 8

// treat diagnoses and repairs one calendar under the guard, and reports it. To
// observe is to do the same and to throw the result away: so the findings are
// those of the repair.
func (w *work) treat(in input) (outcome, error) {
	out, vetoed, err := w.guarded(in)
	switch {
	case errors.Is(err, ical.ErrLimit):
		w.skip(in.name(), "too large: "+err.Error())
		return outcome{in: in, text: in.text, header: in.header}, nil
	case err != nil:
		return out, err
	}
	if out.c.Cal == nil && !out.changed() {
		w.skip(in.name(), "there is no VCALENDAR")
		return out, nil
	}
	w.report.Vetoed = append(w.report.Vetoed, vetoed...)
	unsettled := w.settle(&out)
	if why := untouchable(out.c); why != "" && out.changed() {
		w.skip(in.name(), why)
		if err := out.discard(); err != nil {
			return out, err
		}
		unsettled = nil
	}
	if !in.allowed || w.o.Mode == Observe {
		w.held = w.held || !in.allowed && out.changed()
		if err := out.discard(); err != nil {
			return out, err
		}
	} else {
		w.sync(&out)
		if !w.single {
			w.done = append(w.done, treated{charset: in.header.Charset, in: in.text, text: out.text, applied: out.applied, findings: out.c.Findings()})
		}
	}
	if w.counter == nil && proposes(out.c) {
		w.counter = out.c
	}
	w.report.Meetings = append(w.report.Meetings, w.meeting(out))
	return out, unsettled
}

// untouchable says why a calendar must stay as it is, "" when it need not.
func untouchable(c *remedy.Case) string {
	switch {
	case incomplete(c):
		return "incomplete: the calendar may have been cut off, and the missing text is not known"
	case otherFormat(c) != "":
		return "vCalendar 1.0: " + otherFormat(c)
	case illegible(c):
		return "unreadable: its character set is unknown, or its octets are not valid in it"
	}
	return ""
}

// otherFormat says why a vCalendar 1.0 was not translated, "" for all other
// calendars. What iCalendar would have there is no fault.
func otherFormat(c *remedy.Case) string {
	for _, f := range c.Findings() {
		if f.ID == "vcalendar-1" && !f.Applied {
			return f.Note
		}
	}
	return ""
}

// illegible says whether there are letters that nobody here can read. An octet
// that looks like a comma or a backslash may be half of one.
func illegible(c *remedy.Case) bool {
	return slices.ContainsFunc(c.Findings(), func(f remedy.Finding) bool {
		return (f.ID == "charset-wrong" || f.ID == "charset-legacy") && f.Note != "" && f.Note != vetoNote
	})
}

// incomplete says whether a component is open at the end of the text and
// nobody knows where it ends. Repairs of the half that is there could make it
// look like a whole: an end that was cut off is not one that was never given.
func incomplete(c *remedy.Case) bool {
	return slices.ContainsFunc(c.Findings(), func(f remedy.Finding) bool {
		return f.ID == "end-missing" && f.Note != ""
	})
}

// guarded runs the remedies, and again without those that the guard takes
// back.
func (w *work) guarded(in input) (out outcome, vetoed []string, err error) {
	out, err = w.attempt(in, nil)
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
			// no single remedy is to blame
			w.skip(in.name(), "guard: the repair would change "+strings.Join(moved.Names(), ", "))
			return out, vetoed, out.discard()
		}
		vetoed = append(vetoed, id)
		if out, err = w.attempt(in, vetoed); err == nil {
			noteVetoes(out.c, vetoed)
		}
	}
	return out, vetoed, err
}

// discard takes the result back and keeps the findings, none of them applied.
func (o *outcome) discard() error {
	findings := slices.Clone(o.c.Findings())
	for i := range findings {
		findings[i].Applied = false
	}
	o.text, o.header, o.applied = o.in.text, o.in.header, nil
	o.c = &remedy.Case{Octets: o.base, Part: o.header, Profile: o.c.Profile, Tick: o.c.Tick}
	o.c.SetFindings(findings)
	return parse(o.c)
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
	if err := w.stage(c, remedy.Octets, in.known != nil); err != nil {
		return out, err
	}
	out.base = c.Octets
	if err := w.read(c, in.known); err != nil {
		return out, err
	}
	out.order = guard.Components(c.Doc)
	c.Keep = in.known == nil // else see wasBefore
	if err := w.stage(c, remedy.Calendar, in.known != nil); err != nil {
		return out, err
	}
	if err := w.stage(c, remedy.Part, in.known != nil); err != nil {
		return out, err
	}
	out.before = c.Kept()
	out.text, out.header, out.applied = out.base, c.Part, c.Applied()
	if !c.Doc.Unchanged() {
		out.text = c.Doc.Bytes()
	}
	return out, nil
}

// allows says whether the caller wants a remedy at all.
func (w *work) allows(r *remedy.Remedy) bool {
	return r.Treats(w.o.Profile, w.o.Direction) && w.enabled(r)
}

// enabled says whether the administrator lets a remedy change anything.
func (w *work) enabled(r *remedy.Remedy) bool {
	return !slices.Contains(w.o.Disable, r.ID) && (!r.OptIn || slices.Contains(w.o.Enable, r.ID))
}

func (w *work) newCase(in input, allow func(*remedy.Remedy) bool) *remedy.Case {
	return &remedy.Case{
		Octets:    in.text,
		Mail:      w.mail,
		Part:      in.header,
		Profile:   w.o.Profile,
		Direction: w.o.Direction,
		Now:       w.o.Now,
		Memory:    w.memory,
		Allow:     allow,
		Tick:      w.tick,
	}
}

// maxLines bounds the content lines of a calendar and with them the memory for
// it. The octets are bounded already by Limits.Calendar; a legacy character set
// may have doubled them.
const maxLines = 100_000

// parse reads the octets of a case. The zones are left to the caller.
func parse(c *remedy.Case) error {
	doc, err := ical.Parse(c.Octets, limits(c))
	if err != nil {
		return err
	}
	adopt(c, doc)
	return nil
}

// read reads the octets of a case and its zones; known is the calendar that
// they were written from, if any.
func (w *work) read(c, known *remedy.Case) error {
	if known == nil || known.Doc == nil {
		err := parse(c)
		c.ResetZones()
		return err
	}
	doc, err := known.Doc.Reread(c.Octets, limits(c))
	if err != nil {
		return err
	}
	adopt(c, doc)
	c.Zones = known.Zones.Renew(c.Cal)
	return nil
}

func limits(c *remedy.Case) ical.Limits {
	return ical.Limits{Size: max(2*len(c.Octets), 1), Lines: maxLines, Tick: c.Tick}
}

// adopt makes a document that of the case.
func adopt(c *remedy.Case, doc *ical.Document) {
	c.Doc, c.Cal = doc, doc.Calendar()
}

// smallCalendar is a size up to which no single remedy takes long.
const smallCalendar = 64 << 10

// stage runs the remedies of one stage; again leaves out those that only look,
// because what they see was reported. The clock is asked once for a small
// calendar, else before each remedy.
func (w *work) stage(c *remedy.Case, s remedy.Stage, again bool) error {
	err := w.expired()
	for _, r := range w.course(again)[s] {
		if err != nil {
			return err
		}
		c.Do(r)
		if len(c.Octets) > smallCalendar {
			err = w.expired()
		}
	}
	return err
}

// sync gives a copy of a calendar, as it comes in an attachment beside the
// invitation, the text that the first one got (ct-application-ics): receivers
// that read both must see one meeting.
func (w *work) sync(out *outcome) {
	for _, first := range w.done {
		if first.charset != out.in.header.Charset || !bytes.Equal(first.in, out.in.text) {
			continue
		}
		if !bytes.Equal(first.text, out.text) {
			out.text = first.text
			out.applied = slices.DeleteFunc(slices.Clone(first.applied), func(id string) bool {
				r := w.table.remedy(id)
				return r == nil || r.Stage == remedy.Part
			})
			out.c.SetFindings(slices.DeleteFunc(slices.Clone(first.findings), func(f remedy.Finding) bool {
				return f.Component == "part"
			}))
		}
		return
	}
}

// meeting describes what was treated.
func (w *work) meeting(out outcome) Meeting {
	c := out.c
	m := Meeting{Part: out.in.path, Method: c.Method(), Profile: w.o.Profile, Findings: c.Findings(), Applied: out.applied, Conformance: w.conformance(out)}
	if m.Method == "" {
		m.Method = strings.ToUpper(out.header.Method)
	}
	m.Components, m.text = out.componentsOf(), out.text
	if !out.textChanged() {
		m.text = out.base // in the character set that it was read in
	}
	if items := c.Items(); len(items) > 0 {
		it := items[0]
		m.UID = it.Value("UID")
		m.Sequence, _ = strconv.Atoi(it.Value("SEQUENCE"))
		m.RecurrenceID = it.Value("RECURRENCE-ID")
		m.Organizer = it.Value("ORGANIZER")
		m.Summary = ical.UnescapeText(it.Value("SUMMARY"))
		m.Update = m.Sequence > 0 || m.RecurrenceID != "" || notice.PrefixKind(w.mail.Subject) == notice.Update ||
			notice.PrefixKind(m.Summary) == notice.Update || answered(it)
	}
	return m
}

// answered says whether an attendee other than the organizer has said something
// about a meeting already.
func answered(it *ical.Component) bool {
	host := guard.ReadAddress(it, "ORGANIZER")
	return slices.ContainsFunc(it.Lines("ATTENDEE"), func(l *ical.Line) bool {
		return guard.PlainAddress(l.Value()) != host && (remedy.Answered(l.ParamValue("PARTSTAT")) || l.ParamValue("X-REPLYTIME") != "")
	})
}

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
	path        string
	text        []byte // without the transfer encoding
	header      remedy.PartHeader
	mail        remedy.Mail    // the mail around it
	untouchable untouchable    // what forbids to change it
	known       *remedy.Object // the repaired calendar that was written as text, if any
}

// with is another state of the same calendar, which may be changed.
func (in input) with(text []byte, header remedy.PartHeader) input {
	return input{path: in.path, text: text, header: header, mail: in.mail}
}

// part returns the name of the part for the report.
func (in input) part() string {
	if in.header.Bare {
		return "message"
	}
	return "part " + in.path
}

// outcome is the result of the remedies on one calendar.
type outcome struct {
	in      input
	text    []byte
	header  remedy.PartHeader
	c       *remedy.Object
	base    []byte            // text when it was parsed: after the Octets stage
	order   []*ical.Component // the components at that time
	before  *remedy.Object    // the calendar at that time, see remedy.Object.Keep; nil when it was not changed
	applied []string          // IDs of the remedies that changed something
	stable  input             // what nothing changes any more: text and header, when they are known
	sent    *remedy.Object    // parsed from stable
}

func (o outcome) textChanged() bool { return !bytes.Equal(o.in.text, o.text) }
func (o outcome) changed() bool     { return o.textChanged() || o.in.header != o.header }

// discarded is the outcome without its changes: the findings stay, none of them
// applied.
func (o outcome) discarded() (outcome, error) {
	findings := slices.Clone(o.c.Findings())
	for i := range findings {
		findings[i].Applied = false
	}
	o.text, o.header, o.applied = o.in.text, o.in.header, nil
	o.c = &remedy.Object{Octets: o.base, Part: o.header, Profile: o.c.Profile, Tick: o.c.Tick}
	o.c.SetFindings(findings)
	return o, parse(o.c)
}

// calendar is the result of the passes over one calendar.
type calendar struct {
	outcome
	report   Report // with one meeting, or none
	withheld bool   // there was a repair that is forbidden
	inForm   bool   // it is in the form of Options.Fallback
	repaired []byte // the text as the remedies left it; nil when it is not sent
}

// change returns what it adds to the change of a message, except the edits.
func (c calendar) change() change {
	return change{report: c.report, withheld: c.withheld, inForm: c.inForm, proposal: proposal(c.c)}
}

// copied returns what later copies of a calendar are compared with.
func (c calendar) copied() []copied {
	if c.repaired == nil {
		return nil
	}
	return []copied{{charset: c.in.header.Charset, in: c.in.text, text: c.repaired, applied: c.applied, findings: c.c.Findings()}}
}

// calendar runs the passes over one calendar, each once, in this order. To observe
// is to do the same and discard the result, so that the findings are those of the
// repair. earlier are the calendars of the same message of which it may be a copy.
func (r *repairer) calendar(in input, earlier []copied) (c calendar, err error) {
	defer contain(&err)
	run, err := r.guarded(in)
	c.outcome, c.report.Skipped = run.outcome, run.skipped
	switch {
	case errors.Is(err, ical.ErrLimit):
		c.outcome = outcome{in: in, text: in.text, header: in.header}
		c.report.skip(Skip{in.part(), "too large: " + err.Error()})
		return c, nil
	case err != nil:
		return c, err
	case c.c.Cal == nil && !c.changed():
		c.report.skip(Skip{in.part(), "there is no VCALENDAR"})
		return c, nil
	}
	c.report.Vetoed = run.vetoed
	var skipped []Skip
	var unstable error
	c.outcome, skipped, unstable = r.stabilized(c.outcome)
	c.report.skip(skipped...)
	if u := untouchableCalendar(c.c.Findings()); u.forbids() && c.changed() {
		c.report.skip(Skip{in.part(), u.reason})
		c.outcome, err = c.discarded()
		unstable = nil
	}
	if err == nil {
		c, err = r.allowed(c, earlier)
	}
	if err != nil {
		return c, err
	}
	c.report.Meetings = []Meeting{r.meeting(c.outcome)}
	if unstable != nil {
		return c, unstable
	}
	return r.toForm(c)
}

// allowed is a calendar with its changes, or without them where they are forbidden
// or the caller only observes.
func (r *repairer) allowed(c calendar, earlier []copied) (calendar, error) {
	if !c.in.untouchable.forbids() && r.o.Mode != Observe {
		c.outcome = r.asEarlier(c.outcome, earlier)
		c.repaired = c.text
		return c, nil
	}
	c.withheld = c.in.untouchable.forbids() && c.changed()
	var err error
	c.outcome, err = c.discarded()
	return c, err
}

// asEarlier replaces a copy of a calendar, as in an attachment beside the
// invitation, by the text of the first one (ct-application-ics): receivers that read
// both must see one meeting.
func (r *repairer) asEarlier(out outcome, earlier []copied) outcome {
	for _, first := range earlier {
		if first.charset != out.in.header.Charset || !bytes.Equal(first.in, out.in.text) {
			continue
		}
		if !bytes.Equal(first.text, out.text) {
			out.text = first.text
			out.applied = slices.DeleteFunc(slices.Clone(first.applied), func(id string) bool {
				r := r.table.remedy(id)
				return r == nil || r.Stage == remedy.Part
			})
			out.c.SetFindings(slices.DeleteFunc(slices.Clone(first.findings), func(f remedy.Finding) bool {
				return f.Component == "part"
			}))
		}
		return out
	}
	return out
}

// meeting describes what was repaired.
func (r *repairer) meeting(out outcome) Meeting {
	c := out.c
	m := Meeting{Part: out.in.path, Method: c.Method(), Profile: r.o.Profile, Findings: c.Findings(), Applied: out.applied}
	if r.o.Conformance {
		m.Conformance = conformance(out)
	}
	if m.Method == "" {
		m.Method = strings.ToUpper(out.header.Method)
	}
	m.Components, m.text = out.componentsOf(), out.text
	if !out.textChanged() {
		m.text = out.base // in the character set that it was read in
	}
	if r.o.Keep != nil {
		m.early = out.readEarly(m, *r.o.Keep)
	}
	if items := c.Items(); len(items) > 0 {
		it := items[0]
		m.UID = it.Value("UID")
		m.Sequence, _ = strconv.Atoi(it.Value("SEQUENCE"))
		m.RecurrenceID = it.Value("RECURRENCE-ID")
		m.Organizer = it.Value("ORGANIZER")
		m.Summary = ical.UnescapeText(it.Value("SUMMARY"))
		m.Update = m.Sequence > 0 || m.RecurrenceID != "" || notice.PrefixKind(out.in.mail.Subject) == notice.Update ||
			notice.PrefixKind(m.Summary) == notice.Update || answered(it)
	}
	return m
}

// answered reports whether an attendee other than the organizer has already
// responded.
func answered(it *ical.Component) bool {
	host := guard.ReadAddress(it, "ORGANIZER")
	return slices.ContainsFunc(it.Lines("ATTENDEE"), func(l *ical.Line) bool {
		return guard.PlainAddress(l.Value()) != host && (remedy.Answered(l.ParamValue("PARTSTAT")) || l.ParamValue("X-REPLYTIME") != "")
	})
}

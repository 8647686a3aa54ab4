package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/itip"
)

// valueForm reports the values that have not the form of their type and that
// no remedy has repaired or spoken of.
func valueForm() *Remedy {
	return &Remedy{
		ID:      "value-form",
		Summary: "report values that do not have the form of their type",
		Why:     "One receiver ignores a date, duration, rule or address that cannot be read; another refuses the meeting. Where it may mean several things, the sender has to decide which.",
		Source:  "RFC 5545 §3.2, §3.3, §3.8",
		Never:   true,
		Run: func(c *Object) {
			if inVCalendar1(c) {
				return // whose values have other forms
			}
			for _, m := range malformed(c) {
				if len(c.findings) >= maxFindings {
					return
				}
				_, noDay := noSuchDay(m.Value)
				if m.Level == itip.Info && m.Param == "" || !noDay && reported(c, m) {
					continue
				}
				f := found(Level(m.Level), m.Component, m.Line.Name(), m.Line.Text(), "")
				what := strings.TrimSpace(m.Type.String() + " " + clip(m.Value))
				switch {
				case m.Param == "":
				case m.Param == strings.ToUpper(strings.TrimSpace(m.Value)):
					what = m.Param // that is all there is
				default:
					what = m.Param + "=" + clip(m.Value)
				}
				f.Note = what + " " + m.Text + " (" + m.Source + "): " + advice(m)
				c.Found(f)
			}
		},
	}
}

// reportedFault is a fault of form that another remedy has left alone and spoken
// of.
type reportedFault struct{ component, property, before, word string }

// reported reports whether another remedy has spoken of that fault. What it said once
// holds for one value: a second one, or another fault of the same value, is told.
func reported(c *Object, m itip.Malformed) bool {
	if m.Param != "" || len(c.reports) == 0 {
		return false
	}
	line, value := clip(m.Line.Text()), clip(m.Line.Value())
	i := slices.IndexFunc(c.reports, func(s reportedFault) bool {
		return s.component == m.Component.Name && s.property == m.Line.Name() && strings.Contains(m.Text, s.word) &&
			(s.before == line || s.before == value || s.before != "" && s.before == m.Value)
	})
	if i < 0 {
		return false
	}
	c.reports = slices.Delete(c.reports, i, i+1)
	return true
}

// advice is what to tell the sender of a malformed value.
func advice(m itip.Malformed) string {
	if last, ok := noSuchDay(m.Value); ok {
		return "ask the sender which day is meant; " + last.Format("2 January 2006") + " is the last day of its month; receivers move it to another month or ignore the property"
	}
	switch m.Type {
	case itip.DateTime, itip.Date:
		return "ask the sender to write dates as 20260302 and times as 20260302T090000, with a TZID or with Z for UTC"
	case itip.Duration:
		return "ask the sender to write durations as PT1H30M, P2D or P1W"
	case itip.Period:
		return "ask the sender to write periods as 20260302T090000Z/PT1H"
	case itip.UTCOffset:
		return "ask the sender to write offsets as +0100, with the sign and less than a day"
	case itip.Recur:
		return "ask the sender which occurrences the rule means"
	case itip.CalAddress:
		return "ask the sender for the mail address of this person, as mailto:name@domain"
	case itip.URI:
		return "ask the sender for the whole address, with its scheme"
	case itip.Text:
		return "the text may appear cut or garbled; the sender's program escapes texts incorrectly"
	case itip.Word:
		return "receivers use the default or ignore it; the sender's program writes a value of its own"
	case itip.Binary:
		return "ask the sender to send the file again"
	}
	return "receivers may ignore it or refuse the meeting; inform the sender"
}

package remedy

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// eachRule calls f for the recurrence rules of the calendar, those of time
// zones included.
func eachRule(c *Object, f func(*ical.Component, *ical.Line)) {
	rules := func(comp *ical.Component) {
		for _, it := range comp.Items {
			if it.Prop != nil && (it.Prop.Name() == "RRULE" || it.Prop.Name() == "EXRULE") {
				f(comp, it.Prop)
			}
		}
	}
	each(c.Cal, rules)
	eachObservance(c, func(_, o *ical.Component) { rules(o) })
}

// rewriteRules gives each rule the value that after makes of it.
func rewriteRules(c *Object, level Level, after func(string) string) {
	zones := false
	eachRule(c, func(comp *ical.Component, l *ical.Line) {
		v := after(l.Value())
		if v == l.Value() || !c.Found(found(level, comp, l.Name(), l.Value(), v)) {
			return
		}
		l.SetValue(v)
		zones = zones || comp.Name == "STANDARD" || comp.Name == "DAYLIGHT"
	})
	if zones {
		c.ResetZones()
	}
}

// rruleSpaces takes the blanks out of recurrence rules.
//
// QUIRK(exchange): rrule-spaces, as in BYDAY=MO, TU or BYDAY=2 TU.
func rruleSpaces() *Remedy {
	return &Remedy{
		ID:       "rrule-spaces",
		Summary:  "remove spaces from recurrence rules",
		Why:      "Exchange and Outlook write BYDAY=MO, TU. Parsers fail, or the series becomes a single meeting.",
		Source:   "Zimbra bugs 25169 and 23511; libical, icalrecur.c",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences, // nobody could read the rule before
		Looks:    []string{"RRULE", "EXRULE"},
		Run: func(c *Object) {
			if oldCalendar(c) {
				return // in vCalendar 1.0 blanks part a rule
			}
			rewriteRules(c, Error, func(v string) string {
				if isSolid(v) || strings.IndexFunc(v, unicode.IsSpace) < 0 {
					return v
				}
				return strings.Join(strings.Fields(v), "")
			})
		},
	}
}

// isSolid reports whether a text has nothing but ASCII and no blanks or
// controls.
func isSolid(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// rruleEmpty takes empty parts out of recurrence rules, and empty rules out of
// events.
func rruleEmpty() *Remedy {
	return &Remedy{
		ID:       "rrule-empty",
		Summary:  "remove empty recurrence rules and empty parts of them",
		Why:      "Google and some generators send RRULE: without a rule, or with a semicolon at its end. Parsers refuse the meeting or crash.",
		Source:   "libical, icalrecur_test; cyrus-imapd 5a784e2de7",
		Profiles: []Profile{Standard},
		Looks:    []string{"RRULE", "EXRULE"},
		Run: func(c *Object) {
			rewriteRules(c, Warning, func(v string) string {
				if trimmed := strings.Trim(v, "; "); trimmed == "" {
					return v
				}
				if !strings.Contains(v, ";;") && v[0] != ';' && v[len(v)-1] != ';' {
					return v
				}
				return strings.Join(slices.DeleteFunc(strings.Split(v, ";"), func(s string) bool { return s == "" }), ";")
			})
			each(c.Cal, func(comp *ical.Component) {
				for _, it := range comp.Items {
					if isEmptyRule(it.Prop) {
						c.drop(Warning, comp, isEmptyRule)
						return
					}
				}
			})
		},
	}
}

func isEmptyRule(l *ical.Line) bool {
	return l != nil && (l.Name() == "RRULE" || l.Name() == "EXRULE") && strings.Trim(l.Value(), "; ") == ""
}

// rruleUntilCount drops UNTIL beside COUNT (RFC 5545 §3.3.10 allows one). The
// guard takes it back where UNTIL is what ends the series.
func rruleUntilCount() *Remedy {
	return &Remedy{
		ID:       "rrule-until-count",
		Summary:  "remove UNTIL beside COUNT",
		Why:      "Only one of the two is allowed. Exchange fails to import a rule with both.",
		Source:   "DavMail fixTimezoneToServer; RFC 5545 §3.3.10",
		Profiles: []Profile{Standard},
		Looks:    []string{"RRULE", "EXRULE"},
		Run: func(c *Object) {
			rewriteRules(c, Error, func(v string) string {
				if rulePart(v, "UNTIL") == "" || rulePart(v, "COUNT") == "" {
					return v
				}
				return strings.Join(slices.DeleteFunc(strings.Split(v, ";"), func(s string) bool { return partName(s) == "UNTIL" }), ";")
			})
		},
	}
}

func partName(part string) string {
	name, _, _ := strings.Cut(part, "=")
	return strings.ToUpper(strings.TrimSpace(name))
}

// rruleUntilType gives UNTIL the type that goes with DTSTART: a date with a
// date, the local time of a floating start, UTC with anything else
// (RFC 5545 §3.3.10).
func rruleUntilType() *Remedy {
	return &Remedy{
		ID:       "rrule-until-type",
		Summary:  "give UNTIL the type that DTSTART requires",
		Why:      "The UNTIL of a series that starts at a time must be a time in UTC, and of one that starts on a date a date. Otherwise strict parsers ignore the rule.",
		Source:   "SOGo changelog 3f7fef0; Zimbra ZRecur; RFC 5545 §3.3.10",
		Form:     "UNTIL",
		Profiles: []Profile{Standard},
		Looks:    []string{"RRULE"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				start, ok := c.moment(ev.First("DTSTART"))
				if !ok {
					continue
				}
				for _, it := range ev.Items {
					if l := named(it, "RRULE"); l != nil {
						repairUntil(c, ev, l, start)
					}
				}
			}
		},
	}
}

func repairUntil(c *Object, ev *ical.Component, l *ical.Line, start moment) {
	text := rulePart(l.Value(), "UNTIL")
	until, ok := ical.ParseDateTime(text)
	if !ok || until.Form == untilForm(start) {
		return
	}
	f := found(Error, ev, l.Name(), l.Value(), "")
	end, why := untilLike(c, start, until, endOfDay(l.Value(), start))
	if why != "" {
		c.leave(f, why)
		return
	}
	parts := strings.Split(l.Value(), ";")
	for i, p := range parts {
		if partName(p) == "UNTIL" {
			parts[i] = "UNTIL=" + end.String()
		}
	}
	if f.After = strings.Join(parts, ";"); c.Found(f) {
		l.SetValue(f.After)
	}
}

// untilForm returns the form that UNTIL must have for a start.
func untilForm(start moment) ical.Form {
	if start.Form == ical.Local && start.tzid != "" {
		return ical.UTC
	}
	return start.Form
}

// endOfDay returns the time of day up to which an UNTIL without a time counts:
// that of the start, where no occurrence can be later on its day.
func endOfDay(rule string, start moment) time.Duration {
	switch rulePart(rule, "FREQ") {
	case "DAILY", "WEEKLY", "MONTHLY", "YEARLY":
		if rulePart(rule, "BYHOUR") == "" && rulePart(rule, "BYMINUTE") == "" && rulePart(rule, "BYSECOND") == "" {
			return start.clock()
		}
	}
	return 24*time.Hour - time.Second
}

// untilLike writes UNTIL in the form for a start, or says why that cannot be.
func untilLike(c *Object, start moment, until ical.DateTime, clock time.Duration) (d ical.DateTime, why string) {
	d = until
	d.Form = untilForm(start)
	switch {
	case d.Form == ical.Date:
		m, _ := c.momentOf(until.String(), "")
		day, ok := dayOf(c, m)
		if !ok {
			return d, "the day of UNTIL depends on a zone that is not known"
		}
		d.Wall = day
	case until.Form == ical.Date:
		d.Wall = until.Wall.Add(clock)
	case until.Form == ical.UTC: // and a floating start
		return d, "UNTIL is in UTC, the start has no zone"
	}
	if start.tzid == "" {
		return d, ""
	}
	instant, ok := c.Zones.Instant(ical.DateTime{Wall: d.Wall, Form: ical.Local}, start.tzid)
	if !ok {
		return d, "the zone of DTSTART is not known"
	}
	d.Wall = instant.UTC()
	return d, ""
}

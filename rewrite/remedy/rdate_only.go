package remedy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// rdateOnly writes a list of dates as a rule that has exactly these dates, with
// EXDATE for the ones that it leaves out.
//
// QUIRK(exchange): rdate-only. Its calendar has no place for RDATE.
func rdateOnly() *Remedy {
	return &Remedy{
		ID:       "rdate-only",
		Summary:  "write a series that is a list of dates as a rule with the same dates",
		Why:      "Lotus Notes and GroupWise send a series as a list of dates. Exchange and Outlook cannot store it and show a file named not supported calendar message.ics.",
		Source:   "KB 2643084; Novell TID 7007784",
		Profiles: microsoft(),
		Looks:    []string{"RDATE"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				if ev.Has("RDATE") && !ev.Has("RRULE") && !ev.Has("EXRULE") && !ev.Has("RECURRENCE-ID") {
					ruleFromDates(c, ev)
				}
			}
		},
	}
}

func ruleFromDates(c *Object, ev *ical.Component) {
	l := ev.First("RDATE")
	f := found(Error, ev, "RDATE", l.Text(), "")
	starts, start, why := listedStarts(c, ev)
	if why != "" {
		c.leave(f, why)
		return
	}
	rule, gaps := regular(starts, start.DateTime)
	switch {
	case rule == "":
		c.leave(f, "no rule has these dates; Exchange and Outlook cannot store them, and the organizer has to choose a regular pattern")
		return
	case c.isFor(Exchange2007) && len(gaps) > 1:
		c.leave(f, "a rule with these dates excludes several, and Exchange 2007 keeps only one EXDATE")
		return
	}
	if f.After = rule; !c.Found(f) {
		return
	}
	ev.InsertAfter(l, ical.NewLine("RRULE", rule))
	at := ev.First("RRULE")
	for _, gap := range slices.Backward(gaps) {
		d := ical.DateTime{Wall: gap, Form: start.Form}
		cut := ical.NewLine("EXDATE", d.String())
		write(cut, d, ev.First("DTSTART").ParamValue("TZID"))
		ev.InsertAfter(at, cut)
	}
	ev.RemoveIf(func(l *ical.Line) bool { return l.Name() == "RDATE" })
}

// maxListed bounds the dates of a list that a rule is looked for.
const maxListed = 500

// listedStarts returns the starts of a series that is a list of dates, in order
// and each once, or says why they are no candidates for a rule.
func listedStarts(c *Object, ev *ical.Component) (starts []time.Time, start moment, why string) {
	start, ok := c.moment(ev.First("DTSTART"))
	if !ok || start.Form == ical.Local && !start.known || ev.Has("EXDATE") {
		return nil, start, "it has EXDATE, or a DTSTART in no known zone"
	}
	starts = append(starts, start.Wall)
	for _, l := range ev.Lines("RDATE") {
		for v := range strings.SplitSeq(l.Value(), ",") {
			m, ok := c.momentOf(v, l.ParamValue("TZID"))
			if ok && !m.sameZone(start) && m.known {
				m.DateTime, ok = like(c, start, m.instant)
			}
			if !ok || m.Form != start.Form || len(starts) == maxListed {
				return nil, start, "not all of its dates are starts in the zone of DTSTART"
			}
			starts = append(starts, m.Wall)
		}
	}
	slices.SortFunc(starts, time.Time.Compare)
	starts = slices.CompactFunc(starts, time.Time.Equal)
	for _, t := range starts {
		if h, m, s := t.Clock(); start.clock() != time.Duration(h)*time.Hour+time.Duration(m)*time.Minute+time.Duration(s)*time.Second {
			return nil, start, "the dates have different times of day"
		}
	}
	if !starts[0].Equal(start.Wall) || len(starts) < 2 {
		return nil, start, "DTSTART is not the first of the dates"
	}
	return starts, start, ""
}

// regular finds the rule that has all the starts and the fewest others, and
// returns the others; "" when there is none that leaves out fewer than it keeps.
func regular(starts []time.Time, begin ical.DateTime) (rule string, gaps []time.Time) {
	last := starts[len(starts)-1]
	for _, candidate := range patterns(starts) {
		all, ok := expand(candidate, begin, last)
		if !ok {
			continue
		}
		others, ok := without(all, starts)
		if !ok || len(others) >= len(starts) || rule != "" && len(others) >= len(gaps) {
			continue
		}
		rule, gaps = fmt.Sprintf("%s;COUNT=%d", candidate, len(all)), others
	}
	return rule, gaps
}

// without returns what is in all and not in some; ok is false when not all of
// some is in all. Both are in order.
func without(all, some []time.Time) (others []time.Time, ok bool) {
	for _, t := range all {
		if len(some) > 0 && t.Equal(some[0]) {
			some = some[1:]
		} else {
			others = append(others, t)
		}
	}
	return others, len(some) == 0
}

// patterns are the rules that Outlook can store and that the starts suggest.
func patterns(starts []time.Time) (rules []string) {
	days, weeks, months := 0, 0, 0
	first := starts[0]
	weekdays := []string{byDay(first)}
	sameDay, sameNth, last := true, true, inLastWeek(first)
	for _, t := range starts[1:] {
		days = gcd(days, int(t.Sub(first)/(24*time.Hour)))
		weeks = gcd(weeks, int(monday(t).Sub(monday(first))/(7*24*time.Hour)))
		months = gcd(months, (t.Year()-first.Year())*12+int(t.Month()-first.Month()))
		if !slices.Contains(weekdays, byDay(t)) {
			weekdays = append(weekdays, byDay(t))
		}
		sameDay = sameDay && t.Day() == first.Day()
		sameNth = sameNth && (t.Day()+6)/7 == (first.Day()+6)/7
		last = last && inLastWeek(t)
	}
	if weeks > 0 && weeks <= 99 {
		rules = append(rules, fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=%s;WKST=MO", weeks, strings.Join(weekdays, ",")))
	}
	if months > 0 && months <= 99 {
		monthly := fmt.Sprintf("FREQ=MONTHLY;INTERVAL=%d;", months)
		if sameDay && first.Day() <= 28 {
			rules = append(rules, fmt.Sprintf("%sBYMONTHDAY=%d", monthly, first.Day()))
		}
		if nth := (first.Day() + 6) / 7; len(weekdays) == 1 && sameNth && nth < 5 {
			rules = append(rules, fmt.Sprintf("%sBYDAY=%d%s", monthly, nth, weekdays[0]))
		}
		if len(weekdays) == 1 && last {
			rules = append(rules, monthly+"BYDAY=-1"+weekdays[0])
		}
	}
	if days > 0 && days <= 999 {
		rules = append(rules, fmt.Sprintf("FREQ=DAILY;INTERVAL=%d", days))
	}
	return rules
}

func byDay(t time.Time) string { return strings.ToUpper(t.Weekday().String()[:2]) }

func inLastWeek(t time.Time) bool { return t.AddDate(0, 0, 7).Month() != t.Month() }

// monday returns the Monday of the week at the same time of day.
func monday(t time.Time) time.Time { return t.AddDate(0, 0, -(int(t.Weekday())+6)%7) }

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

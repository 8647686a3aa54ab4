package zone

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// years of law that Generate looks at beyond the span, so that "the fourth
// Sunday" and "the last Sunday" are told apart.
const lawYears = 12

// Generate writes a VTIMEZONE for an IANA zone that is right for every
// instant from one time to another (RFC 5545 §3.6.5), nil for an unknown zone.
// Of a span of more than 100 years it serves the last 100.
//
// Exchange and Outlook want one STANDARD and one DAYLIGHT with a yearly RRULE
// of the form BYDAY=-1SU;BYMONTH=10 and take the first or the last of several;
// so that pair is written wherever it is true for the span, with BYMONTHDAY
// where the law asks for it, and single observances only where the law
// changes within the span. DTSTART is always a real onset, the first of the
// law since 1970: 1601, which Exchange writes, is none, and old receivers do
// not read years before 1970.
//
// Which of the two is DAYLIGHT follows from the offsets, not from what the
// law calls it: Dublin and Casablanca have a winter time that is "negative
// daylight saving", which Outlook cannot express.
func Generate(name string, from, to time.Time) *ical.Component {
	z := load(name)
	if z == nil {
		return nil
	}
	if to.Unix()-from.Unix() > maxSpan {
		from = time.Unix(to.Unix()-maxSpan, 0)
	}
	runs := plan(z, from.UTC().Year(), from.Unix(), to.Unix())
	slices.SortStableFunc(runs, func(a, b *run) int { return cmp.Compare(a.onsets[0], b.onsets[0]) })
	c := ical.NewComponent("VTIMEZONE")
	c.Add(ical.NewLine("TZID", z.name))
	if len(runs) == 0 {
		off := z.offset(from.Unix())
		runs = []*run{{kind: "STANDARD", from: off, to: off, onsets: []int64{0}}}
	}
	for _, r := range runs {
		c.AddChild(r.component())
	}
	return c
}

// plan chooses the observances for a span.
func plan(z *iana, y int, from, to int64) []*run {
	begin := time.Date(y-1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	end := max(to, time.Date(y+lawYears, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	long := z.changes(begin, end)
	need := z.changes(begin, max(to, time.Date(y+1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()))
	if len(need) == 0 {
		return nil
	}
	if p := pair(collect(long, nthForms), from, end); p != nil {
		return z.sinceWhen(p)
	}
	if p := pair(collect(inForce(need, from, to), nthForms), from, to); p != nil {
		return z.sinceWhen(p)
	}
	if p := pair(collect(long, rangeForms), from, end); p != nil {
		return z.sinceWhen(p)
	}
	return z.history(long, begin, from, end)
}

// inForce returns the two changes before a span and those in it.
func inForce(list []change, from, to int64) []change {
	first, last := 0, len(list)
	for i, c := range list {
		if c.at <= from {
			first = max(i-1, 0)
		}
		if c.at > to {
			last = min(last, i)
		}
	}
	return list[first:max(first, last)]
}

// pair returns the runs if they are one STANDARD and one DAYLIGHT with rules
// that are true from one time to another.
func pair(runs []*run, from, to int64) []*run {
	if len(runs) != 2 || runs[0].to == runs[1].to || runs[0].from != runs[1].to || runs[1].from != runs[0].to {
		return nil
	}
	first := runs[0].instant(0)
	if first > from || len(runs[0].forms) == 0 || len(runs[1].forms) == 0 {
		return nil
	}
	for _, r := range runs {
		r.kind = "STANDARD"
		if r.to > r.from {
			r.kind = "DAYLIGHT"
		}
		if r.forever = true; r.next() <= to {
			return nil // the law was given up: nothing came when the rule says
		}
	}
	return runs
}

// history writes every change on its own, with rules where the law stood
// still for some years. What stays for more than a year is standard time.
func (z *iana) history(list []change, begin, from, end int64) []*run {
	runs := collect(list, nthForms)
	for _, r := range runs {
		r.kind = "STANDARD"
		if r.to > r.from {
			r.kind = "DAYLIGHT"
		}
		r.forever = len(r.onsets) > 1 && r.next() > end
	}
	for i, c := range list {
		next := c.at + 2*year
		if i+1 < len(list) {
			next = list[i+1].at
		} else if more := z.changes(c.at, next); len(more) > 0 {
			next = more[0].at
		}
		if r := owner(runs, c); r != nil && len(r.onsets) == 1 && next-c.at > year {
			r.kind = "STANDARD"
		}
	}
	if list[0].at <= from {
		return runs
	}
	// something for the time before the first change: not every receiver
	// knows that its TZOFFSETFROM holds there
	off := z.offset(begin)
	return append([]*run{{kind: "STANDARD", from: off, to: off, onsets: []int64{begin + int64(off)}}}, runs...)
}

const year = 366 * 24 * 3600 // seconds, at least

func owner(runs []*run, c change) *run {
	for _, r := range runs {
		if r.from == c.from && r.to == c.to {
			for i := range r.onsets {
				if r.instant(i) == c.at {
					return r
				}
			}
		}
	}
	return nil
}

// sinceWhen moves the start of a pair back to the first year of its law, but
// not before 1970.
func (z *iana) sinceWhen(p []*run) []*run {
	for at := time.Unix(p[0].instant(0)-1, 0).In(z.loc); ; {
		start, _ := at.ZoneBounds()
		if start.Unix() <= 0 {
			return p
		}
		at = start.Add(-time.Second)
		_, from := at.Zone()
		_, to := start.Zone()
		if from == to {
			continue // the turn of a year, see changes
		}
		c := change{at: start.Unix(), from: from, to: to}
		i := 0
		for i < len(p) && !(p[i].from == from && p[i].to == to && p[i].extends(c, -1)) {
			i++
		}
		if i == len(p) {
			return p
		}
		p[i].onsets = append([]int64{c.at + int64(from)}, p[i].onsets...)
	}
}

func byDay(w time.Weekday) string { return strings.ToUpper(w.String()[:2]) }

package itip

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// outsideRule is what is wrong with a rule that skips its own start.
const outsideRule = "does not have DTSTART among its occurrences"

// rulePart is what one part of a RECUR may be (RFC 5545 §3.3.10).
type rulePart struct {
	min, max int      // of its numbers; a negative number counts from the end
	signed   bool     // numbers may be negative
	list     bool     // several numbers
	not      []string // values of FREQ with which it must not be there
}

var ruleParts = newByName(map[string]*rulePart{
	"INTERVAL":   {min: 1, max: 1 << 30},
	"COUNT":      {min: 1, max: 1 << 30},
	"BYSECOND":   {max: 60, list: true},
	"BYMINUTE":   {max: 59, list: true},
	"BYHOUR":     {max: 23, list: true},
	"BYMONTHDAY": {min: 1, max: 31, signed: true, list: true, not: []string{"WEEKLY"}},
	"BYYEARDAY":  {min: 1, max: 366, signed: true, list: true, not: []string{"DAILY", "WEEKLY", "MONTHLY"}},
	"BYWEEKNO":   {min: 1, max: 53, signed: true, list: true, not: []string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY"}},
	"BYMONTH":    {min: 1, max: 12, list: true},
	"BYSETPOS":   {min: 1, max: 366, signed: true, list: true},
})

// weekNumber is what may stand before a day in BYDAY.
var weekNumber = &rulePart{min: 1, max: 53, signed: true}

var (
	frequencies = []string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
	weekdays    = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
)

// recurrence is a rule in its parts.
type recurrence struct {
	freq  string
	parts []rulePair
	names uint64 // of the parts, as bitOf has them
}

type rulePair struct{ name, value string }

func (r *recurrence) get(name string) string {
	if r.names&bitOf(name) == 0 {
		return ""
	}
	for _, p := range r.parts {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// bitOf returns a bit for a name that is not empty; several share it.
func bitOf(name string) uint64 {
	return 1 << ((7*len(name) + int(name[0]) + 3*int(name[len(name)-1])) & 63)
}

// maxRuleParts bounds the parts of one rule; each may be there once.
const maxRuleParts = 32

// recurForm checks a RECUR, and what it has to have in common with DTSTART.
func (f *former) recurForm(v string) string {
	var room [8]rulePair
	r := recurrence{parts: room[:0]}
	if strings.Count(v, ";") > maxRuleParts {
		return "is not a RECUR: it has too many parts"
	}
	for rest, more := v, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, ";")
		name, value, ok := strings.Cut(part, "=")
		switch {
		case !ok || name == "" || value == "":
			return "is not a RECUR: one of its parts has no name or no value"
		case r.get(name) != "":
			return "is not a RECUR: " + clip(name) + " occurs twice"
		}
		if name == "FREQ" {
			r.freq = value
		}
		r.parts, r.names = append(r.parts, rulePair{name, value}), r.names|bitOf(name)
	}
	if !slices.Contains(frequencies, r.freq) {
		return "is not a RECUR: it has no valid FREQ"
	}
	for _, p := range r.parts {
		if why := r.part(p); why != "" {
			return why
		}
	}
	switch {
	case r.get("COUNT") != "" && r.get("UNTIL") != "":
		return "has COUNT and UNTIL"
	case r.get("BYSETPOS") != "" && !r.hasOther():
		return "has BYSETPOS without another BY part"
	}
	return f.withStart(&r)
}

// hasOther reports whether a BY part other than BYSETPOS is there.
func (r *recurrence) hasOther() bool {
	return slices.ContainsFunc(r.parts, func(p rulePair) bool { return strings.HasPrefix(p.name, "BY") && p.name != "BYSETPOS" })
}

// part checks one part for itself and against FREQ.
func (r *recurrence) part(p rulePair) string {
	switch p.name {
	case "FREQ":
		return ""
	case "UNTIL":
		if _, ok := ical.ParseDateTime(p.value); !ok {
			return "has an UNTIL that is not a date"
		}
		return ""
	case "WKST":
		if !slices.Contains(weekdays, p.value) {
			return "has a WKST that is not a day"
		}
		return ""
	case "BYDAY":
		return r.byDay(p.value)
	}
	spec, known := ruleParts.get(p.name)
	switch {
	case !known && (isExtension(p.name) || p.name == "RSCALE" || p.name == "SKIP"): // RFC 7529
		return ""
	case !known:
		return "has an unknown part: " + clip(p.name)
	case slices.Contains(spec.not, r.freq):
		return "has " + p.name + ", which FREQ=" + r.freq + " must not have"
	case !spec.list && strings.IndexByte(p.value, ',') >= 0:
		return "has more than one " + p.name
	}
	for rest, more := p.value, true; more; {
		var n string
		n, rest, more = strings.Cut(rest, ",")
		if !spec.number(n) && !(p.name == "BYMONTH" && r.get("RSCALE") != "") {
			return "has an invalid value of " + p.name + ": " + clip(n)
		}
	}
	return ""
}

func (s *rulePart) number(v string) bool {
	if s.signed && v != "" && (v[0] == '-' || v[0] == '+') {
		v = v[1:]
	}
	if v == "" || v[0] < '0' || v[0] > '9' {
		return false
	}
	n, err := strconv.Atoi(v)
	return err == nil && n >= s.min && n <= s.max
}

func (r *recurrence) byDay(list string) string {
	for rest, more := list, true; more; {
		var v string
		v, rest, more = strings.Cut(rest, ",")
		if len(v) < 2 || !slices.Contains(weekdays, v[len(v)-2:]) {
			return "has a BYDAY that is not a day: " + clip(v)
		}
		number := v[:len(v)-2]
		switch {
		case number == "":
		case !weekNumber.number(number):
			return "has a BYDAY with an invalid number: " + clip(v)
		case r.freq != "MONTHLY" && r.freq != "YEARLY" || r.freq == "YEARLY" && r.get("BYWEEKNO") != "":
			return "has a number in BYDAY, which FREQ=" + r.freq + " must not have: " + clip(v)
		}
	}
	return ""
}

// withStart checks a rule against DTSTART.
func (f *former) withStart(r *recurrence) string {
	l := f.comp.First("DTSTART")
	if l == nil {
		return ""
	}
	start, ok := ical.ParseDateTime(l.Value())
	if !ok {
		return "" // said of DTSTART
	}
	if until, ok := ical.ParseDateTime(r.get("UNTIL")); ok {
		if why := f.until(until, start, l.ParamValue("TZID") != ""); why != "" {
			return why
		}
	}
	if f.line.Name() == "RRULE" && !isObservance(f.comp.Name) && !r.meets(start.Wall) {
		return outsideRule
	}
	return ""
}

// until checks the type of UNTIL and that it is not before the start. A zone is
// at most a day away from UTC.
func (f *former) until(until, start ical.DateTime, zoned bool) string {
	want := start.Form
	if zoned && want == ical.Local || isObservance(f.comp.Name) {
		want = ical.UTC
	}
	end := until.Wall
	if until.Form == ical.Date && start.Form != ical.Date {
		end = end.Add(24 * time.Hour)
	}
	if until.Form != start.Form {
		end = end.Add(24 * time.Hour)
	}
	switch {
	case end.Before(start.Wall):
		return "has an UNTIL before DTSTART"
	case until.Form != want && !isObservance(f.comp.Name):
		return "has an UNTIL of another type than DTSTART"
	}
	return ""
}

// meets reports whether a date is one of the rule's, as far as its plain parts
// tell: month, day of the month, day of the week.
func (r *recurrence) meets(start time.Time) bool {
	if r.get("RSCALE") != "" || r.get("BYSETPOS") != "" || r.get("BYWEEKNO") != "" || r.get("BYYEARDAY") != "" {
		return true
	}
	if list := r.get("BYMONTH"); list != "" && !inList(list, int(start.Month()), 0) {
		return false
	}
	last := time.Date(start.Year(), start.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if list := r.get("BYMONTHDAY"); list != "" && !inList(list, start.Day(), last) {
		return false
	}
	list := r.get("BYDAY")
	if list == "" {
		return true
	}
	day := weekdays[start.Weekday()]
	for v := range strings.SplitSeq(list, ",") {
		if v[len(v)-2:] != day {
			continue
		}
		if len(v) == 2 {
			return true
		}
		n, err := strconv.Atoi(v[:len(v)-2])
		if err != nil || r.freq != "MONTHLY" && r.get("BYMONTH") == "" {
			return true
		}
		if n == (start.Day()-1)/7+1 || n == -((last-start.Day())/7+1) {
			return true
		}
	}
	return false
}

// inList reports whether a list of numbers has n, or n counted from the end.
func inList(list string, n, last int) bool {
	for v := range strings.SplitSeq(list, ",") {
		if m, err := strconv.Atoi(v); err == nil && (m == n || m < 0 && last > 0 && last+m+1 == n) {
			return true
		}
	}
	return false
}

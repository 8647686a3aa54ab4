package remedy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

var (
	vcalFrequency  = regexp.MustCompile(`^(D|W|MP|MD|YM|YD)([1-9]\d{0,2})$`)
	vcalOccurrence = regexp.MustCompile(`^([1-4])([+-])$`)
	vcalNumber     = regexp.MustCompile(`^(\d{1,3})([+-]?)$`)
)

// vcalDays are the days of a week as time.Weekday counts them.
var vcalDays = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// rule writes a rule of the basic grammar of vCalendar 1.0 (§2.2) as RFC 5545
// §3.3.10 has it.
func (v *vcal) rule(p *vcalPlan, l vcalLine, e vcalTimes) {
	v.known(l)
	if !e.known {
		v.not("it is a series without a start")
		return
	}
	rule, why := v.vcalRule(l.value, e)
	if why != "" {
		v.not("RRULE:" + clip(l.value) + " " + why)
		return
	}
	p.add(ical.NewLine("RRULE", rule))
}

// vcalRule translates a rule or says why that is not exact.
func (v *vcal) vcalRule(text string, e vcalTimes) (rule, why string) {
	words := strings.Fields(strings.ToUpper(text))
	if len(words) < 2 || len(words) > 64 {
		return "", "does not state how often it repeats: programs differ in what that means"
	}
	m := vcalFrequency.FindStringSubmatch(words[0])
	if m == nil {
		return "", "is not a rule of the basic grammar"
	}
	end, why := v.ruleEnd(words[len(words)-1], e)
	if why != "" {
		return "", why
	}
	by, ok := "", false
	start := e.start.Wall // in a zone, times() has seen to it that the days are the same
	switch args := words[1 : len(words)-1]; m[1] {
	case "D":
		by, ok = "FREQ=DAILY", len(args) == 0
	case "W":
		by, ok = vcalWeekly(args, start, m[2] != "1")
	case "MP":
		by, ok = vcalByPosition(args, start)
	case "MD":
		by, ok = vcalByDay(args, start)
	case "YM":
		by, ok = vcalByMonth(args, start)
	case "YD":
		by, ok = vcalByYearDay(args, start)
	}
	if !ok {
		return "", "has parts with several meanings, or a start that is not part of it"
	}
	freq, by, more := strings.Cut(by, ";")
	rule = freq
	if m[2] != "1" {
		rule += ";INTERVAL=" + m[2]
	}
	if rule += end; more {
		rule += ";" + by
	}
	return rule, ""
}

// ruleEnd reads the number of occurrences, #0 for no end, or the last time.
func (v *vcal) ruleEnd(word string, e vcalTimes) (end, why string) {
	if number, ok := strings.CutPrefix(word, "#"); ok {
		n, err := strconv.Atoi(number)
		switch {
		case err != nil || n < 0 || n > 9999:
			return "", "has an invalid number of occurrences"
		case n == 0:
			return "", ""
		}
		return ";COUNT=" + strconv.Itoa(n), ""
	}
	t, ok := ical.ParseDateTime(word)
	if !ok {
		return "", "does not state how often it repeats: programs differ in what that means"
	}
	t, ok = v.zone.utc(t)
	switch {
	case !ok || t.Form != e.start.Form:
		return "", "ends at a time of another type than DTSTART"
	case t.Wall.Before(e.start.Wall):
		return "", "ends before it begins"
	}
	return ";UNTIL=" + t.String(), ""
}

// vcalWeekly needs days of which the first is that of the start. On which day a
// week begins matters where it is not each week and Sunday is one of several.
func vcalWeekly(args []string, start time.Time, skips bool) (by string, ok bool) {
	own := vcalDays[start.Weekday()]
	if len(args) == 0 {
		return "FREQ=WEEKLY;BYDAY=" + own, true
	}
	for _, day := range args {
		if !slices.Contains(vcalDays, day) {
			return "", false
		}
	}
	if !slices.Contains(args, own) || skips && len(args) > 1 && slices.Contains(args, "SU") {
		return "", false
	}
	return "FREQ=WEEKLY;BYDAY=" + strings.Join(args, ","), true
}

// vcalByPosition reads 1+ TU 2- FR: the first Tuesday, the last Friday but one.
func vcalByPosition(args []string, start time.Time) (by string, ok bool) {
	var positions, days []string
	fits, open := false, true
	for _, word := range args {
		if m := vcalOccurrence.FindStringSubmatch(word); m != nil {
			if !open {
				positions, open = nil, true
			}
			positions = append(positions, strings.TrimPrefix(m[2], "+")+m[1])
			continue
		}
		if !slices.Contains(vcalDays, word) || len(positions) == 0 {
			return "", false
		}
		open = false
		for _, n := range positions {
			days = append(days, n+word)
			fits = fits || isNth(start, n, word)
		}
	}
	return "FREQ=MONTHLY;BYDAY=" + strings.Join(days, ","), fits && !open
}

// isNth reports whether a day is the nth of its kind in its month.
func isNth(t time.Time, n, day string) bool {
	at, _ := strconv.Atoi(n)
	if vcalDays[t.Weekday()] != day {
		return false
	}
	if at > 0 {
		return (t.Day()-1)/7+1 == at
	}
	last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return (last-t.Day())/7+1 == -at
}

// vcalByDay reads days of the month, LD and 1- for the last one. Months that lack
// a day are skipped by one program and not by another.
func vcalByDay(args []string, start time.Time) (by string, ok bool) {
	last := time.Date(start.Year(), start.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	fits := false
	if len(args) == 0 {
		args = []string{strconv.Itoa(start.Day())}
	}
	var days []string
	for _, word := range args {
		if word == "LD" {
			word = "1-"
		}
		m := vcalNumber.FindStringSubmatch(word)
		if m == nil {
			return "", false
		}
		n, _ := strconv.Atoi(m[1])
		if n < 1 || n > 28 {
			return "", false
		}
		if m[2] == "-" {
			fits, n = fits || last-n+1 == start.Day(), -n
		} else {
			fits = fits || n == start.Day()
		}
		days = append(days, strconv.Itoa(n))
	}
	return "FREQ=MONTHLY;BYMONTHDAY=" + strings.Join(days, ","), fits
}

// vcalByMonth reads months; the day is that of the start.
func vcalByMonth(args []string, start time.Time) (by string, ok bool) {
	if len(args) == 0 {
		args = []string{strconv.Itoa(int(start.Month()))}
	}
	months, ok := vcalNumbers(args, 12, int(start.Month()))
	return "FREQ=YEARLY;BYMONTH=" + months + ";BYMONTHDAY=" + strconv.Itoa(start.Day()), ok && start.Day() <= 28
}

// vcalByYearDay reads days of the year.
func vcalByYearDay(args []string, start time.Time) (by string, ok bool) {
	days, ok := vcalNumbers(args, 365, start.YearDay())
	return "FREQ=YEARLY;BYYEARDAY=" + days, ok
}

// vcalNumbers reads a list of numbers up to a highest, of which one must be own.
func vcalNumbers(args []string, highest, own int) (list string, ok bool) {
	var out []string
	for _, word := range args {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > highest {
			return "", false
		}
		ok = ok || n == own
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, ","), ok
}

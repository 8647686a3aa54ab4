package remedy

import (
	"strconv"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// rruleLastDay reports series on a day that some of their months lack.
//
// QUIRK(exchange): rrule-last-day. Exchange stores the day and takes the last
// one of a shorter month; by RFC 5545 §3.3.10 there is no occurrence in it.
func rruleLastDay() *Remedy {
	return &Remedy{
		ID:      "rrule-last-day",
		Summary: "report a series on the 29th, 30th or 31st that Exchange moves to the last day of shorter months",
		Why:     "By the standard, a series on the 31st skips the months without one. Exchange and Outlook move the meeting to the last day of such a month: the attendees get occurrences that the organizer does not have.",
		Source:  "MS-OXOCAL §2.2.1.44.1; MS-OXCICAL §2.1.3.2.2.3; RFC 5545 §3.3.10",
		Never:   true,
		Series:  true,
		Looks:   []string{"RRULE"},
		Run: func(c *Object) {
			if !c.isFor(Exchange2003, Exchange2007, Exchange, OutlookMac) {
				return
			}
			eachSeries(c, func(ev *ical.Component, l *ical.Line) {
				start, ok := ical.ParseDateTime(firstOf(ev.Value("DTSTART")))
				if month, lacks := shortMonth(l.Value(), start.Wall); ok && lacks {
					c.leave(found(Warning, ev, l.Name(), l.Value(), ""),
						"by this rule "+month.Format("January 2006")+" has no occurrence, and Exchange moves it to the last day; where that is not meant, the organizer has to choose a day up to the 28th")
				}
			})
		},
	}
}

// maxMonths bounds the months of a series that are looked at: after 28 years
// they repeat, for each interval up to 12 months.
const maxMonths = 12 * 28

// shortMonth returns the first month of a series that lacks its day.
func shortMonth(rule string, start time.Time) (month time.Time, lacks bool) {
	step := 1
	switch rulePart(rule, "FREQ") {
	case "MONTHLY":
	case "YEARLY":
		step = 12
	default:
		return month, false
	}
	if n, err := strconv.Atoi(rulePart(rule, "INTERVAL")); err == nil && n > 1 && n < 1000 {
		step *= n
	}
	day, from := start.Day(), int(start.Month())
	if v := rulePart(rule, "BYMONTHDAY"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return month, false
		}
		day = n
	}
	if n, err := strconv.Atoi(rulePart(rule, "BYMONTH")); err == nil && step%12 == 0 {
		from = n
	}
	if day < 29 || day > 31 || rulePart(rule, "BYDAY") != "" || rulePart(rule, "BYSETPOS") != "" {
		return month, false
	}
	count, err := strconv.Atoi(rulePart(rule, "COUNT"))
	if err != nil {
		count = maxMonths
	}
	end := ruleEnd(rule, start)
	if rulePart(rule, "UNTIL") == "" {
		end = start.AddDate(28, 0, 0)
	}
	for i := 0; i < maxMonths && count > 0; i++ {
		month = time.Date(start.Year(), time.Month(from+i*step), 1, 0, 0, 0, 0, time.UTC)
		if month.After(end) {
			return month, false
		}
		if month.AddDate(0, 1, -1).Day() < day {
			return month, true
		}
		count--
	}
	return month, false
}

package remedy

import (
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// levelFor returns how much a pattern matters that receivers of these profiles
// cannot store: a warning for them, information where the receiver is not known.
func levelFor(c *Object, p ...Profile) (Level, bool) {
	switch {
	case c.isFor(p...):
		return Error, true
	case c.isFor(Standard):
		return Info, true
	}
	return Info, false
}

// eachSeries calls f for the recurrence rules of meetings and tasks.
func eachSeries(c *Object, f func(ev *ical.Component, l *ical.Line)) {
	for _, ev := range c.schedulable() {
		for _, it := range ev.Items {
			if l := named(it, "RRULE"); l != nil {
				f(ev, l)
			}
		}
	}
}

// rruleMAPILimits reports series that Outlook and Exchange cannot store.
func rruleMAPILimits() *Remedy {
	return &Remedy{
		ID:      "rrule-mapi-limits",
		Summary: "report a recurrence rule that Outlook and Exchange cannot store",
		Why:     "Outlook supports daily, weekly, monthly and yearly patterns with one day or one nth weekday. Any other rule arrives as a file named not supported calendar message.ics; single meetings would not be the same series.",
		Source:  "KB 2643084; MS-OXOCAL, recurrence patterns",
		Never:   true,
		Series:  true,
		Looks:   []string{"RRULE", "EXRULE"},
		Run: func(c *Object) {
			level, ok := levelFor(c, Exchange2003, Exchange2007, Exchange, OutlookMac)
			if !ok {
				return
			}
			eachSeries(c, func(ev *ical.Component, l *ical.Line) {
				if why := beyondMAPI(l.Value()); why != "" {
					c.leave(found(level, ev, l.Name(), l.Value(), ""), "Outlook and Exchange cannot store a series that "+why+"; the organizer has to choose another pattern")
				}
			})
			for _, ev := range c.schedulable() {
				if l := ev.First("EXRULE"); l != nil {
					c.leave(found(level, ev, l.Name(), l.Value(), ""), "Outlook and Exchange cannot store a series with a rule of exceptions; the organizer has to choose another pattern")
				}
			}
		},
	}
}

// beyondMAPI returns what of a rule the pattern of MAPI has no room for, "" when
// it has room for all.
func beyondMAPI(rule string) string {
	freq := rulePart(rule, "FREQ")
	limit := 99
	switch freq {
	case "DAILY":
		limit = 999
	case "WEEKLY", "MONTHLY":
	case "YEARLY":
		limit = 8 // it is kept in months, up to 99
	case "HOURLY", "MINUTELY", "SECONDLY":
		return "repeats more than once a day"
	default:
		return ""
	}
	for _, name := range []string{"BYYEARDAY", "BYWEEKNO"} {
		if rulePart(rule, name) != "" {
			return "uses " + name
		}
	}
	if n, err := strconv.Atoi(rulePart(rule, "INTERVAL")); err == nil && n > limit {
		return "has an interval above " + strconv.Itoa(limit)
	}
	for _, name := range []string{"BYMONTHDAY", "BYMONTH", "BYSETPOS", "BYHOUR", "BYMINUTE", "BYSECOND"} {
		if strings.Contains(rulePart(rule, name), ",") && (name != "BYMONTH" || freq != "DAILY") {
			return "has several values of " + name
		}
	}
	if n, err := strconv.Atoi(rulePart(rule, "COUNT")); err == nil && n > maxOccurrences {
		return "has more than " + strconv.Itoa(maxOccurrences) + " occurrences"
	}
	if freq == "MONTHLY" || freq == "YEARLY" {
		return beyondMonth(rule)
	}
	return beyondWeek(rule)
}

// maxOccurrences is how many occurrences Outlook lets a series have that is
// ended by their number.
const maxOccurrences = 999

// beyondWeek returns what the daily and the weekly pattern have no room for
// ([MS-OXCICAL] §2.1.3.2.2.1 and §2.1.3.2.2.2).
func beyondWeek(rule string) string {
	freq, days := rulePart(rule, "FREQ"), rulePart(rule, "BYDAY")
	for _, name := range []string{"BYMONTH", "BYMONTHDAY", "BYSETPOS"} {
		if rulePart(rule, name) != "" {
			return "uses " + name + " with FREQ=" + freq
		}
	}
	switch {
	case strings.ContainsAny(days, "0123456789"):
		return "counts weekdays with FREQ=" + freq
	case freq == "DAILY" && days != "" && (rulePart(rule, "INTERVAL") != "" && rulePart(rule, "INTERVAL") != "1" || !plainDays(days)):
		return "uses BYDAY with FREQ=DAILY"
	}
	return ""
}

// beyondMonth does the same for the days of a month.
func beyondMonth(rule string) string {
	days, monthDay, position := rulePart(rule, "BYDAY"), rulePart(rule, "BYMONTHDAY"), rulePart(rule, "BYSETPOS")
	switch yearly := rulePart(rule, "FREQ") == "YEARLY"; {
	case !yearly && rulePart(rule, "BYMONTH") != "":
		return "uses BYMONTH with FREQ=MONTHLY"
	case yearly && days != "" && rulePart(rule, "BYMONTH") == "":
		return "counts weekdays of a whole year"
	case position != "" && days == "":
		return "uses BYSETPOS without BYDAY"
	}
	if n, err := strconv.Atoi(monthDay); err == nil && (n < -1 || n == -1 && rulePart(rule, "FREQ") == "MONTHLY" && days != "") {
		return "counts days from the end of the month"
	}
	if days == "" {
		return ""
	}
	nth := strings.ContainsAny(days, "0123456789")
	switch {
	case monthDay != "":
		return "needs a weekday on a certain day of the month"
	case nth && strings.Contains(days, ","):
		return "has several nth weekdays"
	case nth:
		position = days[:max(len(days)-2, 0)]
	case position == "":
		return "repeats on every such weekday of a month"
	}
	if n, err := strconv.Atoi(position); err == nil && (n > 4 || n < -1) {
		return "needs the weekday number " + strconv.Itoa(n) + " of a month"
	}
	return ""
}

// yearlyLastDay reports BYMONTHDAY=-1 in a yearly rule.
//
// QUIRK(domino): yearly-last-day. Notes offers the last day of a month once a
// year, the dialog of Outlook does not: it stores the number of a day.
func yearlyLastDay() *Remedy {
	return &Remedy{
		ID:      "yearly-last-day",
		Summary: "report a series on the last day of a month once a year",
		Why:     "Notes can repeat a meeting every year on the last day of a month. Outlook offers no such pattern; some versions show a file instead of the series. The number of the day says the same in every month but February.",
		Source:  "Quest, BTCal user guide",
		Never:   true,
		Series:  true,
		Looks:   []string{"RRULE"},
		Run: func(c *Object) {
			level, ok := levelFor(c, Exchange2003, Exchange2007, Exchange, OutlookMac)
			if !ok {
				return
			}
			eachSeries(c, func(ev *ical.Component, l *ical.Line) {
				if rulePart(l.Value(), "FREQ") == "YEARLY" && rulePart(l.Value(), "BYMONTHDAY") == "-1" {
					c.leave(found(level, ev, l.Name(), l.Value(), ""), yearlyLastAdvice(rulePart(l.Value(), "BYMONTH")))
				}
			})
		},
	}
}

// yearlyLastAdvice returns what the organizer can choose instead. Without BYMONTH
// the rule has an occurrence in every month (RFC 5545 §3.3.10).
func yearlyLastAdvice(months string) string {
	const but = "Outlook offers no pattern for the last day of a month once a year; "
	n, err := strconv.Atoi(months)
	switch {
	case months == "":
		return "this rule repeats at the end of every month; the organizer can say so with FREQ=MONTHLY"
	case err != nil || n < 1 || n > 12:
		return but + "the organizer has to choose one month and a day by its number"
	case n == 2:
		return but + "the organizer has to choose 28 February"
	}
	last := time.Date(2001, time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC)
	return but + "the organizer can choose " + last.Format("2 January") + ", which is the same"
}

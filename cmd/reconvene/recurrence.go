package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// ruleWords describes a recurrence rule (RFC 5545 §3.3.10) in words. Parts that it
// cannot describe are shown as written, so that nothing is omitted silently.
func ruleWords(rule string) string {
	parts := map[string]string{}
	var rest []string
	for _, p := range strings.Split(strings.ToUpper(rule), ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(p), "=")
		value = strings.ReplaceAll(value, " ", "")
		switch name {
		case "FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "COUNT", "UNTIL":
			parts[name] = value
		case "WKST", "": // the start of the week matters to machines only
		default:
			if ok {
				rest = append(rest, name+"="+value)
			} else {
				rest = append(rest, p)
			}
		}
	}
	if parts["FREQ"] == "DAILY" && parts["COUNT"] == "1" && len(parts) == 2 && len(rest) == 0 {
		return "by rule only once" // no rule tells the others: they are listed
	}
	words := []string{frequencyWords(parts["FREQ"], parts["INTERVAL"])}
	if days := parts["BYDAY"]; days != "" {
		words = append(words, dayWords(days, parts["BYSETPOS"]))
	} else if pos := parts["BYSETPOS"]; pos != "" {
		rest = append(rest, "BYSETPOS="+pos)
	}
	if days := parts["BYMONTHDAY"]; days != "" {
		words = append(words, monthDayWords(days))
	}
	if months := parts["BYMONTH"]; months != "" {
		words = append(words, "in "+list(mapValues(months, monthName)))
	}
	if n := parts["COUNT"]; n == "1" {
		words = append(words, "once")
	} else if n != "" {
		words = append(words, n+" times")
	}
	if until := parts["UNTIL"]; until != "" {
		words = append(words, "until "+dateWords(until))
	}
	text := strings.Join(words, " ")
	if len(rest) > 0 {
		text += " (" + strings.Join(rest, ", ") + ")"
	}
	return visible(text)
}

func frequencyWords(freq, interval string) string {
	unit := map[string]string{
		"SECONDLY": "second", "MINUTELY": "minute", "HOURLY": "hour", "DAILY": "day",
		"WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year",
	}[freq]
	if unit == "" {
		return "with FREQ=" + freq
	}
	if n, err := strconv.Atoi(interval); err == nil && n > 1 {
		return fmt.Sprintf("every %d %ss", n, unit)
	}
	return "every " + unit
}

// dayWords reads BYDAY: "MO,WE" or "2TU" or, with BYSETPOS, "the last of MO,TU".
func dayWords(days, setpos string) string {
	names := mapValues(days, func(d string) string {
		code := strings.TrimLeft(d, "+-0123456789")
		n, day := d[:len(d)-len(code)], dayName(code)
		if n == "" {
			return day
		}
		return "the " + ordinal(n) + " " + day
	})
	text := list(names)
	switch {
	case setpos != "" && !strings.Contains(setpos, ","):
		if isWorkdays(days) {
			text = "weekday"
		}
		return "on the " + ordinal(setpos) + " " + text
	case setpos != "":
		return "on " + text + " (BYSETPOS=" + setpos + ")"
	case isWorkdays(days):
		return "from Monday to Friday"
	default:
		return "on " + text
	}
}

func isWorkdays(days string) bool {
	d := strings.Split(days, ",")
	slices.Sort(d)
	return strings.Join(d, ",") == "FR,MO,TH,TU,WE"
}

func monthDayWords(days string) string {
	return "on " + list(mapValues(days, func(d string) string {
		if d == "-1" {
			return "the last day"
		}
		return "day " + d
	}))
}

func dayName(code string) string {
	if n := map[string]string{"MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday", "SU": "Sunday"}[code]; n != "" {
		return n
	}
	return code
}

func monthName(code string) string {
	names := []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	if n, err := strconv.Atoi(code); err == nil && n >= 1 && n <= 12 {
		return names[n-1]
	}
	return code
}

func ordinal(n string) string {
	switch strings.TrimPrefix(n, "+") {
	case "1":
		return "first"
	case "2":
		return "second"
	case "3":
		return "third"
	case "4":
		return "fourth"
	case "5":
		return "fifth"
	case "-1":
		return "last"
	case "-2":
		return "last but one"
	default:
		return n + "."
	}
}

func dateWords(v string) string {
	d, ok := ical.ParseDateTime(v)
	switch {
	case !ok:
		return v
	case d.Form == ical.Date:
		return d.Wall.Format("Mon 2 Jan 2006")
	case d.Form == ical.UTC:
		return d.Wall.Format("Mon 2 Jan 2006 15:04 UTC")
	default:
		return d.Wall.Format("Mon 2 Jan 2006 15:04")
	}
}

func mapValues(s string, f func(string) string) []string {
	values := strings.Split(s, ",")
	for i, v := range values {
		values[i] = f(v)
	}
	return values
}

// list joins names the way people do.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

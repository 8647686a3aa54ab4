package remedy

import (
	"strconv"
	"strings"
)

// rruleSetposToNth writes one weekday and its position as one: BYDAY=TU with
// BYSETPOS=3 is BYDAY=3TU.
func rruleSetposToNth() *Remedy {
	return &Remedy{
		ID:       "rrule-setpos-to-nth",
		Summary:  "write BYDAY=TU;BYSETPOS=3 as BYDAY=3TU",
		Why:      "Outlook and Exchange write the third Tuesday with BYSETPOS, which Google, Notes and others do not support: the meeting takes place every Tuesday or not at all.",
		Source:   "Zimbra bug 59771; RFC 5545 §3.3.10",
		Profiles: []Profile{Google, Apple, Domino},
		Looks:    []string{"RRULE"},
		Run: func(c *Object) {
			rewriteSeries(c, Warning, func(rule string) string {
				day := rulePart(rule, "BYDAY")
				n, err := strconv.Atoi(rulePart(rule, "BYSETPOS"))
				if weekdayOf(day) != day || day == "" || err != nil || n == 0 || n > 5 || n < -5 || !oneMonth(rule, "BYSETPOS") {
					return rule
				}
				return replaceParts(rule, map[string]string{"BYDAY": strconv.Itoa(n) + day, "BYSETPOS": ""})
			})
		},
	}
}

// rruleNthToSetpos is the reverse.
//
// QUIRK(outlook2000): rrule-nth-to-setpos. Nobody else needs it, so it is
// opt-in.
func rruleNthToSetpos() *Remedy {
	return &Remedy{
		ID:       "rrule-nth-to-setpos",
		Summary:  "write BYDAY=3TU as BYDAY=TU;BYSETPOS=3",
		Why:      "Outlook 2000 and 2002 refuse BYDAY=3TU for the third Tuesday.",
		Source:   "Evolution, e-cal-component.c; gromox b72ece2ac",
		Profiles: []Profile{Exchange2003},
		OptIn:    true,
		Looks:    []string{"RRULE"},
		Run: func(c *Object) {
			rewriteSeries(c, Warning, func(rule string) string {
				nth := rulePart(rule, "BYDAY")
				day := weekdayOf(nth)
				n, err := strconv.Atoi(strings.TrimSuffix(nth, day))
				if day == "" || err != nil || n == 0 || n > 4 || n < -1 || !oneMonth(rule, "") {
					return rule
				}
				return replaceParts(rule, map[string]string{"BYDAY": day + ";BYSETPOS=" + strconv.Itoa(n)})
			})
		},
	}
}

// weekdayOf returns the weekday of one BYDAY value, "" for a list.
func weekdayOf(v string) string {
	if len(v) < 2 || strings.ContainsAny(v, ", ") || !strings.Contains("SU MO TU WE TH FR SA", v[len(v)-2:]) {
		return ""
	}
	return v[len(v)-2:]
}

// oneMonth reports whether a rule picks weekdays out of single months and by
// nothing else but the part named.
func oneMonth(rule, but string) bool {
	switch freq, month := rulePart(rule, "FREQ"), rulePart(rule, "BYMONTH"); {
	case freq == "MONTHLY":
	case freq == "YEARLY" && month != "" && !strings.Contains(month, ","):
	default:
		return false
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(rule, ";") {
		name := partName(part)
		if seen[name] {
			return false
		}
		seen[name] = true
		switch name {
		case "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", but:
		default:
			return false
		}
	}
	return true
}

// replaceParts gives parts of a rule another value; "" takes them out.
func replaceParts(rule string, by map[string]string) string {
	var out []string
	for part := range strings.SplitSeq(rule, ";") {
		v, ok := by[partName(part)]
		switch {
		case !ok:
			out = append(out, part)
		case v != "":
			out = append(out, partName(part)+"="+v)
		}
	}
	return strings.Join(out, ";")
}

// rewriteSeries gives each rule of a meeting the value that after makes of it.
// The rules of time zones are not touched.
func rewriteSeries(c *Object, level Level, after func(string) string) {
	for _, ev := range c.schedulable() {
		for _, it := range ev.Items {
			l := named(it, "RRULE")
			if l == nil {
				continue
			}
			if v := after(l.Value()); v != l.Value() && c.Found(found(level, ev, l.Name(), l.Value(), v)) {
				l.SetValue(v)
			}
		}
	}
}

package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// rruleForm writes recurrence rules as RFC 5545 §3.3.10 has them, where what is
// written can mean one rule only.
func rruleForm() *Remedy {
	return &Remedy{
		ID:       "rrule-form",
		Summary:  "write recurrence rules in the form of RFC 5545",
		Why:      "Add-ins write BYDAY=0MO in weekly rules or parts in lower case. Parsers refuse the rule, and the series becomes a single meeting.",
		Source:   "aluxnimm/outlookcaldavsynchronizer#16; RFC 5545 §3.3.10",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences, // nobody could read the rule before
		Looks:    []string{"RRULE", "EXRULE"},
		Run: func(c *Object) {
			reformValues(c, Error, func(m itip.Malformed) string { return settledRule(m.Line.Value()) }, itip.Recur)
		},
	}
}

// settledRule is exactRule of a rule, or the rule as it is where a second time
// would change it again: such a rule was not understood.
func settledRule(v string) string {
	rule := exactRule(v)
	if exactRule(rule) != rule {
		return v
	}
	return rule
}

// exactRule writes a rule in capital letters, each part once, days as two
// letters, and leaves out what says nothing: the number of a day where there is
// one of them, a BYSETPOS of the only one.
func exactRule(v string) string {
	if len(v) > 2000 || strings.ContainsFunc(v, notInRule) {
		return v
	}
	rule := strings.ToUpper(strings.TrimSpace(v))
	for _, prefix := range [...]string{"RRULE:", "RRULE=", "EXRULE:"} {
		rule = strings.TrimPrefix(rule, prefix)
	}
	freq := rulePart(rule, "FREQ")
	var parts []string
	for p := range strings.SplitSeq(rule, ";") {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			return v
		}
		switch name = strings.TrimSpace(name); name {
		case "":
			return v
		case "BYDAY", "WKST":
			value = exactDays(value, freq)
		case "INTERVAL", "COUNT":
			value = strings.TrimPrefix(strings.TrimSpace(value), "+")
		case "UNTIL":
			if _, ok := ical.ParseDateTime(value); !ok {
				return v // nobody knows when it ends
			}
		default:
			value = strings.Trim(value, ", ")
		}
		if p = name + "=" + value; !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	if set := rulePart(rule, "BYSETPOS"); (set == "1" || set == "+1" || set == "-1") && strings.Count(rule, "BY") == 1 {
		parts = slices.DeleteFunc(parts, func(p string) bool { return partName(p) == "BYSETPOS" })
	}
	return strings.Join(parts, ";")
}

// notInRule reports whether no way to write a rule has that character.
func notInRule(r rune) bool { return r < ' ' || r > '~' || r == '\\' }

var dayNames = map[string]string{
	"SUN": "SU", "MON": "MO", "TUE": "TU", "WED": "WE", "THU": "TH", "FRI": "FR", "SAT": "SA",
	"SUNDAY": "SU", "MONDAY": "MO", "TUESDAY": "TU", "WEDNESDAY": "WE", "THURSDAY": "TH", "FRIDAY": "FR", "SATURDAY": "SA",
}

// exactDays writes a list of days. A number is left out where every week has one
// such day and the number says no more: 0, and the first or last of a week.
func exactDays(list, freq string) string {
	var out []string
	for v := range strings.SplitSeq(list, ",") {
		v = strings.TrimSpace(v)
		day := strings.TrimLeft(v, "+-0123456789")
		number := strings.TrimPrefix(v[:len(v)-len(day)], "+")
		if short, ok := dayNames[day]; ok {
			day = short
		}
		switch {
		case v == "":
			continue
		case day == "":
			number = v // nobody knows which day is meant
		case freq == "WEEKLY" && (number == "1" || number == "-1"), (freq == "WEEKLY" || freq == "DAILY") && strings.Trim(number, "-0") == "":
			number = ""
		}
		out = append(out, number+day)
	}
	return strings.Join(out, ",")
}

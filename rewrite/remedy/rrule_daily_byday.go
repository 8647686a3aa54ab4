package remedy

import "strings"

// rruleDailyByday writes a daily rule on some weekdays as the weekly rule with
// the same days. With an interval of one day the two are the same series, COUNT
// and UNTIL included (RFC 5545 §3.3.10: BYDAY limits one and expands the other).
func rruleDailyByday() *Remedy {
	return &Remedy{
		ID:       "rrule-daily-byday",
		Summary:  "write FREQ=DAILY;BYDAY=MO,TU as FREQ=WEEKLY;BYDAY=MO,TU",
		Why:      "The daily pattern of Outlook and Exchange has no weekdays: they refuse the rule, or the meeting takes place every day. They can store a weekly rule with the same days.",
		Source:   "MS-OXCICAL §2.1.3.2.2.1 and §2.1.3.2.2.2; gromox, oxcical.cpp; RFC 5545 §3.3.10",
		Profiles: append(microsoft(), OutlookMac),
		Looks:    []string{"RRULE"},
		Run: func(c *Object) {
			rewriteSeries(c, Error, func(rule string) string {
				if rulePart(rule, "FREQ") != "DAILY" || !plainDays(rulePart(rule, "BYDAY")) {
					return rule
				}
				if n := rulePart(rule, "INTERVAL"); n != "" && n != "1" {
					return rule
				}
				seen := map[string]bool{}
				for part := range strings.SplitSeq(rule, ";") {
					name := partName(part)
					switch name {
					case "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY":
					default:
						return rule
					}
					if seen[name] {
						return rule
					}
					seen[name] = true
				}
				return replaceParts(rule, map[string]string{"FREQ": "WEEKLY"})
			})
		},
	}
}

// plainDays reports whether a BYDAY is a list of weekdays without numbers.
func plainDays(list string) bool {
	for v := range strings.SplitSeq(list, ",") {
		if weekdayOf(v) != v || v == "" {
			return false
		}
	}
	return true
}

package remedy

// rruleDayOrLast writes a day of the month, or the last one of shorter months,
// as Exchange does: BYMONTHDAY=30. By RFC 5545 §3.3.10 that rule leaves February
// out; Exchange and Outlook take its last day.
//
// QUIRK(exchange): rrule-day-or-last.
func rruleDayOrLast() *Remedy {
	return &Remedy{
		ID:       "rrule-day-or-last",
		Summary:  "write BYMONTHDAY=28,29,30;BYSETPOS=-1 as BYMONTHDAY=30",
		Why:      "A series of Outlook on the 30th takes place on the last day of February. Other programs support that only as the last of several days. Exchange refuses such a rule, and does the same with the day alone.",
		Source:   "MS-OXCICAL §2.1.3.2.2.3; MS-OXOCAL §2.2.1.44.1; RFC 5545 §3.3.10",
		Profiles: microsoft(),
		Facets:   FacetOccurrences, // for everybody but Exchange
		Looks:    []string{"RRULE"},
		Run: func(c *Object) {
			rewriteSeries(c, Error, func(rule string) string {
				if rulePart(rule, "FREQ") != "MONTHLY" || rulePart(rule, "BYSETPOS") != "-1" || rulePart(rule, "BYDAY") != "" || rulePart(rule, "BYMONTH") != "" {
					return rule
				}
				day := map[string]string{"28,29": "29", "28,29,30": "30", "28,29,30,31": "-1"}[rulePart(rule, "BYMONTHDAY")]
				if day == "" {
					return rule
				}
				return replaceParts(rule, map[string]string{"BYMONTHDAY": day, "BYSETPOS": ""})
			})
		},
	}
}

package remedy

// cancelRRule takes the rule of the series out of the cancellation of one
// occurrence.
func cancelRRule() *Remedy {
	return &Remedy{
		ID:       "cancel-rrule",
		Summary:  "remove RRULE, RDATE and EXDATE from the cancellation of one occurrence",
		Why:      "Some generators copy the rule of the series into the cancellation of a single date. Receivers that see the rule delete the whole series.",
		Source:   "RFC 5546 §3.2.5; KB 2502276 for the reverse case",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences,
		Looks:    []string{"METHOD:CANCEL RECURRENCE-ID"},
		Run: func(c *Object) {
			if c.Method() != "CANCEL" {
				return
			}
			for _, ev := range c.schedulable() {
				if id := ev.First("RECURRENCE-ID"); id == nil || id.ParamValue("RANGE") != "" {
					continue // with RANGE it is more than one occurrence
				}
				c.drop(Error, ev, isRecurrence)
			}
		},
	}
}

package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// exceptionRRule takes the rule of the series out of an exception, which is one
// occurrence (RFC 5545 §3.8.4.4): what cancel-rrule does in a cancellation. With
// RANGE it is more than one, and stays.
func exceptionRRule() *Remedy {
	return &Remedy{
		ID:       "exception-rrule",
		Summary:  "remove RRULE, RDATE and EXDATE from the change of one occurrence",
		Why:      "Some generators copy the rule of the series into the change of a single date. DAVx5, Android and others create a second series from it.",
		Source:   "bitfireAT/ical4android issue 135; tine20 issue 2121; RFC 5545 §3.8.4.4",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences,
		Looks:    []string{"RECURRENCE-ID RRULE", "RECURRENCE-ID RDATE", "RECURRENCE-ID EXDATE", "RECURRENCE-ID EXRULE"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				if id := ev.First("RECURRENCE-ID"); id == nil || id.ParamValue("RANGE") != "" {
					continue
				}
				c.drop(Error, ev, isRecurrence)
			}
		},
	}
}

// isRecurrence reports whether a property describes more than one occurrence.
func isRecurrence(l *ical.Line) bool {
	switch l.Name() {
	case "RRULE", "RDATE", "EXDATE", "EXRULE":
		return true
	}
	return false
}

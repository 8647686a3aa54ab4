package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// cdoInsttype drops X-MICROSOFT-CDO-INSTTYPE where it is wrong: 0 (a single
// meeting) or 1 (a series) on an occurrence, 0 on a series. 2 and 3 (an
// occurrence) stay also where RECURRENCE-ID is missing: they are what shows it.
func cdoInsttype() *Remedy {
	return &Remedy{
		ID:       "cdo-insttype",
		Summary:  "remove X-MICROSOFT-CDO-INSTTYPE where it contradicts RECURRENCE-ID or RRULE",
		Why:      "Exchange states in a property of its own whether it sends a meeting, a series or an occurrence. Where that contradicts the standard properties, Exchange and other programs read two different things.",
		Source:   "Evolution's notes on X-MICROSOFT-CDO properties; MS-OXCICAL",
		Profiles: []Profile{Standard},
		Looks:    []string{"X-MICROSOFT-CDO-INSTTYPE"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				occurrence, series := ev.Has("RECURRENCE-ID"), ev.Has("RRULE") || ev.Has("RDATE")
				c.drop(Info, ev, func(l *ical.Line) bool {
					if l.Name() != "X-MICROSOFT-CDO-INSTTYPE" {
						return false
					}
					v := strings.TrimSpace(l.Value())
					return v == "0" && (occurrence || series) || v == "1" && occurrence
				})
			}
		},
	}
}

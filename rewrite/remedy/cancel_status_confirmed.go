package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// cancelStatusConfirmed makes the STATUS of a cancellation agree with its
// METHOD. See cancelStatus for when.
func cancelStatusConfirmed() *Remedy {
	return &Remedy{
		ID:       "cancel-status-confirmed",
		Summary:  "set STATUS to CANCELLED in a cancellation that goes to every attendee",
		Why:      "Outlook and generators cancel a meeting with STATUS:CONFIRMED. Calendars that read STATUS show it as still taking place.",
		Source:   "GAS-ICS-Sync#218; RFC 5546 §3.2.5 allows no other STATUS",
		Profiles: []Profile{Standard},
		Facets:   FacetStatus,
		Looks:    []string{"METHOD:CANCEL STATUS"},
		Run: func(c *Object) {
			cancelStatus(c, func(l *ical.Line) bool {
				if l == nil {
					return false
				}
				v := strings.TrimSpace(l.Value())
				return v != "" && !strings.EqualFold(v, "CANCELLED")
			})
		},
	}
}

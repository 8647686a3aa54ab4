package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// cancelStatusMissing adds STATUS:CANCELLED to the cancellation of a meeting
// or of an occurrence. See cancelStatus for when.
func cancelStatusMissing() *Remedy {
	return &Remedy{
		ID:       "cancel-status-missing",
		Summary:  "add STATUS:CANCELLED to a cancellation that goes to every attendee",
		Why:      "Thunderbird and others do not mark a meeting as cancelled without STATUS, and a cancellation opened as a file looks like a valid meeting.",
		Source:   "nextcloud/server#43802; RFC 5546 §3.2.5",
		Profiles: []Profile{Standard},
		Facets:   FacetStatus,
		Looks:    []string{"METHOD:CANCEL"},
		Run: func(c *Object) {
			cancelStatus(c, func(l *ical.Line) bool { return l == nil || strings.TrimSpace(l.Value()) == "" })
		},
	}
}

package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// xLotusStale takes Notes' counters out of what others send to Domino.
//
// QUIRK(domino): x-lotus-stale. Notes believes them whoever wrote them.
func xLotusStale() *Remedy {
	return &Remedy{
		ID:       "x-lotus-stale",
		Summary:  "remove Notes' counters from messages of other systems to Domino",
		Why:      "Other systems copy X-LOTUS-UPDATE-SEQ, -WISL and -NOTICETYPE from the original back to Notes. Notes trusts the outdated counters and ignores or misfiles the update.",
		Source:   "HCL C API, CAL_READ_INCLUDE_X_LOTUS (domino-jna CalendarRead); ical4j user guide, cuas.md",
		Profiles: []Profile{Domino},
		Looks:    []string{"X-LOTUS-*"},
		Run: func(c *Object) {
			if c.Cal == nil || byLotus(c) {
				return
			}
			dropEverywhere(c, Warning, func(l *ical.Line) bool {
				switch l.Name() {
				case "X-LOTUS-UPDATE-SEQ", "X-LOTUS-UPDATE-WISL", "X-LOTUS-NOTICETYPE":
					return true
				}
				return false
			})
		},
	}
}

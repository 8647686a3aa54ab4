package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// seqLotus takes Notes' own properties out of what Exchange sends to Domino.
//
// QUIRK(domino): seq-lotus. Notes counts revisions in X-LOTUS-UPDATE-SEQ and
// lets it win over SEQUENCE. Exchange keeps the value of the invitation that it
// once imported and sends it back unchanged.
func seqLotus() *Remedy {
	return &Remedy{
		ID:       "seq-lotus",
		Summary:  "drop X-LOTUS properties from what Exchange sends to Domino",
		Why:      "Notes believes its own revision counter X-LOTUS-UPDATE-SEQ more than SEQUENCE. Exchange echoes an old value, so that Notes takes an update for one that it has already seen.",
		Source:   "HCL C API, CAL_READ_INCLUDE_X_LOTUS; Zimbra DAV test with a Notes invitation",
		Profiles: []Profile{Domino},
		Looks:    []string{"X-LOTUS-*"},
		Run: func(c *Case) {
			if !c.Microsoft() {
				return // for others see x-lotus-stale
			}
			each(c.Cal, func(comp *ical.Component) {
				c.drop(Warning, comp, func(l *ical.Line) bool { return strings.HasPrefix(l.Name(), "X-LOTUS-") })
			})
		},
	}
}

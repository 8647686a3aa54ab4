package remedy

import (
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// seqLotus takes Notes' own properties out of what Exchange sends to Domino,
// and gives what Notes sends to our Exchange the revision that Notes counts.
//
// QUIRK(domino): seq-lotus. Notes counts revisions in X-LOTUS-UPDATE-SEQ, from
// 1 on, and lets it win over SEQUENCE. Exchange keeps the value of the
// invitation that it once imported and sends it back unchanged.
func seqLotus() *Remedy {
	return &Remedy{
		ID:       "seq-lotus",
		Summary:  "remove X-LOTUS properties from messages of Exchange to Domino; inbound, raise SEQUENCE to the counter of Notes",
		Why:      "Notes trusts its own revision counter X-LOTUS-UPDATE-SEQ more than SEQUENCE. Exchange returns an old value, and Notes treats the update as one that it already has. Notes also leaves SEQUENCE:0 on its own updates, which Exchange treats as outdated.",
		Source:   "HCL C API, CAL_READ_INCLUDE_X_LOTUS; Zimbra DAV test with a Notes invitation",
		Profiles: []Profile{Domino},
		Own:      microsoft(),
		Facets:   FacetSequence,
		Looks:    []string{"X-LOTUS-*"},
		Run: func(c *Object) {
			switch {
			case c.Direction == Inbound:
				raiseToLotus(c)
			case c.fromMicrosoft(): // for others see x-lotus-stale
				each(c.Cal, func(comp *ical.Component) {
					c.drop(Warning, comp, func(l *ical.Line) bool { return strings.HasPrefix(l.Name(), "X-LOTUS-") })
				})
			}
		},
	}
}

// raiseToLotus works on what a Notes organizer sends. An answer has the
// organizer's SEQUENCE, and a copy of the property says nothing.
func raiseToLotus(c *Object) {
	if c.Cal == nil || !byLotus(c) || !c.fromOrganizer() {
		return
	}
	for _, ev := range c.schedulable() {
		n, err := strconv.ParseUint(strings.TrimSpace(ev.Value("X-LOTUS-UPDATE-SEQ")), 10, 31)
		if err != nil || n < 2 {
			continue
		}
		have := uint64(0)
		if seq := ev.First("SEQUENCE"); seq != nil {
			if have, err = strconv.ParseUint(seq.Value(), 10, 31); err != nil {
				continue
			}
		}
		if n-1 <= have {
			continue
		}
		after := strconv.FormatUint(n-1, 10)
		if c.Found(found(Error, ev, "SEQUENCE", ev.Value("SEQUENCE"), after)) {
			setOrAdd(ev, "SEQUENCE", after)
		}
	}
}

package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// cdoOwnerCriticalChange tells Exchange 2003 when the organizer last changed
// the meeting: DTSTAMP, which it otherwise takes in its place. So nothing is
// wrong with an invitation that lacks it, and nothing is said of one unless the
// repair is enabled.
func cdoOwnerCriticalChange() *Remedy {
	const owner = "X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE"
	return &Remedy{
		ID:       "cdo-owner-critical-change",
		Summary:  "add " + owner + " from DTSTAMP to an invitation for Exchange 2003",
		Why:      "Exchange 2003 compares this property to decide which of two invitations with the same revision is newer, and uses DTSTAMP if it is missing. Enable this if Exchange treats updates from outside as outdated.",
		Source:   "Kopano libicalmapi, vconverter; MS-OXCICAL 574496e5",
		Profiles: []Profile{Exchange2003},
		Way:      OnlyIn,
		OptIn:    true,
		Looks:    []string{"METHOD:REQUEST DTSTAMP"},
		Run: func(c *Object) {
			if c.Direction != Inbound || c.Method() != "REQUEST" || !c.Allow(c.current) {
				return
			}
			for _, ev := range c.Events() {
				l := ev.First("DTSTAMP")
				if l == nil || ev.Has(owner) || !soundStamp(c, l) {
					continue
				}
				after := strings.TrimSpace(l.Value())
				if c.Found(found(Info, ev, owner, "", after)) {
					ev.Add(ical.NewLine(owner, after))
				}
			}
		},
	}
}

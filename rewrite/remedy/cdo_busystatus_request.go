package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// cdoBusystatusRequest shows the time of an invitation as tentative until it
// has been answered, and keeps what the organizer wants it to become.
//
// QUIRK(exchange2007): cdo-busystatus-request.
func cdoBusystatusRequest() *Remedy {
	const busy, intended = "X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS"
	return &Remedy{
		ID:       "cdo-busystatus-request",
		Summary:  "make " + busy + " of an invitation TENTATIVE, and keep BUSY as " + intended,
		Why:      "Exchange 2003 and Notes gateways write BUSY into the invitation. Exchange 2007 with Outlook 2003 copies that and shows the time as busy before the attendee has responded.",
		Source:   "KB 955480",
		Profiles: []Profile{Exchange2007},
		Way:      OnlyIn,
		Looks:    []string{"METHOD:REQUEST X-MICROSOFT-CDO-BUSYSTATUS"},
		Run: func(c *Object) {
			if c.Direction != Inbound || c.Method() != "REQUEST" {
				return // for our own Exchange only: inspect says nothing of it
			}
			for _, ev := range c.Events() {
				l := ev.First(busy)
				if l == nil || !isWord(l.Value(), "BUSY") || !c.Found(found(Warning, ev, busy, l.Value(), "TENTATIVE")) {
					continue
				}
				if !ev.Has(intended) {
					ev.InsertAfter(l, ical.NewLine(intended, "BUSY"))
				}
				l.SetValue("TENTATIVE")
			}
		},
	}
}

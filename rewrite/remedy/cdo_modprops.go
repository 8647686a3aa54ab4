package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// cdoModprops drops Exchange's list of changed properties wherever it stands.
func cdoModprops() *Remedy {
	return &Remedy{
		ID:       "cdo-modprops",
		Summary:  "remove X-MICROSOFT-CDO-MODPROPS",
		Why:      "Exchange 2000 and 2003 list here what differs from the series. No other program reads it, and a crafted one can compromise an Exchange 2000 or 2003 server without the update MS06-019.",
		Source:   "MS06-019; Metasploit ms06_019_exchange; ximian-connector docs/icalendar",
		Profiles: []Profile{Standard},
		Looks:    []string{"X-MICROSOFT-CDO-MODPROPS"},
		Run: func(c *Object) {
			level := Warning
			if c.Direction == Inbound {
				level = Error // it may be an attack on our own server
			}
			dropEverywhere(c, level, func(l *ical.Line) bool { return l.Name() == "X-MICROSOFT-CDO-MODPROPS" })
		},
	}
}

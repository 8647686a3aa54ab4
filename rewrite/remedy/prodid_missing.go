package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// ProdID is our PRODID for a calendar that has none. It never replaces another one:
// receivers use it to recognise the sender's program.
const ProdID = "-//Reconvene//Reconvene//EN"

// prodidMissing adds PRODID.
func prodidMissing() *Remedy {
	return &Remedy{
		ID:       "prodid-missing",
		Summary:  "add PRODID where there is none",
		Why:      "Exchange and strict libraries require the name of the program that wrote a calendar.",
		Source:   "RFC 5545 §3.7.3; MS-STANXICAL; Zimbra c56def2885",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			if c.Cal == nil || strings.TrimSpace(c.Cal.Value("PRODID")) != "" {
				return
			}
			if !c.Found(found(Warning, c.Cal, "PRODID", "", ProdID)) {
				return
			}
			if l := c.Cal.First("PRODID"); l != nil {
				l.SetValue(ProdID)
			} else if v := c.Cal.First("VERSION"); v != nil {
				c.Cal.InsertAfter(v, ical.NewLine("PRODID", ProdID))
			} else {
				c.Cal.AddFirst(ical.NewLine("PRODID", ProdID))
			}
		},
	}
}

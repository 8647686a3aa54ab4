package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

const cdoReplytime = "X-MICROSOFT-CDO-REPLYTIME"

// cdoReplytime1601 drops Exchange's note that nobody has answered yet.
//
// QUIRK(exchange2003): cdo-replytime-1601. It is the sign of KB 938650 on the
// wire.
func cdoReplytime1601() *Remedy {
	return &Remedy{
		ID:       "cdo-replytime-1601",
		Summary:  "drop " + cdoReplytime + " of the year 1601",
		Why:      "Exchange 2003 writes 1 January 1601 for \"not answered\" into every meeting. Date libraries fail on it, and it is the date that blocks updates according to KB 938650.",
		Source:   "KB 938650; MS-OXCICAL 574496e5; DavMail test data",
		Profiles: []Profile{Standard},
		Looks:    []string{"X-MICROSOFT-CDO-REPLYTIME"},
		Run: func(c *Case) {
			for _, ev := range c.schedulable() {
				c.drop(Warning, ev, func(l *ical.Line) bool { return l.Name() == cdoReplytime && in1601(l.Value()) })
			}
		},
	}
}

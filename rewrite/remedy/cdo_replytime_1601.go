package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

const cdoReplytime = "X-MICROSOFT-CDO-REPLYTIME"

// cdoReplytime1601 drops Exchange's note that nobody has answered yet. In an
// answer on its way to Exchange 2003 the property gets the time of the answer
// instead, also when it is empty or cannot be read: Exchange keeps it.
//
// QUIRK(exchange2003): cdo-replytime-1601. It is the sign of KB 938650 on the
// wire.
func cdoReplytime1601() *Remedy {
	return &Remedy{
		ID:       "cdo-replytime-1601",
		Summary:  "remove " + cdoReplytime + " of the year 1601; in a response on its way to Exchange 2003, write when it was given",
		Why:      `Exchange 2003 writes 1 January 1601 for "not answered" into every meeting. Date libraries fail on it, and according to KB 938650 this date blocks updates.`,
		Source:   "KB 938650; MS-OXCICAL 574496e5; DavMail test data and a1ffce0d",
		Profiles: []Profile{Standard},
		Looks:    []string{"X-MICROSOFT-CDO-REPLYTIME"},
		Run: func(c *Object) {
			if c.Direction == Inbound && c.isFor(Exchange2003) && isAnswer(c) {
				repairReplytime(c)
				return
			}
			for _, ev := range c.schedulable() {
				c.drop(Warning, ev, func(l *ical.Line) bool { return l.Name() == cdoReplytime && in1601(l.Value()) })
			}
		},
	}
}

func repairReplytime(c *Object) {
	for _, ev := range c.schedulable() {
		for _, l := range ev.Lines(cdoReplytime) {
			_, ok := ical.ParseDateTime(strings.TrimSpace(l.Value()))
			if ok && !in1601(strings.TrimSpace(l.Value())) {
				continue
			}
			after := answered(c, ev)
			if k := ev.First(criticalChange); k != nil && soundStamp(c, k) {
				after = strings.TrimSpace(k.Value())
			}
			if c.Found(found(Warning, ev, cdoReplytime, l.Value(), after)) {
				l.SetValue(after)
			}
		}
	}
}

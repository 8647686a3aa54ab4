package remedy

import (
	"github.com/reconvene/reconvene/rewrite/ical"
)

// orgIsAttendee takes the organizer off the list of attendees, unless nobody
// else is on it.
//
// QUIRK(sabre): org-is-attendee.
func orgIsAttendee() *Remedy {
	return &Remedy{
		ID:       "org-is-attendee",
		Summary:  "remove the ATTENDEE that is the organizer",
		Why:      "Apple and Google list the organizer among the attendees. SOGo then shows the organizer twice.",
		Source:   "SOGo da32b3f86",
		Profiles: []Profile{Sabre},
		Facets:   FacetAttendees,
		Looks:    []string{"METHOD:REQUEST ORGANIZER ATTENDEE", "METHOD:CANCEL ORGANIZER ATTENDEE"},
		Run: func(c *Object) {
			if m := c.Method(); m != "REQUEST" && m != "CANCEL" {
				return
			}
			for _, ev := range c.schedulable() {
				if !isMailto(ev.Value("ORGANIZER")) {
					continue
				}
				organizer := plainMailbox(ev.Value("ORGANIZER"))
				own := func(l *ical.Line) bool {
					return l.Name() == "ATTENDEE" && isMailto(l.Value()) && sameMailbox(l.Value(), organizer)
				}
				others := false
				for _, it := range ev.Items {
					others = others || it.Prop != nil && it.Prop.Name() == "ATTENDEE" && !own(it.Prop)
				}
				if others {
					c.drop(Info, ev, own)
				}
			}
		},
	}
}

package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// ghostVevent takes out a VEVENT that says nothing but the UID of another one.
//
// QUIRK(exchange2010): ghost-vevent. A cancellation may carry such a second
// VEVENT. One that says more (an ORGANIZER, a STATUS) may be the legitimate
// cancellation of the series, which needs no DTSTART (RFC 5546 §3.2.5), and is
// left alone.
func ghostVevent() *Remedy {
	return &Remedy{
		ID:       "ghost-vevent",
		Summary:  "remove a VEVENT that repeats the UID of another one and adds nothing",
		Why:      "Exchange 2010 adds an empty second event to a cancellation. Calendar libraries crash on it or create a meeting on 1 January 1970.",
		Source:   "libcalendaring tests, dummy-dupe.ics",
		Profiles: []Profile{Standard},
		Facets:   FacetComponents | FacetUID | FacetSequence | FacetStamp | FacetStatus,
		Run: func(c *Object) {
			var live map[string]bool
			for _, ev := range c.schedulable() {
				if isGhost(ev) {
					live = liveEvents(c)
					break
				}
			}
			if len(live) == 0 {
				return
			}
			c.Cal.Items = slices.DeleteFunc(c.Cal.Items, func(it ical.Item) bool {
				return it.Sub != nil && isGhost(it.Sub) && live[identity(it.Sub.Value("UID"))] &&
					c.Found(found(Error, it.Sub, "UID", it.Sub.Value("UID"), ""))
			})
		},
	}
}

// liveEvents returns the identities of the VEVENTs that say something.
func liveEvents(c *Object) map[string]bool {
	live := map[string]bool{}
	for _, ev := range c.schedulable() {
		if ev.Name == "VEVENT" && !isGhost(ev) {
			live[identity(ev.Value("UID"))] = true
		}
	}
	return live
}

// isGhost reports whether a VEVENT holds no more than an identity and what CDO
// writes by habit.
func isGhost(ev *ical.Component) bool {
	if ev.Name != "VEVENT" || !ev.Has("UID") {
		return false
	}
	for _, it := range ev.Items {
		if it.Sub != nil {
			return false
		}
		switch n := it.Prop.Name(); n {
		case "UID", "DTSTAMP", "SEQUENCE", "CREATED", "LAST-MODIFIED", "CLASS", "PRIORITY", "TRANSP":
		default:
			if !strings.HasPrefix(n, "X-MICROSOFT-CDO-") {
				return false
			}
		}
	}
	return true
}

package remedy

import (
	"time"

	"github.com/reconvene/reconvene/rewrite/zone"
)

// tzStaleRules writes a VTIMEZONE anew whose rules are not those of the zone
// that it names. The instants change, so it is opt-in: the sender's clock may
// have been right and the zone wrong.
func tzStaleRules() *Remedy {
	return &Remedy{
		ID:       "tz-stale-rules",
		Summary:  "give a VTIMEZONE with a well-known name the published rules of that zone",
		Why:      "A server without current zone data sends the right name with old rules. Receivers that trust the rules are an hour off; the others are right.",
		Source:   "SOGo 244d1388e; KB 837010; KB 867475",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Facets:   FacetOccurrences | FacetRecurrence | FacetStamp,
		Looks:    []string{"BEGIN:VTIMEZONE ;TZID"},
		Run: func(c *Object) {
			if noZones(c) || !hasZone(c, []zone.Kind{zone.IANA, zone.Windows}) {
				return
			}
			changed := false
			for _, u := range usedZones(c) {
				if d := u.declared; d == nil || d.Rules == nil || len(u.lines) == 0 || d.Kind != zone.IANA && d.Kind != zone.Windows || !closed(d.Component) {
					continue
				}
				from, to := spanIn(c, u)
				changed = freshRules(c, u, from, to) || changed
			}
			if changed {
				c.ResetZones()
			}
		},
	}
}

func freshRules(c *Object, u *usedZone, from, to time.Time) bool {
	name, ok := zone.Lookup(u.name, u.declared.Hints)
	if !ok || to.Sub(from) > 50*365*24*time.Hour || zone.Agree(u.declared.Rules, name, from, to) {
		return false
	}
	if _, ok := sibling(u, u.declared.Hints, []string{name}, from, to); ok {
		return false // the rules of the zone in another territory
	}
	return replaceRules(c, u.declared, name, from, to, u.finding(Warning))
}

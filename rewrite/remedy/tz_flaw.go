package remedy

import (
	"slices"
	"time"

	"github.com/reconvene/reconvene/rewrite/zone"
)

// flawed makes a remedy that gives a VTIMEZONE with a well-known name the rules
// that IANA has for it, where its own have that flaw.
//
// What people see changes: who trusted the rules was shown another time than who
// went by the name. It is done only where the rules cannot be meant: nobody's
// clocks go by them. Where they are those of another place or year, which of the
// two is meant is not certain, and tz-stale-rules reports it.
func flawed(id, summary, why, source string, flaw zone.Flaw) *Remedy {
	return &Remedy{
		ID:       id,
		Summary:  summary,
		Why:      why,
		Source:   source,
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences | FacetRecurrence | FacetStamp,
		Looks:    []string{"BEGIN:VTIMEZONE ;TZID"},
		Run: func(c *Object) {
			changed := false
			for _, z := range zoneFlaws(c) {
				if z.flaw == flaw {
					changed = repairZone(c, z) || changed
				}
			}
			if changed {
				c.ResetZones()
			}
		},
	}
}

// zoneFlaw is a VTIMEZONE with a flaw.
type zoneFlaw struct {
	used     *usedZone
	flaw     zone.Flaw
	name     string // IANA's, "" when the TZID says nothing
	from, to time.Time
}

// zoneFlaws lists the VTIMEZONEs that are in use and have a flaw.
func zoneFlaws(c *Object) []zoneFlaw {
	return c.flaws.list(c, func(list []zoneFlaw) []zoneFlaw {
		if noZones(c) || !slices.ContainsFunc(c.Zones.All(), func(d *zone.Declared) bool { _, ok := d.Known(); return ok || d.Rules == nil }) {
			return list
		}
		for _, u := range usedZones(c) {
			if u.declared == nil || !u.times() || !closed(u.declared.Component) {
				continue
			}
			f := zoneFlaw{used: u}
			name, ok := u.declared.Known()
			switch {
			case ok:
				f.name = name
				f.from, f.to = spanIn(c, u)
				f.flaw = u.declared.FlawOf(name, f.from, f.to)
			case u.declared.Rules == nil && len(u.declared.Component.Children("")) == 0:
				f.flaw = zone.Empty
			}
			if f.flaw != zone.Sound {
				list = append(list, f)
			}
		}
		return list
	})
}

// repairZone gives a VTIMEZONE the rules of IANA, or says why not.
func repairZone(c *Object, z zoneFlaw) bool {
	d := z.used.declared
	f := found(Error, d.Component, "TZID", z.used.name, "")
	if z.name == "" {
		c.leave(f, "it has no rules, and the name is not known")
		return false
	}
	return replaceRules(c, d, z.name, z.from, z.to, f)
}

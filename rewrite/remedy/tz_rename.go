package remedy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// renameZones gives the zones whose name is of one of the kinds the name that
// IANA has for them, in the VTIMEZONE and in every TZID parameter together. The
// body of the VTIMEZONE stays.
//
// A zone is renamed only when its own VTIMEZONE and IANA's data have the same
// offset at every moment that the calendar talks about: whatever a receiver
// looks at, the instants are the same. Where they differ the name stays, and
// the finding says why. A zone that nothing uses keeps its name: some readers
// take a lone VTIMEZONE that they know for the zone of floating times.
func renameZones(c *Object, level Level, kinds ...zone.Kind) {
	if c.Cal == nil || !hasZone(c, kinds) {
		return
	}
	var from, to time.Time
	changed := false
	for _, u := range usedZones(c) {
		hints := zone.Hints{Lotus: byLotus(c)}
		if u.declared != nil {
			hints = u.declared.Hints
		}
		if len(u.lines) == 0 || !slices.Contains(kinds, zone.Classify(u.name, hints)) {
			continue
		}
		if from.IsZero() {
			from, to = c.span()
		}
		f := u.finding(level)
		name, why := ianaName(c, u, hints, from, to)
		if why != "" {
			c.leave(f, why)
			continue
		}
		if zone.Classify(name, zone.Hints{}) == zone.Offset {
			continue // IANA has no name for it, and no other is better known
		}
		if f.After = name; c.Found(f) {
			u.setZone(name)
			changed = true
		}
	}
	if changed {
		c.ResetZones()
	}
}

// finding returns a finding about the name of a zone: of its VTIMEZONE, or of
// the first property that uses it.
func (u *usedZone) finding(level Level) Finding {
	if u.declared != nil {
		return found(level, u.declared.Component, "TZID", u.name, "")
	}
	return found(level, nil, u.lines[0].Name(), u.name, "")
}

// ianaName finds the IANA name for a zone, or says why there is none.
func ianaName(c *Object, u *usedZone, hints zone.Hints, from, to time.Time) (name, why string) {
	names := zone.Candidates(u.name, hints)
	if u.declared == nil {
		if len(names) == 0 {
			return "", "no VTIMEZONE, and the name is not known"
		}
		return zone.Canonical(names[0]), ""
	}
	rules := u.declared.Rules
	if rules == nil {
		return "", fmt.Sprintf("its VTIMEZONE cannot be evaluated: %v", u.declared.Err)
	}
	if zone.Classify(u.name, hints) == zone.Offset {
		// an offset holds for each zone for some of the time
		if n, ok := zone.Match(rules, from, to); ok {
			return n, zoneClash(c, n, from, to)
		}
	}
	for _, n := range names {
		if n = zone.Canonical(n); zone.Agree(rules, n, from, to) {
			return n, zoneClash(c, n, from, to)
		}
	}
	if n, ok := sibling(u, hints, names, from, to); ok {
		return n, zoneClash(c, n, from, to)
	}
	if len(names) > 0 {
		return "", fmt.Sprintf("its VTIMEZONE and %s have different offsets within the dates of this calendar", names[0])
	}
	if n, ok := zone.Match(rules, from, to); ok {
		return n, zoneClash(c, n, from, to)
	}
	return "", "no IANA zone has the offsets of its VTIMEZONE"
}

// sibling finds the zone of another territory that a name of Windows also
// stands for, by the rules that came with it. The name of a place stands for
// that place only.
func sibling(u *usedZone, hints zone.Hints, names []string, from, to time.Time) (string, bool) {
	switch zone.Classify(u.name, hints) {
	case zone.IANA, zone.Prefixed, zone.Offset:
		return "", false
	case zone.Numbered:
		if strings.Contains(u.name, "/") {
			return "", false
		}
	}
	for _, n := range names {
		if n, ok := zone.Sibling(u.declared.Rules, n, from, to); ok {
			return n, true
		}
	}
	return "", false
}

// zoneClash returns why a zone cannot get a name: there is a VTIMEZONE of that name
// with other rules.
func zoneClash(c *Object, name string, from, to time.Time) string {
	if d := c.Zones.Declared(name); d != nil && (d.Rules == nil || !zone.Agree(d.Rules, name, from, to)) {
		return "there is another VTIMEZONE " + name + " with other rules"
	}
	return ""
}

// tzRename makes a remedy that renames zones.
func tzRename(id, summary, why, source string, level Level, except []Profile, kinds ...zone.Kind) *Remedy {
	return &Remedy{
		ID:       id,
		Summary:  summary,
		Why:      why,
		Source:   source,
		Profiles: []Profile{Standard},
		Except:   except,
		Looks:    []string{";TZID"},
		Run:      func(c *Object) { renameZones(c, level, kinds...) },
	}
}

// noZones reports whether the calendar has no VTIMEZONE to look at.
func noZones(c *Object) bool { return c.Cal == nil || len(c.Zones.All()) == 0 }

// eachObservance calls f for each STANDARD and DAYLIGHT of each VTIMEZONE.
func eachObservance(c *Object, f func(tz, observance *ical.Component)) {
	for _, d := range c.Zones.All() {
		for _, it := range d.Component.Items {
			if o := it.Sub; o != nil && (o.Name == "STANDARD" || o.Name == "DAYLIGHT") {
				f(d.Component, o)
			}
		}
	}
}

package remedy

import (
	"slices"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// tzExpiredDaylight drops a daylight saving time that was given up.
//
// QUIRK(apple): tz-expired-daylight, as of Japan until 1951.
func tzExpiredDaylight() *Remedy {
	return &Remedy{
		ID:       "tz-expired-daylight",
		Summary:  "remove a DAYLIGHT that ended before the meeting, where it was the last one",
		Why:      "Apple writes that Japan had daylight saving time until 1951. Zimbra and others miss its end and shift the meeting by an hour.",
		Source:   "Zimbra bug 25176",
		Profiles: []Profile{Standard},
		Looks:    []string{"BEGIN:DAYLIGHT"},
		Run: func(c *Object) {
			changed := false
			for _, d := range c.Zones.All() {
				if d.Rules == nil || observances(d.Component, "STANDARD") == 0 || !mayBeOver(d.Component) {
					continue
				}
				u := &usedZone{name: zone.Normalize(d.TZID)}
				from, to := spanIn(c, u)
				changed = dropDaylight(c, d, from, to) || changed
			}
			if changed {
				c.ResetZones()
			}
		},
	}
}

// mayBeOver reports whether each DAYLIGHT has an end, and there is one.
func mayBeOver(tz *ical.Component) bool {
	over := false
	for _, it := range tz.Items {
		if it.Sub == nil || it.Sub.Name != "DAYLIGHT" {
			continue
		}
		rule := it.Sub.Value("RRULE")
		if rule != "" && rulePart(rule, "UNTIL") == "" && rulePart(rule, "COUNT") == "" {
			return false
		}
		over = true
	}
	return over
}

// dropDaylight takes DAYLIGHT away where that changes no offset from a time on
// and none was in force for a year before it.
func dropDaylight(c *Object, d *zone.Declared, from, to time.Time) bool {
	tz := d.Component
	all := tz.Items
	rest := slices.DeleteFunc(slices.Clone(all), func(it ical.Item) bool { return it.Sub != nil && it.Sub.Name == "DAYLIGHT" })
	tz.Items = rest
	rules, err := zone.Evaluate(tz)
	tz.Items = all
	if err != nil || !zone.Same(d.Rules, rules, from.AddDate(-1, 0, 0), to) {
		return false
	}
	if !c.Found(found(Warning, tz, "DAYLIGHT", d.TZID, "")) {
		return false
	}
	tz.Items = rest
	return true
}

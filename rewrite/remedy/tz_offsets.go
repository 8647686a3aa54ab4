package remedy

import (
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// tzOffsetfromMissing adds the TZOFFSETFROM that an observance lacks.
//
// QUIRK(outlook-mac): tz-offsetfrom-missing.
func tzOffsetfromMissing() *Remedy {
	return &Remedy{
		ID:       "tz-offsetfrom-missing",
		Summary:  "add a missing TZOFFSETFROM",
		Why:      "Outlook for Mac omits it for zones without daylight saving time; libical then ignores the whole observance, and the times with it.",
		Source:   "libical, icaltimezone.c; RFC 5545 §3.6.5",
		Profiles: []Profile{Standard},
		Looks:    []string{"BEGIN:VTIMEZONE"},
		Run: func(c *Object) {
			changed := false
			eachObservance(c, func(tz, o *ical.Component) {
				if strings.TrimSpace(o.Value("TZOFFSETFROM")) != "" {
					return
				}
				if v, ok := zone.OffsetFrom(tz, o); ok && c.Found(found(Error, o, "TZOFFSETFROM", "", v)) {
					setOrAdd(o, "TZOFFSETFROM", v)
					changed = true
				}
			})
			if changed {
				c.ResetZones()
			}
		},
	}
}

// tzOffsettoMissing writes a VTIMEZONE anew when an observance does not say
// what it is about.
func tzOffsettoMissing() *Remedy {
	return &Remedy{
		ID:       "tz-offsetto-missing",
		Summary:  "replace a VTIMEZONE without TZOFFSETTO by one from IANA's data",
		Why:      "An observance without TZOFFSETTO has no meaning. Exchange then fails to import the whole meeting.",
		Source:   "MS-STANXICAL 29d4f948",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences | FacetRecurrence | FacetStamp, // a time in an unknown zone becomes a known one
		Looks:    []string{"BEGIN:VTIMEZONE"},
		Run: func(c *Object) {
			changed := false
			for _, d := range c.Zones.All() {
				if d.Rules == nil && closed(d.Component) && slices.ContainsFunc(d.Component.Children(""), lacksOffset) {
					changed = rebuild(c, d) || changed
				}
			}
			if changed {
				c.ResetZones()
			}
		},
	}
}

// closed reports whether a component and those in it have an END: one that has
// none may have swallowed what follows it.
func closed(comp *ical.Component) bool {
	return comp.End != nil && !slices.ContainsFunc(comp.Children(""), func(o *ical.Component) bool { return o.End == nil })
}

func lacksOffset(o *ical.Component) bool { return strings.TrimSpace(o.Value("TZOFFSETTO")) == "" }

// rebuild puts the observances of the IANA zone that the name means into a
// VTIMEZONE.
func rebuild(c *Object, d *zone.Declared) bool {
	f := found(Error, d.Component, "TZOFFSETTO", "", "")
	name, ok := zone.Lookup(d.TZID, d.Hints)
	if !ok {
		f.Before = d.TZID
		c.leave(f, "the name of the zone is not known")
		return false
	}
	from, to := c.span()
	return replaceRules(c, d, name, from, to, f)
}

// replaceRules puts the observances that an IANA zone has over a span into a
// VTIMEZONE.
func replaceRules(c *Object, d *zone.Declared, name string, from, to time.Time, f Finding) bool {
	z := zone.Generate(name, from, to)
	return z != nil && putRules(c, d, z, name, span{from, to}, f)
}

// putRules puts the observances of one VTIMEZONE into another, where they are
// those of an IANA zone over a span.
func putRules(c *Object, d *zone.Declared, z *ical.Component, name string, s span, f Finding) bool {
	rules, err := zone.Evaluate(z)
	if err != nil || !zone.Agree(rules, name, s.from, s.to) {
		return false // centuries ahead nobody reads the same in them
	}
	if f.After = "the rules of " + name; !c.Found(f) {
		return false
	}
	d.Component.Items = slices.DeleteFunc(d.Component.Items, func(it ical.Item) bool { return it.Sub != nil })
	for _, o := range z.Children("") {
		d.Component.AddChild(o)
	}
	return true
}

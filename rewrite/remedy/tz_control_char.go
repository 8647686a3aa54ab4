package remedy

import (
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// nameless is the TZID for a zone that has no name and no known rules.
const nameless = "Customized Time Zone"

// tzControlChar names zones whose TZID has no visible character.
//
// QUIRK(exchange): tz-control-char. Microsoft 365 has sent U+0015.
func tzControlChar() *Remedy {
	return &Remedy{
		ID:       "tz-control-char",
		Summary:  "rename zones whose name is empty or a control character, by their rules",
		Why:      "Microsoft 365 sometimes names a zone by a single control character; libraries fail on it.",
		Source:   "ical4j issue 194",
		Profiles: []Profile{Standard},
		Looks:    []string{"BEGIN:VTIMEZONE"},
		Run: func(c *Object) {
			if noZones(c) || !slices.ContainsFunc(c.Zones.All(), isNameless) {
				return
			}
			var from, to time.Time
			changed := false
			for _, u := range usedZones(c) {
				if u.declared == nil || u.declared.Rules == nil || strings.IndexFunc(u.name, isVisible) >= 0 {
					continue
				}
				if from.IsZero() {
					from, to = c.span()
				}
				name, ok := zone.Match(u.declared.Rules, from, to)
				if !ok || zoneClash(c, name, from, to) != "" {
					name = nameless
				}
				if c.Zones.Declared(name) != nil && name == nameless {
					c.leave(u.finding(Error), "there is another zone without a name")
					continue
				}
				f := u.finding(Error)
				if f.After = name; c.Found(f) {
					u.setZone(name)
					changed = true
				}
			}
			if changed {
				c.ResetZones()
			}
		},
	}
}

// isNameless reports whether a zone that has rules has no visible name.
func isNameless(d *zone.Declared) bool {
	return d.Rules != nil && strings.IndexFunc(zone.Normalize(d.TZID), isVisible) < 0
}

func isVisible(r rune) bool { return r > ' ' && r != 0x7f }

// tzNulPadding takes control characters out of zone names, in the VTIMEZONE
// and in the parameters together.
func tzNulPadding() *Remedy {
	return &Remedy{
		ID:       "tz-nul-padding",
		Summary:  "remove control characters from zone names",
		Why:      "Exchange passes on zone names that an ActiveSync client padded with NUL. Thunderbird drops such a meeting.",
		Source:   "DavMail issue 83; TbSync issue 187",
		Profiles: []Profile{Standard},
		Looks:    []string{"BEGIN:VTIMEZONE", ";TZID"},
		Run: func(c *Object) {
			if c.Doc.Faults()&(ical.FaultControl|ical.FaultTab) == 0 {
				return
			}
			tidyZoneNames(c, func(s string) bool {
				return strings.IndexFunc(s, isVisible) >= 0 && strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) >= 0
			})
		},
	}
}

// tzNewline takes an escaped line break off the end of zone names, and single
// quotes off both ends.
//
// QUIRK(exchange2010): tz-newline.
func tzNewline() *Remedy {
	return &Remedy{
		ID:       "tz-newline",
		Summary:  `remove \n from the end of zone names, and single quotes around them`,
		Why:      "Exchange 2010 sometimes writes TZIDs that end in an escaped line break, which makes the calendar invalid. Web applications put the name in single quotes: no program knows such a zone.",
		Source:   "DavMail 33b6fbbd",
		Profiles: []Profile{Standard},
		Looks:    []string{"\\ BEGIN:VTIMEZONE", "\\ ;TZID", "' BEGIN:VTIMEZONE", "' ;TZID"},
		Run: func(c *Object) {
			tidyZoneNames(c, func(s string) bool {
				s = strings.TrimSpace(s)
				return strings.HasSuffix(s, `\n`) || strings.HasSuffix(s, `\N`) || len(s) > 2 && s[0] == '\'' && s[len(s)-1] == '\''
			})
		},
	}
}

// tidyZoneNames writes the TZIDs that are wrong as zone.Normalize does,
// wherever they stand.
func tidyZoneNames(c *Object, wrong func(string) bool) {
	if c.Cal == nil {
		return
	}
	changed := false
	tidy := func(comp *ical.Component, property, before string, set func(string)) {
		if wrong(before) {
			after := zone.Normalize(before)
			if after == before {
				return // it is nothing but what is wrong
			}
			if c.Found(found(Error, comp, property, before, after)) {
				set(after)
				changed = true
			}
		}
	}
	for _, d := range c.Zones.All() {
		if l := d.Component.First("TZID"); l != nil {
			tidy(d.Component, "TZID", l.Value(), func(s string) { l.SetValue(ical.EscapeText(s)) })
		}
	}
	eachZoned(c, func(comp *ical.Component, l *ical.Line, tzid string) {
		tidy(comp, l.Name(), tzid, func(s string) { l.SetParam("TZID", s) })
	})
	if changed {
		c.ResetZones()
	}
}

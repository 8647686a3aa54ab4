package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// tzYear1601 lets the rules of a time zone begin in 1601, as Exchange does.
//
// QUIRK(outlook-mac): tz-year-1601. For everybody else either year will do.
func tzYear1601() *Remedy {
	return &Remedy{
		ID:       "tz-year-1601",
		Summary:  "let the rules of a time zone begin in 1601",
		Why:      "Outlook for Mac reads the rules of a time zone only when they begin in 1601, as those of Exchange do.",
		Source:   "Zimbra bug 63589",
		Profiles: []Profile{OutlookMac},
		Looks:    []string{"BEGIN:VTIMEZONE"},
		Run: func(c *Object) {
			if !c.isFor(OutlookMac) {
				return
			}
			changed := false
			for _, d := range c.Zones.All() {
				u := &usedZone{name: zone.Normalize(d.TZID)}
				from, _ := spanIn(c, u)
				tz := d.Component
				if d.Rules == nil || observances(tz, "STANDARD") != 1 || observances(tz, "DAYLIGHT") > 1 ||
					anyObservance(tz, func(o *ical.Component) bool { return !isForever(o, span{from: from}) }) {
					continue
				}
				for _, o := range append(tz.Children("STANDARD"), tz.Children("DAYLIGHT")...) {
					l := o.First("DTSTART") // isForever has read it
					after := "16010101" + l.Value()[len("16010101"):]
					if l.Value() != after && c.Found(found(Warning, o, "DTSTART", l.Value(), after)) {
						l.SetValue(after)
						changed = true
					}
				}
			}
			if changed {
				c.ResetZones()
			}
		},
	}
}

// isForever reports whether an observance is in force from before a time on, so
// that it does not matter in which year it began.
func isForever(o *ical.Component, s span) bool {
	rule := o.Value("RRULE")
	start, ok := ical.ParseDateTime(o.Value("DTSTART"))
	switch {
	case !ok || start.Form != ical.Local || start.Wall.After(s.from) || o.Has("RDATE"):
		return false
	case rule == "":
		return strings.TrimSpace(o.Value("TZOFFSETFROM")) == strings.TrimSpace(o.Value("TZOFFSETTO"))
	}
	interval := rulePart(rule, "INTERVAL")
	return rulePart(rule, "UNTIL") == "" && rulePart(rule, "COUNT") == "" && (interval == "" || interval == "1") && rulePart(rule, "BYDAY") != ""
}

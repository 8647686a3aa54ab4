package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// versionMissing adds VERSION:2.0 to a calendar that is written in version
// 2.0. A vCalendar 1.0 is another language and is left alone.
func versionMissing() *Remedy {
	return &Remedy{
		ID:       "version-missing",
		Summary:  "add VERSION:2.0",
		Why:      "Outlook and strict libraries refuse a calendar that does not state its version.",
		Source:   "RFC 5545 §3.7.4; maevsi/vibetype#2368",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			have := c.Cal.First("VERSION")
			f := found(Error, c.Cal, "VERSION", "", "2.0")
			switch {
			case have != nil && strings.TrimSpace(have.Value()) == "1.0":
				f.Before = "1.0"
				c.leave(f, "vCalendar 1.0 is another format; vcalendar-1 translates it where that is exact, when enable under [rewrite] names it")
			case have != nil && strings.TrimSpace(have.Value()) != "":
			case writtenAs1(c.Cal):
				c.leave(f, "it does not say its version and has signs of vCalendar 1.0, which is another format; the sender has to name the version")
			case !c.Found(f):
			case have != nil:
				have.SetValue("2.0")
			default:
				c.Cal.AddFirst(ical.NewLine("VERSION", "2.0"))
			}
		},
	}
}

// writtenAs1 reports whether a calendar has what only vCalendar 1.0 has: alarms
// as properties, quoted-printable values, zones as a property.
func writtenAs1(cal *ical.Component) (old bool) {
	cal.Walk(func(comp *ical.Component) {
		for _, it := range comp.Items {
			if it.Prop == nil {
				continue
			}
			switch it.Prop.Name() {
			case "DALARM", "AALARM", "PALARM", "MALARM", "DAYLIGHT", "TZ", "DCREATED":
				old = true
			}
			if strings.EqualFold(it.Prop.ParamValue("ENCODING"), "QUOTED-PRINTABLE") {
				old = true
			}
		}
	})
	return old
}

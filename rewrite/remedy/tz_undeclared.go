package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// tzUndeclared adds the VTIMEZONE for zones that are used without one
// (RFC 5545 §3.2.19 requires it).
func tzUndeclared() *Remedy {
	r := addTimezone("tz-undeclared",
		"Many generators name a zone without declaring it. Outlook reports an undeclared zone, and Exchange turns the meeting into a file named not supported calendar message.ics.",
		"sabre-io/dav issue 1168; nextcloud/server issue 12946; RFC 5545 §3.2.19")
	return onlyFor(r, func(method string) bool { return method != "CANCEL" && method != "REPLY" })
}

// cancelNoVtimezone is tzUndeclared for cancellations.
func cancelNoVtimezone() *Remedy {
	r := addTimezone("cancel-no-vtimezone",
		"Nextcloud and other servers built on sabre send cancellations without the VTIMEZONE that they name. Outlook and Exchange show a file instead of cancelling the meeting.",
		"sabre-io/vobject issue 412; nextcloud issue 12921")
	return onlyFor(r, func(method string) bool { return method == "CANCEL" })
}

// replyNoVtimezone is tzUndeclared for replies.
func replyNoVtimezone() *Remedy {
	r := addTimezone("reply-no-vtimezone",
		"Servers built on sabre send replies without the VTIMEZONE that they name. Exchange does not match the response with the meeting, and the organizer sees a file.",
		"sabre-io/dav issue 1168; nextcloud issue 40967")
	return onlyFor(r, func(method string) bool { return method == "REPLY" })
}

func onlyFor(r *Remedy, method func(string) bool) *Remedy {
	run := r.Run
	r.Run = func(c *Object) {
		if c.Cal != nil && method(c.Method()) {
			run(c)
		}
	}
	return r
}

// maxAdded bounds the VTIMEZONEs that are added to one calendar.
const maxAdded = 20

func addTimezone(id, why, source string) *Remedy {
	return &Remedy{
		ID:       id,
		Summary:  "add the VTIMEZONE of zones that are used without one",
		Why:      why,
		Source:   source,
		Profiles: []Profile{Standard},
		Looks:    []string{";TZID"},
		Run: func(c *Object) {
			missing := false
			eachZoned(c, func(_ *ical.Component, _ *ical.Line, tzid string) {
				missing = missing || c.Zones.Declared(tzid) == nil
			})
			if !missing {
				return
			}
			tried, added := 0, false
			for _, u := range usedZones(c) {
				if u.declared != nil || u.name == "" || !u.times() {
					continue
				}
				name, ok := zone.Lookup(u.name, zone.Hints{Lotus: byLotus(c)})
				switch {
				case !ok:
					c.leave(found(Error, c.Cal, "VTIMEZONE", u.name, ""), "no VTIMEZONE, and the name is not known")
				case strings.Contains(u.name, `\`):
					c.leave(found(Error, c.Cal, "VTIMEZONE", u.name, ""), "no VTIMEZONE, and the backslash in it would make the name that of another zone")
				case tried < maxAdded:
					tried++
					added = declareZone(c, u, name) || added
				}
			}
			if added {
				c.ResetZones()
			}
		},
	}
}

// declareZone adds the VTIMEZONE of a zone, right for the times that are in it.
func declareZone(c *Object, u *usedZone, name string) bool {
	from, to := spanIn(c, u)
	z := zone.Generate(name, from, to)
	if z == nil {
		return false
	}
	f := found(Error, c.Cal, "VTIMEZONE", "", u.name)
	if why := worseDeclared(c, u, z); why != "" {
		f.Before = u.name
		c.leave(f, why)
		return false
	}
	if !c.Found(f) {
		return false
	}
	z.First("TZID").SetValue(ical.EscapeText(u.name))
	addZone(c, z)
	return true
}

// worseDeclared returns why programs that take a calendar as it is would refuse
// it with the VTIMEZONE, "" when none would.
func worseDeclared(c *Object, u *usedZone, z *ical.Component) string {
	for _, ev := range c.schedulable() {
		start, ok := c.moment(ev.First("DTSTART"))
		end, also := c.moment(ev.First("DTEND"))
		if ok && also && u.has(ev.First("DTSTART")) && start.sameZone(end) && end.Wall.Before(start.Wall) {
			return "a meeting in it ends before it starts, and programs that know the zone refuse that"
		}
	}
	// QUIRK(ruby-icalendar): tz-undeclared. It fails on two STANDARD of which
	// one begins after the meeting. An invitation must have its zone all the
	// same, because Exchange refuses it otherwise; a published calendar is
	// taken without one by everybody.
	if c.Method() == "" && len(z.Children("")) > 2 {
		return "the rules of the zone change during the series, and not every program reads a published calendar that says so"
	}
	return ""
}

package remedy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// span is the time that a calendar talks about in one zone.
type span struct{ from, to time.Time }

// restated describes a remedy that writes a VTIMEZONE anew in the form that
// every receiver reads: one STANDARD and one DAYLIGHT with a yearly rule. It is
// done only where the offsets stay the same at every moment that the calendar
// talks about in that zone.
type restated struct {
	level Level
	bad   func(tz *ical.Component, s span) bool
	long  bool // more than a pair will do, as long as bad is content
}

func (r restated) run(c *Object) {
	if noZones(c) || !slices.ContainsFunc(c.Zones.All(), func(d *zone.Declared) bool { return r.suspect(d.Component) }) {
		return
	}
	changed := false
	for _, u := range usedZones(c) {
		if u.declared == nil || len(u.lines) == 0 || !closed(u.declared.Component) {
			continue
		}
		var s span
		if s.from, s.to = spanIn(c, u); r.bad(u.declared.Component, s) {
			changed = restate(c, u, s, r) || changed
		}
	}
	if changed {
		c.ResetZones()
	}
}

// suspect asks bad as if the calendar were about the present only, to leave
// sound calendars alone at no cost.
func (r restated) suspect(tz *ical.Component) bool { return r.bad(tz, span{}) }

// restate writes one VTIMEZONE anew, or says why not.
func restate(c *Object, u *usedZone, s span, r restated) bool {
	tz := u.declared.Component
	f := found(r.level, tz, "TZID", u.name, "")
	name, why := ianaName(c, u, u.declared.Hints, s.from, s.to)
	if why != "" {
		c.leave(f, why)
		return false
	}
	unfit := func(z *ical.Component) bool { return z == nil || r.bad(z, s) || !r.long && len(z.Children("")) > 2 }
	z := zone.Generate(name, s.from, s.to)
	if unfit(z) {
		z = zone.GeneratePair(name, s.from, s.to)
	}
	if unfit(z) {
		c.leave(f, "the rules of "+name+" cannot be written as one pair of rules for the dates of this calendar")
		return false
	}
	return putRules(c, u.declared, z, name, s, f)
}

// anyObservance reports whether one of the observances matches.
func anyObservance(tz *ical.Component, match func(o *ical.Component) bool) bool {
	for _, it := range tz.Items {
		if it.Sub != nil && (it.Sub.Name == "STANDARD" || it.Sub.Name == "DAYLIGHT") && match(it.Sub) {
			return true
		}
	}
	return false
}

func tzRestated(id, summary, why, source string, profiles []Profile, r restated) *Remedy {
	return &Remedy{
		ID: id, Summary: summary, Why: why, Source: source, Profiles: profiles,
		Looks: []string{"BEGIN:VTIMEZONE"},
		Run:   r.run,
	}
}

// tzRRuleNoByday mends rules of a month without a day.
func tzRRuleNoByday() *Remedy {
	return tzRestated("tz-rrule-no-byday",
		"replace a VTIMEZONE whose rules name a month and no day",
		"A rule without BYDAY means the same date each year, which no zone uses. Outlook reports an unsupported pattern.",
		"skarim/vobject PR 169", []Profile{Standard},
		restated{level: Error, long: true, bad: func(tz *ical.Component, _ span) bool {
			return anyObservance(tz, func(o *ical.Component) bool {
				rule := o.Value("RRULE")
				return rulePart(rule, "BYMONTH") != "" && rulePart(rule, "BYDAY") == "" && rulePart(rule, "BYMONTHDAY") == ""
			})
		}})
}

// tzRdateAndRRule writes observances as rules that are a list of dates besides.
//
// QUIRK(exchange2016): tz-rdate-and-rrule, before CU12.
func tzRdateAndRRule() *Remedy {
	return tzRestated("tz-rdate-and-rrule",
		"replace a VTIMEZONE that has a rule and dates in one observance",
		"Exchange up to 2016 CU12 shows the whole meeting as not supported calendar message.ics.",
		"KB 4456241", []Profile{Exchange2007, Exchange},
		restated{level: Error, bad: func(tz *ical.Component, _ span) bool {
			return anyObservance(tz, func(o *ical.Component) bool { return o.Has("RDATE") && o.Has("RRULE") })
		}})
}

// tzRdateOnly writes observances as rules that are a list of dates.
//
// QUIRK(outlook): tz-rdate-only.
func tzRdateOnly() *Remedy {
	return tzRestated("tz-rdate-only",
		"replace a VTIMEZONE that is a list of dates",
		"Outlook reads only rules: with a list of dates it ignores the zone, and the meeting shifts by an hour after the next change of the clocks.",
		"iCalcreator issue 86; biweekly issue 76", microsoft(),
		restated{level: Error, bad: func(tz *ical.Component, _ span) bool {
			return anyObservance(tz, func(o *ical.Component) bool { return o.Has("RDATE") && !o.Has("RRULE") })
		}})
}

// tzManyObservances keeps the pair in force.
//
// QUIRK(exchange, zimbra): tz-many-observances.
func tzManyObservances() *Remedy {
	return tzRestated("tz-many-observances",
		"keep the one STANDARD and DAYLIGHT of a VTIMEZONE that are in force",
		"From the whole history of a zone, Exchange, DavMail and old Zimbra versions use the first or the last observance, whichever rules it has.",
		"DavMail fixTimezoneToServer; Zimbra bug 7335", append(microsoft(), Zimbra),
		restated{level: Warning, bad: func(tz *ical.Component, _ span) bool {
			return observances(tz, "STANDARD") > 1 || observances(tz, "DAYLIGHT") > 1
		}})
}

func observances(tz *ical.Component, name string) (n int) {
	for _, it := range tz.Items {
		if it.Sub != nil && it.Sub.Name == name {
			n++
		}
	}
	return n
}

// hugeZone is how many lines a VTIMEZONE has that Google fails at.
const hugeZone = 200

// tzHuge shortens a VTIMEZONE with the history of a century.
//
// QUIRK(google): tz-huge.
func tzHuge() *Remedy {
	return tzRestated("tz-huge",
		"replace a VTIMEZONE of more than 200 lines by a short one",
		"Google fails to import a calendar with a very long time zone before the meeting, or garbles its characters.",
		"TimeTree-Exporter issue 157", []Profile{Standard},
		restated{level: Warning, long: true, bad: func(tz *ical.Component, _ span) bool {
			n := 0
			for _, it := range tz.Items {
				if n++; it.Sub != nil {
					n += len(it.Sub.Items) + 1
				}
			}
			return n > hugeZone
		}})
}

// tzFrontTruncated lets rules begin before the meeting.
//
// QUIRK(exchange): tz-front-truncated.
func tzFrontTruncated() *Remedy {
	return tzRestated("tz-front-truncated",
		"replace a VTIMEZONE whose rules begin after the meeting",
		"Some servers cut the past from a time zone. Outlook and Exchange require rules that are in force when the meeting takes place.",
		"libical, icaltimezone_truncate_vtimezone", microsoft(),
		restated{level: Warning, bad: func(tz *ical.Component, s span) bool {
			return anyObservance(tz, func(o *ical.Component) bool {
				start, ok := ical.ParseDateTime(strings.TrimSpace(o.Value("DTSTART")))
				return ok && o.Has("RRULE") && start.Wall.After(s.from.AddDate(0, 0, 2))
			})
		}})
}

// tzIsraelByday writes days in a form that Exchange stores.
//
// QUIRK(exchange): tz-israel-byday.
func tzIsraelByday() *Remedy {
	return tzRestated("tz-israel-byday",
		"replace a VTIMEZONE whose rules count weekdays in a way that Exchange cannot store",
		"Israel's rules have been written as the Sunday before the last one, or as a Friday from the 23rd on. Exchange stores only the first to fourth and the last weekday of a month.",
		"DavMail VCalendar, bugs 3569922 and 555", microsoft(),
		restated{level: Warning, bad: func(tz *ical.Component, _ span) bool {
			return anyObservance(tz, func(o *ical.Component) bool {
				rule := o.Value("RRULE")
				day := rulePart(rule, "BYDAY")
				n, err := strconv.Atoi(strings.TrimSuffix(day, weekdayOf(day)))
				return day != "" && rulePart(rule, "BYMONTHDAY") != "" || err == nil && (n > 4 || n < -1)
			})
		}})
}

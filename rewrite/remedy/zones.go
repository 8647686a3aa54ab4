package remedy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// notDomino are the profiles of receivers that do not know the short zone
// names of Lotus Notes.
func notDomino() []Profile { return []Profile{Domino} }

// isTime reports whether a property holds dates or date-times that a TZID can
// belong to.
func isTime(name string) bool {
	switch name {
	case "DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "EXDATE", "RDATE":
		return true
	}
	return false
}

// isMoment reports whether a property holds dates or date-times.
func isMoment(name string) bool {
	switch name {
	case "DTSTAMP", "CREATED", "LAST-MODIFIED", "COMPLETED":
		return true
	}
	return isTime(name)
}

// dateLine is a property with dates outside of VTIMEZONEs.
type dateLine struct {
	comp *ical.Component
	line *ical.Line
}

// eachTime calls f for every property with dates outside of VTIMEZONEs.
func eachTime(c *Object, f func(*ical.Component, *ical.Line)) {
	for _, t := range times(c) {
		f(t.comp, t.line)
	}
}

// times lists what eachTime calls f for.
func times(c *Object) []dateLine {
	return c.dates.list(c, func(list []dateLine) []dateLine {
		each(c.Cal, func(comp *ical.Component) {
			for _, it := range comp.Items {
				if it.Prop != nil && isTime(it.Prop.Name()) && !quoteOpen(it.Prop) {
					list = append(list, dateLine{comp, it.Prop})
				}
			}
		})
		return list
	})
}

// hasZone reports whether a zone with a name of one of the kinds is declared or
// used. The names are sorted once for all remedies that ask.
func hasZone(c *Object, kinds []zone.Kind) bool {
	if !c.sorted {
		c.sorted = true
		for _, d := range c.Zones.All() {
			c.kinds |= 1 << d.Kind
		}
		hints, last := zone.Hints{Lotus: byLotus(c)}, ""
		eachZoned(c, func(_ *ical.Component, _ *ical.Line, tzid string) {
			if tzid != last && c.Zones.Declared(tzid) == nil {
				c.kinds |= 1 << zone.Classify(tzid, hints)
			}
			last = tzid
		})
	}
	return slices.ContainsFunc(kinds, func(k zone.Kind) bool { return c.kinds&(1<<k) != 0 })
}

// zoneLine is a property with a TZID parameter outside of VTIMEZONEs.
type zoneLine struct {
	dateLine
	tzid string
}

// eachZoned calls f for every property with a TZID parameter.
func eachZoned(c *Object, f func(comp *ical.Component, l *ical.Line, tzid string)) {
	for _, z := range inZones(c) {
		f(z.comp, z.line, z.tzid)
	}
}

// inZones lists what eachZoned calls f for.
func inZones(c *Object) []zoneLine {
	return c.zoned.list(c, func(list []zoneLine) []zoneLine {
		each(c.Cal, func(comp *ical.Component) {
			for _, it := range comp.Items {
				if it.Prop == nil || !isTime(it.Prop.Name()) && !strings.HasPrefix(it.Prop.Name(), "X-") {
					continue
				}
				if p, ok := it.Prop.Param("TZID"); ok && !quoteOpen(it.Prop) {
					list = append(list, zoneLine{dateLine{comp, it.Prop}, p.Value()})
				}
			}
		})
		return list
	})
}

// usedZone is one TZID as the calendar uses it.
type usedZone struct {
	name     string // as zone.Normalize writes it
	declared *zone.Declared
	lines    []*ical.Line // the properties with it as a parameter

	from, to time.Time // what spanIn has found
	spanned  bool
}

// fewZones is how many are searched one by one.
const fewZones = 8

func zoneNamed(list []*usedZone, name string) *usedZone {
	for _, u := range list {
		if u.name == name {
			return u
		}
	}
	return nil
}

// usedZones lists the TZIDs that the calendar declares or uses.
func usedZones(c *Object) []*usedZone { return c.used.list(c, c.collectZones) }

func (c *Object) collectZones(out []*usedZone) []*usedZone {
	var index map[string]*usedZone // when there are many
	get := func(tzid string) *usedZone {
		name := zone.Normalize(tzid)
		u := index[name]
		if index == nil {
			u = zoneNamed(out, name)
		}
		if u == nil {
			u = &usedZone{name: name, declared: c.Zones.Declared(name), lines: make([]*ical.Line, 0, 4)}
			if out = append(out, u); len(out) == fewZones {
				index = map[string]*usedZone{}
				for _, u := range out {
					index[u.name] = u
				}
			} else if index != nil {
				index[name] = u
			}
		}
		return u
	}
	for _, d := range c.Zones.All() {
		get(d.TZID)
	}
	eachZoned(c, func(_ *ical.Component, l *ical.Line, tzid string) {
		u := get(tzid)
		u.lines = append(u.lines, l)
	})
	return out
}

// times reports whether one of the lines is a date-time that the TZID gives
// its meaning to.
func (u *usedZone) times() bool {
	return slices.ContainsFunc(u.lines, func(l *ical.Line) bool {
		return isTime(l.Name()) && !strings.EqualFold(l.ParamValue("VALUE"), "DATE")
	})
}

// has reports whether the property is in the zone.
func (u *usedZone) has(l *ical.Line) bool { return zone.Normalize(l.ParamValue("TZID")) == u.name }

// horizon is how far a series without an end is looked at.
const horizon = 10 // years

// span returns the first and the last moment that the calendar talks about,
// with a day on either side: an endless series counts for ten years.
func (c *Object) span() (from, to time.Time) {
	return spanOf(c, func(*ical.Line) bool { return true })
}

// spanOf is span for some of the properties.
func spanOf(c *Object, of func(*ical.Line) bool) (from, to time.Time) {
	add := func(t time.Time) {
		if from.IsZero() || t.Before(from) {
			from = t
		}
		if t.After(to) {
			to = t
		}
	}
	eachTime(c, func(comp *ical.Component, l *ical.Line) {
		if !of(l) {
			return
		}
		for v := range strings.SplitSeq(l.Value(), ",") {
			start, _, _ := strings.Cut(strings.TrimSpace(v), "/")
			d, ok := ical.ParseDateTime(start)
			if !ok {
				continue
			}
			add(d.Wall)
			if l.Name() == "DTSTART" {
				for _, rule := range comp.Lines("RRULE") {
					add(ruleEnd(rule.Value(), d.Wall))
				}
			}
		}
	})
	if from.IsZero() {
		from, to = c.Now, c.Now
	}
	return from.AddDate(0, 0, -1), to.AddDate(0, 0, 2)
}

// spanIn is span for the properties in a zone.
func spanIn(c *Object, u *usedZone) (from, to time.Time) {
	if !steady(c) {
		return spanOf(c, u.has)
	}
	if !u.spanned {
		u.from, u.to = spanOf(c, u.has)
		u.spanned = true
	}
	return u.from, u.to
}

// ruleEnd returns a time after the last occurrence of a rule, at most ten
// years on.
func ruleEnd(rule string, start time.Time) time.Time {
	end := start.AddDate(horizon, 0, 0)
	if d, ok := ical.ParseDateTime(rulePart(rule, "UNTIL")); ok {
		return d.Wall.AddDate(0, 0, 1)
	}
	n, err := strconv.Atoi(rulePart(rule, "COUNT"))
	if err != nil || n < 1 || n > 1000 {
		return end
	}
	step, err := strconv.Atoi(rulePart(rule, "INTERVAL"))
	if err != nil || step < 1 || step > 1000 {
		step = 1
	}
	days := 0
	for _, part := range strings.Split(rule, ";") {
		switch name := partName(part); name {
		case "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS":
			days = horizon * 366 // a period may have no day that they all name
		}
	}
	switch rulePart(rule, "FREQ") {
	case "DAILY":
		if days = max(days, 1); rulePart(rule, "BYDAY") != "" {
			days = max(days, 7)
		}
	case "WEEKLY":
		days = max(days, 7)
	case "MONTHLY":
		days = max(days, 62) // not each has a 31st, or a fifth Monday
	default:
		return end
	}
	if last := start.AddDate(0, 0, min(n*step*days, horizon*366)); last.Before(end) {
		return last
	}
	return end
}

// rulePart returns one part of a recurrence rule in upper case, "" without it.
func rulePart(rule, name string) string {
	for more := true; more; {
		var part string
		part, rule, more = strings.Cut(rule, ";")
		if part != "" && isLetter(part[0]) && (part[0]^name[0])&^0x20 != 0 {
			continue // nearly all: another name, with no blank before it
		}
		k, v, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.ToUpper(strings.TrimSpace(v))
		}
	}
	return ""
}

func isLetter(c byte) bool { return 'A' <= c&^0x20 && c&^0x20 <= 'Z' }

// setZone gives the parameters, and the VTIMEZONE if there is one, the name.
func (u *usedZone) setZone(name string) {
	for _, l := range u.lines {
		l.SetParam("TZID", name)
	}
	if u.declared != nil {
		setOrAdd(u.declared.Component, "TZID", ical.EscapeText(name))
	}
}

// addZone puts a VTIMEZONE after the ones that are there and before the first
// component that uses it.
func addZone(c *Object, z *ical.Component) {
	var before *ical.Component
	for _, it := range c.Cal.Items {
		if it.Sub == nil {
			continue
		}
		if it.Sub.Name == "VTIMEZONE" {
			before = nil
		} else if before == nil {
			before = it.Sub
		}
	}
	c.Cal.InsertChild(before, z)
}

package remedy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// maxExdates is how many dates one EXDATE is split into.
const maxExdates = 1000

// exdateMulti writes one EXDATE for each date.
//
// QUIRK(apple): exdate-multi. Nobody else gets it: MS-OXCICAL 2.1.3.1.1.20.13
// exports one list, Exchange 2007 before SP2 RU2 loses dates whichever way they
// are written, and of the programs that read half of what RFC 5545 §3.8.5.1
// allows about as many stop at the first line as at the first comma. Where
// neither form is better the organizer's stays.
func exdateMulti() *Remedy {
	return &Remedy{
		ID:       "exdate-multi",
		Summary:  "write one EXDATE for each date",
		Why:      "Apple iCal reads only the first date of a list, and cancelled occurrences reappear. Other receivers get the list unchanged, because some of them read only the first EXDATE line.",
		Source:   "Zimbra bug 59333; KB 973969; MS-OXCICAL EXDATE (a881e6ef)",
		Profiles: []Profile{Apple},
		Facets:   FacetFirstExdate,
		Looks:    []string{"EXDATE"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				splitExdates(c, ev)
			}
		},
	}
}

func splitExdates(c *Object, ev *ical.Component) {
	var items []ical.Item
	for i, it := range ev.Items {
		l := named(it, "EXDATE")
		var dates []string
		if l != nil && strings.Contains(l.Value(), ",") {
			dates = listed(l.Value())
		}
		split := false
		if f := found(Warning, ev, "EXDATE", "", ""); len(dates) > 0 {
			f.Before, f.After = l.Value(), fmt.Sprintf("%d properties", len(dates))
			if len(dates) > maxExdates {
				c.leave(f, fmt.Sprintf("more than %d dates", maxExdates))
			} else {
				split = c.Found(f)
			}
		}
		if split && items == nil {
			items = append(items, ev.Items[:i]...)
		}
		switch {
		case split:
			for _, v := range dates {
				items = append(items, ical.Item{Prop: ical.NewLine("EXDATE", v, l.Params()...)})
			}
		case items != nil:
			items = append(items, it)
		}
	}
	if items != nil {
		ev.Items = items
	}
}

// listed are the values of a list that are not empty.
func listed(list string) []string {
	var out []string
	for v := range strings.SplitSeq(list, ",") {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// eachExdate calls f for the EXDATEs of components whose start is a time, with
// the dates of each, none of them a day. A property with a date that cannot be
// read is left out, and one with more than maxExdates.
func eachExdate(c *Object, f func(ev *ical.Component, l *ical.Line, cuts []moment, start moment)) {
	for _, ev := range c.schedulable() {
		if !ev.Has("EXDATE") {
			continue
		}
		start, ok := c.moment(ev.First("DTSTART"))
		if !ok || start.Form == ical.Date {
			continue
		}
		for _, it := range ev.Items {
			if l := named(it, "EXDATE"); l != nil {
				if cuts := momentsOf(c, l); len(cuts) > 0 && !slices.ContainsFunc(cuts, moment.isDay) {
					f(ev, l, cuts, start)
				}
			}
		}
	}
}

// momentsOf reads a property that holds a list of dates; nil when one of them
// cannot be read or there are more than maxExdates.
func momentsOf(c *Object, l *ical.Line) []moment {
	if quoteOpen(l) || strings.Count(l.Value(), ",") >= maxExdates {
		return nil
	}
	var all []moment
	for _, v := range listed(l.Value()) {
		m, ok := c.momentOf(v, l.ParamValue("TZID"))
		if !ok {
			return nil
		}
		all = append(all, m)
	}
	return all
}

// exdateFloating gives an EXDATE without zone the zone of DTSTART.
func exdateFloating() *Remedy {
	return &Remedy{
		ID:       "exdate-floating",
		Summary:  "give EXDATE without a zone the zone of DTSTART",
		Why:      "An excluded date without a zone matches no occurrence of a meeting that has one: the cancelled occurrence stays.",
		Source:   "sabre vobject issue 723; RFC 5545 §3.8.5.1",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences,
		Looks:    []string{"EXDATE"},
		Run: func(c *Object) {
			eachExdate(c, func(ev *ical.Component, l *ical.Line, cuts []moment, start moment) {
				floats := func(m moment) bool { return m.Form == ical.Local && m.tzid == "" }
				if start.tzid == "" || !slices.ContainsFunc(cuts, floats) {
					return
				}
				after := make([]ical.DateTime, len(cuts))
				for i, m := range cuts {
					after[i] = m.DateTime
					if !floats(m) { // in UTC: one property has one form
						var ok bool
						if after[i], ok = like(c, start, m.instant); !ok {
							c.leave(found(Error, ev, "EXDATE", l.Value(), ""), "one of the dates is in UTC, and the zone of DTSTART is not known or has this hour twice")
							return
						}
					}
				}
				if c.Found(found(Error, ev, "EXDATE", l.Value(), showAll(after, start.tzid))) {
					writeAll(l, after, start.tzid)
				}
			})
		},
	}
}

// exdateZone writes an EXDATE in the zone of DTSTART: the same instant.
func exdateZone() *Remedy {
	return &Remedy{
		ID:       "exdate-zone",
		Summary:  "write EXDATE in the zone of DTSTART",
		Why:      "Exchange 2010 before SP1 RU2 does not match an excluded date in UTC or in another zone: the cancelled occurrence stays.",
		Source:   "KB 2295902",
		Profiles: []Profile{Standard},
		Looks:    []string{"EXDATE"},
		Run: func(c *Object) {
			eachExdate(c, func(ev *ical.Component, l *ical.Line, cuts []moment, start moment) {
				same := func(m moment) bool { return m.known && m.sameZone(start) }
				if !slices.ContainsFunc(cuts, func(m moment) bool { return !same(m) }) ||
					slices.ContainsFunc(cuts, func(m moment) bool { return !m.known }) {
					return
				}
				after := make([]ical.DateTime, len(cuts))
				for i, m := range cuts {
					var ok bool
					if after[i], ok = like(c, start, m.instant); !ok {
						c.leave(found(Warning, ev, "EXDATE", l.Text(), ""), "the zone of DTSTART is not known, or has this hour twice")
						return
					}
				}
				if c.Found(found(Warning, ev, "EXDATE", showLine(l), showAll(after, start.tzid))) {
					writeAll(l, after, start.tzid)
				}
			})
		},
	}
}

package remedy

import (
	"fmt"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// maxExdates is how many dates one EXDATE is split into.
const maxExdates = 1000

// exdateMulti writes one EXDATE for each date.
//
// QUIRK(apple): exdate-multi. Exchange 2007 before SP2 RU2 keeps one of
// several EXDATEs whichever way they are written.
func exdateMulti() *Remedy {
	return &Remedy{
		ID:       "exdate-multi",
		Summary:  "write one EXDATE for each date",
		Why:      "Apple iCal reads only the first date of a list, and Exchange 2007 before SP2 RU2 discards a list: cancelled occurrences come back.",
		Source:   "Zimbra bug 59333; KB 973969",
		Profiles: []Profile{Standard},
		Looks:    []string{"EXDATE"},
		Run: func(c *Case) {
			for _, ev := range c.schedulable() {
				c.splitExdates(ev)
			}
		},
	}
}

func (c *Case) splitExdates(ev *ical.Component) {
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

// eachExdate calls f for the EXDATEs with one date of components whose start
// is a time.
func (c *Case) eachExdate(f func(ev *ical.Component, l *ical.Line, cut, start moment)) {
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
				if cut, ok := c.moment(l); ok && cut.Form != ical.Date {
					f(ev, l, cut, start)
				}
			}
		}
	}
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
		Run: func(c *Case) {
			c.eachExdate(func(ev *ical.Component, l *ical.Line, cut, start moment) {
				if cut.Form != ical.Local || cut.tzid != "" || start.tzid == "" {
					return
				}
				if c.Found(found(Error, ev, "EXDATE", cut.String(), show(cut.DateTime, start.tzid))) {
					write(l, cut.DateTime, start.tzid)
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
		Run: func(c *Case) {
			c.eachExdate(func(ev *ical.Component, l *ical.Line, cut, start moment) {
				if !cut.known || cut.sameZone(start) {
					return
				}
				after, ok := c.like(start, cut.instant)
				if !ok {
					c.leave(found(Warning, ev, "EXDATE", show(cut.DateTime, cut.tzid), ""), "the zone of DTSTART is not known, or the hour is there twice")
					return
				}
				if c.Found(found(Warning, ev, "EXDATE", show(cut.DateTime, cut.tzid), show(after, start.tzid))) {
					write(l, after, start.tzid)
				}
			})
		},
	}
}

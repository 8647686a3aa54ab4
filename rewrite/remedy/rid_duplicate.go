package remedy

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// occurrenceKey names an occurrence however its RECURRENCE-ID is spelt.
type occurrenceKey struct {
	name, identity string
	date           bool
	at             int64
}

// ridDuplicate drops all but the newest of several changes of one occurrence.
func ridDuplicate() *Remedy {
	return &Remedy{
		ID:       "rid-duplicate",
		Summary:  "keep the newest of several changes of one occurrence",
		Why:      "A client that writes RECURRENCE-ID once in UTC and once in a zone sends the same occurrence twice. Servers built on sabre refuse the calendar; others show two meetings.",
		Source:   "twake-calendar PR 1089; RFC 5545 §3.8.4.4",
		Profiles: []Profile{Standard},
		Facets:   FacetComponents,
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			if !c.fromOrganizer() {
				return
			}
			var newest map[occurrenceKey]*ical.Component
			gone := map[*ical.Component]bool{}
			for _, ev := range c.schedulable() {
				l := ev.First("RECURRENCE-ID")
				id, ok := c.moment(l)
				if !ok || !id.known && id.Form != ical.Date || l.ParamValue("RANGE") != "" {
					continue // a change of all that follow is another one
				}
				key := occurrenceKey{name: ev.Name, identity: identity(ev.Value("UID")), date: id.Form == ical.Date, at: id.Wall.Unix()}
				if id.known {
					key.at = id.instant.Unix()
				}
				if newest == nil {
					newest = map[occurrenceKey]*ical.Component{}
				}
				if other := newest[key]; other != nil {
					newest[key] = newer(c, other, ev, gone)
				} else {
					newest[key] = ev
				}
			}
			if len(gone) > 0 {
				c.Cal.Items = slices.DeleteFunc(c.Cal.Items, func(it ical.Item) bool { return it.Sub != nil && gone[it.Sub] })
			}
		},
	}
}

// newer returns the one of two changes of an occurrence that counts, and notes
// the other one for removal.
func newer(c *Object, a, b *ical.Component, gone map[*ical.Component]bool) *ical.Component {
	old, f := a, found(Error, b, "RECURRENCE-ID", a.First("RECURRENCE-ID").Text(), b.First("RECURRENCE-ID").Text())
	switch d, ok := ageOf(c, a, b); {
	case !ok, d == 0 && !sameLooking(a, b):
		c.leave(f, "it is not certain which of the two is newer")
		return a
	case d >= 0:
		a, old = b, a
		if d == 0 {
			a, old = old, b
		}
	default:
		old = b
	}
	f.Before, f.After = old.First("RECURRENCE-ID").Text(), a.First("RECURRENCE-ID").Text()
	if c.Found(f) {
		gone[old] = true
	}
	return a
}

// ageOf reports whether b is newer (positive) or older (negative) than a
// (RFC 5546 §2.1.5).
func ageOf(c *Object, a, b *ical.Component) (int, bool) {
	m, ok := sequence(a)
	n, also := sequence(b)
	if !ok || !also {
		return 0, false
	}
	if m != n {
		return int(n) - int(m), true
	}
	s, ok := c.moment(a.First("DTSTAMP"))
	t, also := c.moment(b.First("DTSTAMP"))
	if !ok || !also || s.Form != t.Form {
		return 0, true
	}
	return t.Wall.Compare(s.Wall), true
}

// sameLooking reports whether two components have the same lines, their
// RECURRENCE-ID aside, in any order.
func sameLooking(a, b *ical.Component) bool {
	return slices.Equal(looks(a), looks(b))
}

func looks(comp *ical.Component) (lines []string) {
	for _, it := range comp.Items {
		switch {
		case it.Sub != nil:
			lines = append(lines, it.Sub.Name)
			lines = append(lines, looks(it.Sub)...)
		case it.Prop.Name() != "RECURRENCE-ID":
			lines = append(lines, it.Prop.Text())
		}
	}
	slices.Sort(lines)
	return lines
}

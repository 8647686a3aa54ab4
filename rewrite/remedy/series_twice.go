package remedy

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// seriesTwice keeps the newest of several components that are the same meeting:
// what rid-duplicate does for one occurrence, and ghost-vevent where the second
// says nothing. RFC 5546 §2.1.5 tells which one counts.
func seriesTwice() *Remedy {
	return &Remedy{
		ID:       "series-twice",
		Summary:  "keep the newest of several events that are the same meeting",
		Why:      "Merged calendars contain a meeting twice. Servers built on sabre refuse them; others show both, or the older one.",
		Source:   "KB 2502276; libcalendaring tests, dummy-dupe.ics; RFC 5546 §2.1.5",
		Profiles: []Profile{Standard},
		Facets:   FacetComponents,
		Run: func(c *Object) {
			if len(c.schedulable()) < 2 || !c.fromOrganizer() {
				return
			}
			newest := map[masterKey]*ical.Component{}
			gone := map[*ical.Component]bool{}
			for _, ev := range c.schedulable() {
				key := masterKey{ev.Name, identity(ev.Value("UID"))}
				if ev.Has("RECURRENCE-ID") || key.identity == "" || ev.Name == "VFREEBUSY" {
					continue
				}
				if other := newest[key]; other != nil {
					ev = newerOf(c, other, ev, gone)
				}
				newest[key] = ev
			}
			if len(gone) > 0 {
				c.Cal.Items = slices.DeleteFunc(c.Cal.Items, func(it ical.Item) bool { return it.Sub != nil && gone[it.Sub] })
			}
		},
	}
}

// otherTimes reports whether two components with the same revision are at different
// times: a program may have given one identity to several meetings, or written
// each occurrence as a meeting, and to drop one would lose it.
func otherTimes(c *Object, a, b *ical.Component) bool {
	m, ok := sequence(a)
	n, also := sequence(b)
	if !ok || !also || m != n {
		return false
	}
	start, known := c.moment(a.First("DTSTART"))
	other, too := c.moment(b.First("DTSTART"))
	switch {
	case !known || !too:
		return known != too
	case start.known && other.known:
		return !start.instant.Equal(other.instant)
	}
	return !start.sameZone(other) || !start.Wall.Equal(other.Wall)
}

// newerOf returns the one of two versions of a meeting that counts, and notes
// the other one for removal.
func newerOf(c *Object, a, b *ical.Component, gone map[*ical.Component]bool) *ical.Component {
	f := found(Error, b, "UID", b.Value("UID"), "")
	d, ok := ageOf(c, a, b)
	switch {
	case otherTimes(c, a, b):
		c.leave(f, "the identity is there twice for different times with one SEQUENCE: they may be two meetings, and the sender's program has to give each a UID of its own")
		return a
	case !ok || d == 0 && !sameLooking(a, b):
		c.leave(f, "the meeting occurs twice, and it is not certain which of the two is newer")
		return a
	case d > 0:
		a, b = b, a
	}
	if c.Found(f) {
		gone[b] = true
	}
	return a
}

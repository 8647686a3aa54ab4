package guard

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Compare returns the facets in which after differs from before, of which it is a
// changed copy. order lists the components of before in the tree of after: a
// component is identified by being the same object, so that a removed one does not
// make all others look changed.
func Compare(before, after *remedy.Object, order []*ical.Component) remedy.Facet {
	same := sameZones(before.Cal, after.Cal)
	var diff remedy.Facet
	if !same && spoilsName(before.Cal, after.Cal) {
		diff |= remedy.FacetZoneName
	}
	if before.Method() != after.Method() {
		diff |= remedy.FacetMethod
	}
	was := Components(before.Doc)
	now := Components(after.Doc)
	if len(was) != len(order) {
		return ^remedy.Facet(0)
	}
	stayed := slices.Equal(now, order) // none came or went, none was moved
	var origin map[*ical.Component]*ical.Component
	if !stayed {
		origin = make(map[*ical.Component]*ical.Component, len(order))
		for i, c := range order {
			origin[c] = was[i]
		}
	}
	kept := 0
	for i, c := range now {
		if !visible(c) {
			continue
		}
		old := origin[c]
		if stayed {
			old = was[i]
		}
		if old == nil || old.Name != c.Name {
			diff |= facetOfNew(c)
			continue
		}
		kept++
		tick(after)
		diff |= compareOne(View{before, old, same}, View{after, c, same})
	}
	visibleBefore := 0
	for _, c := range was {
		if visible(c) {
			visibleBefore++
		}
	}
	if kept != visibleBefore {
		diff |= facetOfLost(was, order, now)
	}
	return diff
}

// visible reports whether people see a component: time zones are compared by the
// resulting instants, calendars by their components.
func visible(c *ical.Component) bool {
	switch c.Name {
	case "VTIMEZONE", "STANDARD", "DAYLIGHT", "VCALENDAR":
		return false
	}
	return true
}

// facetOfNew returns the facets that an added component changes.
func facetOfNew(c *ical.Component) remedy.Facet {
	if c.Name == "VALARM" {
		return remedy.FacetAlarms
	}
	return remedy.FacetComponents
}

// facetOfLost returns what the components that are gone changed. What stood in a
// lost component is lost with it and not counted again.
func facetOfLost(was, order, now []*ical.Component) remedy.Facet {
	left := make(map[*ical.Component]bool, len(now))
	for _, c := range now {
		left[c] = true
	}
	gone := make(map[*ical.Component]bool, len(was)) // of was
	var diff remedy.Facet
	for i, c := range order {
		if left[c] {
			continue
		}
		gone[was[i]] = true // parents come first
		if outer := was[i].Parent(); visible(was[i]) && !(gone[outer] && visible(outer) && outer.Name != "") {
			diff |= facetOfNew(was[i])
		}
	}
	return diff
}

// Components lists the components of a document in document order, parents first.
func Components(doc *ical.Document) []*ical.Component {
	all := make([]*ical.Component, 0, 8) // a usual calendar has six
	doc.Root.Walk(func(c *ical.Component) {
		if c != doc.Root {
			all = append(all, c)
		}
	})
	return all
}

// tick lets a caller with a limit on time stop.
func tick(c *remedy.Object) {
	if c.Tick != nil {
		c.Tick()
	}
}

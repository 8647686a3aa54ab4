package rewrite

import (
	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// facets is a component as people see it, for what is written of it: a notice, its
// form in UTC, a cancellation, the details of a report.
type facets struct{ guard.View }

func facetsOf(c *remedy.Case, it *ical.Component) facets {
	return facets{guard.View{Case: c, Component: it}}
}

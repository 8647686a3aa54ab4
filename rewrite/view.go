package rewrite

import (
	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// view is a component as people see it, for what is written of it: a notice, its
// form in UTC, a cancellation, the details of a report.
type view struct{ guard.View }

func viewOf(c *remedy.Object, it *ical.Component) view {
	return view{guard.View{Object: c, Component: it}}
}

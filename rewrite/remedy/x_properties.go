package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// notMicrosoft are the profiles of receivers known to be no Exchange. Standard
// is not among them: it may be one.
func notMicrosoft() []Profile { return []Profile{Domino, Google, Apple, Zimbra, Sabre} }

// byLotus reports whether the calendar was written by Notes or Domino.
func byLotus(c *Object) bool {
	id := c.Cal.Value("PRODID")
	return strings.Contains(id, "Lotus") || strings.Contains(id, "NONSGML Notes") || strings.Contains(id, "Domino")
}

// dropEverywhere takes properties out of the calendar and all its components.
func dropEverywhere(c *Object, level Level, match func(*ical.Line) bool) {
	each(c.Cal, func(comp *ical.Component) { c.drop(level, comp, match) })
}

package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// year1601 drops dates of the year 1601 that carry no meaning of their own.
//
// QUIRK(exchange2003): year-1601. 1 January 1601 is how Windows writes "no
// date". What a meeting cannot be without (DTSTART and its like) and text are
// not touched; X-MICROSOFT-CDO-REPLYTIME is cdo-replytime-1601's.
func year1601() *Remedy {
	return &Remedy{
		ID:       "year-1601",
		Summary:  "remove dates of the year 1601",
		Why:      "Exchange writes 1 January 1601 for a date that is not set. Receivers store it as a real date, and back in Exchange 2003 it prevents the next update of the meeting from leaving the server (KB 938650).",
		Source:   "KB 938650; Zimbra bug 84029; DavMail test data",
		Profiles: []Profile{Standard},
		Facets:   FacetStamp,
		Looks:    []string{"?1601"},
		Run: func(c *Object) {
			each(c.Cal, func(comp *ical.Component) {
				c.drop(Warning, comp, func(l *ical.Line) bool {
					return in1601(l.Value()) && mayLack(l.Name())
				})
				for _, it := range comp.Items {
					if it.Prop != nil {
						dropParams1601(c, comp, it.Prop)
					}
				}
			})
		},
	}
}

// in1601 reports whether a value is a date-time in the year 1601.
func in1601(v string) bool {
	if len(v) < len("16010101T000000") || !strings.HasPrefix(v, "1601") {
		return false
	}
	_, ok := ical.ParseDateTime(v)
	return ok
}

// mayLack reports whether a component is complete without the property.
func mayLack(name string) bool {
	switch name {
	case "CREATED", "LAST-MODIFIED", "COMPLETED", "ACKNOWLEDGED":
		return true
	case cdoReplytime:
		return false
	}
	return strings.HasPrefix(name, "X-")
}

func dropParams1601(c *Object, comp *ical.Component, l *ical.Line) {
	if !strings.Contains(head(l), "1601") {
		return // spares most lines the reading of their parameters
	}
	if !slices.ContainsFunc(l.Params(), isParam1601) {
		return
	}
	if c.Found(found(Warning, comp, l.Name(), l.Text(), "")) {
		l.DelParams(isParam1601)
	}
}

func isParam1601(p ical.Param) bool { return in1601(p.Value()) }

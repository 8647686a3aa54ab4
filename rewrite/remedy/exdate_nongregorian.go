package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// exdateNongregorian copies the series that Exchange keeps in properties of its
// own, where it is one of the Gregorian calendar.
//
// QUIRK(exchange): exdate-nongregorian.
func exdateNongregorian() *Remedy {
	const rule, cut, scale = "X-MICROSOFT-RRULE", "X-MICROSOFT-EXDATE", "X-MICROSOFT-CALSCALE"
	return &Remedy{
		ID:       "exdate-nongregorian",
		Summary:  "copy X-MICROSOFT-RRULE and X-MICROSOFT-EXDATE of a Gregorian series to RRULE and EXDATE",
		Why:      "For a series in a non-Gregorian calendar, Exchange uses properties of its own. Others see a single meeting. A Hijri, Hebrew or lunar rule cannot be written as an RRULE.",
		Source:   "MS-OXCICAL 4518dacf",
		Profiles: notMicrosoft(),
		Facets:   FacetOccurrences,
		Looks:    []string{rule, cut},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First(rule)
				if l == nil && !ev.Has(cut) || ev.Has("RRULE") {
					continue
				}
				calendar := strings.ToUpper(strings.TrimSpace(ev.Value(scale) + c.Cal.Value(scale)))
				f := found(Error, ev, rule, ev.Value(rule), "")
				switch {
				case calendar != "" && calendar != "GREGORIAN":
					c.leave(f, "the series uses the calendar "+calendar+", which an RRULE cannot describe")
					continue
				case l == nil:
					c.leave(f, "there is no rule that the excluded dates belong to")
					continue
				}
				if f.After = "RRULE:" + l.Value(); !c.Found(f) {
					continue
				}
				series := []*ical.Line{ical.NewLine("RRULE", l.Value())}
				for _, x := range ev.Lines(cut) {
					series = append(series, ical.NewLine("EXDATE", x.Value(), x.Params()...))
				}
				ev.Add(series...)
			}
		},
	}
}

package remedy

import (
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// ridMissing adds the RECURRENCE-ID of an occurrence that only the UID names. Its
// time cannot be known from the message, and a wrong guess would hit another one:
// only where the series is remembered, and takes place once on that day, is it
// repaired.
func ridMissing() *Remedy {
	return &Remedy{
		ID:       "rid-missing",
		Summary:  "add RECURRENCE-ID from the day in the UID and the series in the ledger; without them report it",
		Why:      "The UID (or Exchange's INSTTYPE) names a single occurrence, but RECURRENCE-ID is missing. Receivers treat it as the whole series: a cancellation of one date then cancels all of them.",
		Source:   "KB 2502276; MS-OXCICAL UID (ac8c1e68)",
		Profiles: []Profile{Standard},
		Facets:   FacetRecurrence,
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				if ev.Has("RECURRENCE-ID") || ev.Has("RRULE") || ev.Has("RDATE") {
					continue
				}
				sign := occurrenceSign(ev)
				if sign == "" {
					continue
				}
				at, why := occurrenceInUID(c, ev)
				f := found(Error, ev, "RECURRENCE-ID", sign, at.String())
				if why != "" {
					c.leave(f, why)
				} else if c.Found(f) {
					l := ical.NewLine("RECURRENCE-ID", "")
					ev.Add(l)
					write(l, at, "")
				}
			}
		},
	}
}

// occurrenceInUID is the occurrence of the series that is remembered on the day
// that the UID names; why says why it is not known.
func occurrenceInUID(c *Object, ev *ical.Component) (at ical.DateTime, why string) {
	day, ok := goidDay(ev.Value("UID"))
	was, series := invitation(c, ev)
	if !ok || series == nil {
		return at, "this message does not contain the time of the occurrence"
	}
	return occurrenceOn(was, series, day)
}

// goidDay is the day of the occurrence that a GlobalObjectId names: two octets for
// the year, one for the month, one for the day (MS-OXOCAL 2.2.1.27).
func goidDay(uid string) (time.Time, bool) {
	n, err := strconv.ParseUint(instanceDate(uid), 16, 32)
	day := time.Date(int(n>>16), time.Month(n>>8&0xff), int(n&0xff), 0, 0, 0, 0, time.UTC)
	return day, err == nil && day.Month() == time.Month(n>>8&0xff) && day.Day() == int(n&0xff)
}

// occurrenceSign returns what marks a component as one occurrence of a series,
// "" without such a sign.
func occurrenceSign(ev *ical.Component) string {
	if d := instanceDate(ev.Value("UID")); d != "" {
		return "UID with instance date " + d
	}
	// 2 is an instance, 3 an exception (MS-OXCICAL, X-MICROSOFT-CDO-INSTTYPE)
	switch t := strings.TrimSpace(ev.Value("X-MICROSOFT-CDO-INSTTYPE")); t {
	case "2", "3":
		return "X-MICROSOFT-CDO-INSTTYPE:" + t
	}
	return ""
}

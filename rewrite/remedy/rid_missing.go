package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// ridMissing reports an occurrence that does not say which one it is. The time
// of the occurrence cannot be known from the message, and a wrong guess would
// hit another one, so it is never repaired.
func ridMissing() *Remedy {
	return &Remedy{
		ID:      "rid-missing",
		Summary: "report an occurrence without RECURRENCE-ID",
		Why:     "The UID (or Exchange's INSTTYPE) names a single occurrence, but RECURRENCE-ID is missing. Receivers treat it as the whole series: a cancellation of one date then cancels all of them.",
		Source:  "KB 2502276; MS-OXCICAL UID (ac8c1e68)",
		Never:   true,
		Run: func(c *Case) {
			for _, ev := range c.schedulable() {
				if ev.Has("RECURRENCE-ID") || ev.Has("RRULE") || ev.Has("RDATE") {
					continue
				}
				if sign := occurrenceSign(ev); sign != "" {
					c.leave(found(Error, ev, "RECURRENCE-ID", sign, ""), "this message does not contain the time of the occurrence")
				}
			}
		},
	}
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

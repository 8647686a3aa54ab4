package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// exceptionCancelled writes a cancelled exception of an invitation as EXDATE of
// its series. That is opt-in: an attendee who sees the exception knows that the
// occurrence was cancelled, with EXDATE it was never there.
func exceptionCancelled() *Remedy {
	return &Remedy{
		ID:       "exception-cancelled",
		Summary:  "write a cancelled exception in an invitation as EXDATE of its series",
		Why:      "Some programs cancel one occurrence by an exception with STATUS:CANCELLED in an invitation. Receivers cancel the whole series, or keep the occurrence.",
		Source:   "nextcloud/server#59695; nextcloud/calendar#7057; RFC 5545 §3.8.5.1",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Facets:   FacetComponents | FacetOccurrences,
		Looks:    []string{"RECURRENCE-ID STATUS"},
		Run: func(c *Object) {
			if m := c.Method(); m != "REQUEST" && m != "PUBLISH" {
				return
			}
			gone := map[*ical.Component]bool{}
			eachException(c, func(x exception) {
				master := c.master(x.ev)
				if !isCancelled(x.ev.Value("STATUS")) || isCancelled(master.Value("STATUS")) {
					return
				}
				f := found(Warning, x.ev, "RECURRENCE-ID", x.line.Text(), "")
				switch {
				case strings.EqualFold(x.line.ParamValue("RANGE"), "THISANDFUTURE"):
					c.leave(f, "it cancels more than one occurrence")
				case !master.Has("RRULE") && !master.Has("RDATE"), x.id.Form != x.start.Form, x.id.Form == ical.Local && !x.id.sameZone(x.start):
					c.leave(f, "it is not certain which occurrence of the series it is")
				default:
					if f.After = "EXDATE:" + x.id.String(); c.Found(f) {
						gone[x.ev] = true
						exclude(c, master, x)
					}
				}
			})
			if len(gone) > 0 {
				c.Cal.Items = slices.DeleteFunc(c.Cal.Items, func(it ical.Item) bool { return it.Sub != nil && gone[it.Sub] })
			}
		},
	}
}

// exclude adds the EXDATE of an exception after what the series says of its
// recurrence, unless it is there.
func exclude(c *Object, master *ical.Component, x exception) {
	var last *ical.Line
	for _, it := range master.Items {
		if it.Prop == nil || !isRecurrence(it.Prop) {
			continue
		}
		last = it.Prop
		if it.Prop.Name() != "EXDATE" {
			continue
		}
		for v := range strings.SplitSeq(it.Prop.Value(), ",") {
			if m, ok := c.momentOf(v, it.Prop.ParamValue("TZID")); ok && m.DateTime == x.id.DateTime && m.sameZone(x.id) {
				return
			}
		}
	}
	l := ical.NewLine("EXDATE", x.id.String())
	write(l, x.id.DateTime, x.startAt.ParamValue("TZID"))
	master.InsertAfter(last, l)
}

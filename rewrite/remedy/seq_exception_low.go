package remedy

import (
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// seqExceptionLow raises the SEQUENCE of an exception to that of its series
// when both are in one object. An attendee's answer echoes the numbers that it
// got (RFC 5546 §3.2.3), so only the organizer's methods are repaired.
func seqExceptionLow() *Remedy {
	return &Remedy{
		ID:       "seq-exception-low",
		Summary:  "raise SEQUENCE of an exception to that of its series",
		Why:      "CalDAV servers and web calendars count a changed occurrence from 0 although the series has been revised. Outlook treats the occurrence as older than the series and ignores it.",
		Source:   "Zimbra bug 19111",
		Profiles: []Profile{Standard},
		Facets:   FacetSequence,
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			if !c.fromOrganizer() {
				return
			}
			for _, ev := range c.schedulable() {
				have, ok := sequence(ev)
				want, known := numberOfSeries(c, ev)
				if !ok || !known || have >= want {
					continue
				}
				after := strconv.FormatUint(want, 10)
				if c.Found(found(Error, ev, "SEQUENCE", ev.Value("SEQUENCE"), after)) {
					setOrAdd(ev, "SEQUENCE", after)
				}
			}
		},
	}
}

// numberOfSeries is SEQUENCE of the series that an exception belongs to: in the
// calendar, else as it was sent, where that is remembered and the exception newer.
func numberOfSeries(c *Object, ev *ical.Component) (n uint64, known bool) {
	if m := c.master(ev); m != nil {
		return sequence(m)
	}
	if !ev.Has("RECURRENCE-ID") || c.Method() == "CANCEL" || Number(ev) > 0 {
		return 0, false // a program that counts is believed; for cancellations see raiseCancel
	}
	list, known := lastRevision(c, ev)
	if !known {
		return 0, false
	}
	n, note := outrank(list, n, false)
	return n, note == ""
}

// sequence returns SEQUENCE, 0 without one; ok is false for what is no number.
func sequence(ev *ical.Component) (n uint64, ok bool) {
	l := ev.First("SEQUENCE")
	if l == nil {
		return 0, true
	}
	n, err := strconv.ParseUint(l.Value(), 10, 31)
	return n, err == nil
}

// Number returns the number by which the organizer of a meeting counts its
// revisions: SEQUENCE, or the higher number of a program that counts in a property
// of its own (see seq-cdo).
func Number(ev *ical.Component) int {
	n, _ := sequence(ev)
	if own, err := strconv.ParseUint(strings.TrimSpace(ev.Value(cdoSequence)), 10, 31); err == nil {
		n = max(n, own)
	}
	return int(n)
}

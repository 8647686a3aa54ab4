package remedy

import (
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// What makes a receiver take a message for old news can often be seen in the
// message itself, but the number that would help cannot: it depends on what
// went before. Where that is remembered (see Memory) the message is mended, else
// it is reported.

// seqCancelEqual raises the cancellation of an occurrence by Exchange above what
// was sent before.
//
// QUIRK(exchange): seq-cancel-equal. It carries the number of the series'
// last update (MS-OXOCAL, "out of date" rules).
func seqCancelEqual() *Remedy {
	return &Remedy{
		ID:       "seq-cancel-equal",
		Summary:  "raise SEQUENCE of the cancellation of an occurrence by Exchange above what was sent; without a ledger report it",
		Why:      "Exchange and Outlook do not raise SEQUENCE for a cancellation that follows an update of the series. A receiver that requires a higher number than the stored one keeps the occurrence.",
		Source:   "MS-OXOCAL 64f1eb11",
		Profiles: []Profile{Standard},
		Facets:   FacetSequence,
		Looks:    []string{"METHOD:CANCEL RECURRENCE-ID"},
		Run: func(c *Object) {
			if c.Method() != "CANCEL" || !c.fromMicrosoft() {
				return
			}
			for _, ev := range c.schedulable() {
				if ev.Has("RECURRENCE-ID") {
					raiseCancel(c, ev, Info, true, "the number may be that of the update before it; if the occurrence stays in a calendar, this is the reason")
				}
			}
		},
	}
}

// seqNotRaisedCancel raises a cancellation with the number of the invitation
// above what was sent before.
func seqNotRaisedCancel() *Remedy {
	return &Remedy{
		ID:       "seq-not-raised-cancel",
		Summary:  "raise SEQUENCE of a cancellation above what was sent; without a ledger report a cancellation with SEQUENCE:0",
		Why:      "Many programs cancel with the SEQUENCE of the invitation. Outlook, Apple and Thunderbird may treat the cancellation as outdated and keep the meeting.",
		Source:   "calcom PR 29926; EspoCRM forum 126976; RFC 5546 §2.1.5",
		Profiles: []Profile{Standard},
		Facets:   FacetSequence,
		Looks:    []string{"METHOD:CANCEL"},
		Run: func(c *Object) {
			if c.Method() != "CANCEL" {
				return
			}
			for _, ev := range c.schedulable() {
				if ev.Has("RECURRENCE-ID") && c.fromMicrosoft() {
					continue // see seq-cancel-equal
				}
				_, ok := sequence(ev)
				zero := ok && Number(ev) == 0 && !ev.Has("RECURRENCE-ID")
				raiseCancel(c, ev, Warning, zero, "a cancellation must have a higher SEQUENCE than the invitation, and this message does not show that number")
			}
		},
	}
}

// raiseCancel raises SEQUENCE of a cancellation above all that was sent before.
// Where nothing is remembered, what is suspect is reported with a note.
func raiseCancel(c *Object, ev *ical.Component, level Level, suspect bool, note string) {
	have, ok := sequence(ev)
	list, known := lastRevision(c, ev)
	if !ok || !known {
		if suspect {
			c.leave(found(level, ev, "SEQUENCE", ev.Value("SEQUENCE"), ""), note)
		}
		return
	}
	want, late := outrank(list, have, true)
	switch f := found(Error, ev, "SEQUENCE", ev.Value("SEQUENCE"), strconv.FormatUint(want, 10)); {
	case late != "":
		c.leave(f, late)
	case want > have && c.Found(f):
		setOrAdd(ev, "SEQUENCE", f.After)
	}
}

// staleStamp is how much older than its mail the DTSTAMP of an update is before
// it cannot be its own, and copiedStamp before it is compared with earlier
// messages.
const (
	staleStamp  = 24 * time.Hour
	copiedStamp = 5 * time.Minute
)

// dtstampCopied gives an update with the DTSTAMP of an earlier message one of its
// own.
func dtstampCopied() *Remedy {
	return &Remedy{
		ID:       "dtstamp-copied",
		Summary:  "give an update with the DTSTAMP of an earlier message the date of its own; without a ledger report a DTSTAMP more than a day older",
		Why:      "Some programs copy DTSTAMP from the first invitation. A receiver that has the same SEQUENCE compares DTSTAMP and ignores the update.",
		Source:   "sabre vobject changelog 462; RFC 5546 §2.1.5",
		Profiles: []Profile{Standard},
		Facets:   FacetStamp,
		Looks:    []string{"METHOD:REQUEST DTSTAMP", "METHOD:CANCEL DTSTAMP"},
		Run: func(c *Object) {
			if m := c.Method(); c.Mail.Date.IsZero() || m != "REQUEST" && m != "CANCEL" {
				return
			}
			for _, ev := range c.schedulable() {
				stamp, ok := c.moment(ev.First("DTSTAMP"))
				if !ok || stamp.Form != ical.UTC || c.Mail.Date.Sub(stamp.instant) < copiedStamp || restamp(c, ev) {
					continue
				}
				if n, known := sequence(ev); !known || n == 0 || c.Mail.Date.Sub(stamp.instant) < staleStamp {
					continue
				}
				c.leave(found(Info, ev, "DTSTAMP", ev.Value("DTSTAMP"), ""), "the message is dated "+c.Mail.Date.UTC().Format("20060102T150405Z")+"; it is not known whether the stamp is that of an earlier message")
			}
		},
	}
}

// dtstampCritical gives a message of Exchange 2003 that was changed after the time
// that it is stamped with a stamp of its own.
//
// QUIRK(exchange2003): dtstamp-critical. DTSTAMP is the time of the last change
// that concerns the attendees, which Exchange calls critical.
func dtstampCritical() *Remedy {
	const critical = "X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE"
	return &Remedy{
		ID:       "dtstamp-critical",
		Summary:  "give a message of Exchange 2003 with the DTSTAMP of an earlier one the date of its own; without a ledger report a DTSTAMP older than the last change",
		Why:      "Exchange 2003 sets DTSTAMP to the last change of time or place. A meeting that is sent again with other changes has the old stamp, and receivers ignore it.",
		Source:   "Kopano, vconverter.cpp",
		Profiles: []Profile{Standard},
		Facets:   FacetStamp,
		Looks:    []string{critical},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				if !ev.Has(critical) {
					continue
				}
				stamp, ok := c.moment(ev.First("DTSTAMP"))
				change, also := c.moment(ev.First(critical))
				last, known := c.moment(ev.First("LAST-MODIFIED"))
				if !ok || !also || !known || !stamp.instant.Equal(change.instant) || last.instant.Sub(stamp.instant) < staleStamp || restamp(c, ev) {
					continue
				}
				c.leave(found(Info, ev, "DTSTAMP", ev.Value("DTSTAMP"), ""), "the meeting was changed on "+last.String()+", and receivers that already have it may ignore that")
			}
		},
	}
}

// restamp gives a message that follows others with the same or a later DTSTAMP the
// date of its mail. It reports whether what is remembered has settled the matter.
func restamp(c *Object, ev *ical.Component) bool {
	list, known := lastRevision(c, ev)
	if d := c.Mail.Date; !known || !c.fromOrganizer() || d.Year() < 1980 || d.After(c.Now.Add(24*time.Hour)) {
		return false // without a date that is to be believed there is none to give
	}
	have := strings.TrimSpace(ev.Value("DTSTAMP"))
	after, behind := ical.DateTime{Wall: c.stamp(), Form: ical.UTC}.String(), false
	for _, r := range list {
		if sameMail(c, r) { // it gets what it got before
			return setStamp(c, ev, r.StampSent > have, r.StampSent)
		}
	}
	for _, r := range list {
		switch {
		case r.newer:
			c.leave(found(Info, ev, "DTSTAMP", have, ""), lateNote)
			return true
		case r.StampSent >= after:
			return true // the date of the mail would not help
		}
		behind = behind || r.StampSent >= have
	}
	return setStamp(c, ev, behind, after)
}

func setStamp(c *Object, ev *ical.Component, behind bool, after string) bool {
	if behind && c.Found(found(Warning, ev, "DTSTAMP", ev.Value("DTSTAMP"), after)) {
		setOrAdd(ev, "DTSTAMP", after)
	}
	return true
}

package remedy

import (
	"strconv"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// What makes a receiver take a message for old news can often be seen in the
// message itself, but the number that would help cannot: it depends on what
// went before.

// seqCancelEqual reports the cancellation of an occurrence by Exchange.
//
// QUIRK(exchange): seq-cancel-equal. It carries the number of the series'
// last update (MS-OXOCAL, "out of date" rules).
func seqCancelEqual() *Remedy {
	return &Remedy{
		ID:      "seq-cancel-equal",
		Summary: "report the cancellation of an occurrence by Exchange with the SEQUENCE of the series",
		Why:     "Exchange and Outlook do not raise SEQUENCE for a cancellation that follows an update of the series. A receiver that requires a higher number than the stored one keeps the occurrence.",
		Source:  "MS-OXOCAL 64f1eb11",
		Never:   true,
		Looks:   []string{"METHOD:CANCEL RECURRENCE-ID"},
		Run: func(c *Case) {
			if c.Method() != "CANCEL" || !c.Microsoft() {
				return
			}
			for _, ev := range c.schedulable() {
				if ev.Has("RECURRENCE-ID") {
					c.leave(found(Info, ev, "SEQUENCE", ev.Value("SEQUENCE"), ""), "the number may be that of the update before it; if the occurrence stays in a calendar, this is the reason")
				}
			}
		},
	}
}

// seqNotRaisedCancel reports a cancellation with the number of the first
// invitation.
func seqNotRaisedCancel() *Remedy {
	return &Remedy{
		ID:      "seq-not-raised-cancel",
		Summary: "report a cancellation of a meeting with SEQUENCE:0",
		Why:     "Many programs cancel with the SEQUENCE of the invitation. Outlook, Apple and Thunderbird may treat the cancellation as outdated and keep the meeting.",
		Source:  "calcom PR 29926; EspoCRM forum 126976; RFC 5546 §2.1.5",
		Never:   true,
		Looks:   []string{"METHOD:CANCEL"},
		Run: func(c *Case) {
			if c.Method() != "CANCEL" {
				return
			}
			for _, ev := range c.schedulable() {
				n, ok := sequence(ev)
				if own, err := strconv.Atoi(ev.Value(cdoSequence)); !ok || n > 0 || err == nil && own > 0 || ev.Has("RECURRENCE-ID") {
					continue
				}
				c.leave(found(Warning, ev, "SEQUENCE", ev.Value("SEQUENCE"), ""), "a cancellation must have a higher SEQUENCE than the invitation, and this message does not show that number")
			}
		},
	}
}

// staleStamp is how much older than its mail the DTSTAMP of an update is before
// it cannot be its own.
const staleStamp = 24 * time.Hour

// dtstampCopied reports an update with the DTSTAMP of an earlier message.
func dtstampCopied() *Remedy {
	return &Remedy{
		ID:      "dtstamp-copied",
		Summary: "report an update whose DTSTAMP is more than a day older than its message",
		Why:     "Some programs copy DTSTAMP from the first invitation. A receiver that has the same SEQUENCE compares DTSTAMP and ignores the update.",
		Source:  "sabre vobject changelog 462; RFC 5546 §2.1.5",
		Never:   true,
		Looks:   []string{"METHOD:REQUEST DTSTAMP", "METHOD:CANCEL DTSTAMP"},
		Run: func(c *Case) {
			if m := c.Method(); c.Mail.Date.IsZero() || m != "REQUEST" && m != "CANCEL" {
				return
			}
			for _, ev := range c.schedulable() {
				stamp, ok := c.moment(ev.First("DTSTAMP"))
				if n, known := sequence(ev); !ok || !known || n == 0 || stamp.Form != ical.UTC || c.Mail.Date.Sub(stamp.instant) < staleStamp {
					continue
				}
				c.leave(found(Info, ev, "DTSTAMP", ev.Value("DTSTAMP"), ""), "the message is dated "+c.Mail.Date.UTC().Format("20060102T150405Z")+"; it is not known whether the stamp is that of an earlier message")
			}
		},
	}
}

// dtstampCritical reports a message of Exchange 2003 that was changed after the
// time that it is stamped with.
//
// QUIRK(exchange2003): dtstamp-critical. DTSTAMP is the time of the last change
// that concerns the attendees, which Exchange calls critical.
func dtstampCritical() *Remedy {
	const critical = "X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE"
	return &Remedy{
		ID:      "dtstamp-critical",
		Summary: "report a DTSTAMP of Exchange 2003 that is older than the last change",
		Why:     "Exchange 2003 sets DTSTAMP to the last change of time or place. A meeting that is sent again with other changes has the old stamp, and receivers ignore it.",
		Source:  "Kopano, vconverter.cpp",
		Never:   true,
		Looks:   []string{critical},
		Run: func(c *Case) {
			for _, ev := range c.schedulable() {
				if !ev.Has(critical) {
					continue
				}
				stamp, ok := c.moment(ev.First("DTSTAMP"))
				change, also := c.moment(ev.First(critical))
				last, known := c.moment(ev.First("LAST-MODIFIED"))
				if !ok || !also || !known || !stamp.instant.Equal(change.instant) || last.instant.Sub(stamp.instant) < staleStamp {
					continue
				}
				c.leave(found(Info, ev, "DTSTAMP", ev.Value("DTSTAMP"), ""), "the meeting was changed on "+last.String()+", and receivers that already have it may ignore that")
			}
		},
	}
}

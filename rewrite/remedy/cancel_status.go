package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// cancelStatus gives the components of a cancellation STATUS:CANCELLED where
// wrong says so of the STATUS they have (nil for none).
//
// A CANCEL to an attendee who was taken off the list is not the cancellation
// of the meeting (RFC 5546 §3.2.5): the meeting lives, and STATUS would say
// otherwise. So nothing is done unless everybody on the list gets the mail.
func cancelStatus(c *Object, wrong func(status *ical.Line) bool) {
	if c.Method() != "CANCEL" {
		return
	}
	doubt, judged := "", false
	for _, ev := range c.schedulable() {
		l := ev.First("STATUS")
		if ev.Name == "VFREEBUSY" || !wrong(l) {
			continue
		}
		if !judged {
			doubt, judged = partialCancel(c), true
		}
		f := found(Warning, ev, "STATUS", ev.Value("STATUS"), "CANCELLED")
		switch {
		case doubt != "":
			c.leave(f, doubt)
		case !ev.Has("RECURRENCE-ID") && hasOccurrence(c):
			c.leave(f, "an occurrence is cancelled beside it: it is not certain that the series is cancelled too")
		case c.Found(f):
			setOrAdd(ev, "STATUS", "CANCELLED")
		}
	}
}

// partialCancel returns why the CANCEL may concern only some of the attendees,
// "" when it concerns all of them.
func partialCancel(c *Object) string {
	told := map[string]bool{}
	c.Mail.eachRecipient(func(a string) { told[strings.ToLower(a)] = true })
	for _, ev := range c.schedulable() {
		organizer := plainMailbox(ev.Value("ORGANIZER"))
		for _, it := range ev.Items {
			l := named(it, "ATTENDEE")
			if l == nil {
				continue
			}
			addr := strings.ToLower(plainMailbox(l.Value()))
			switch {
			case len(told) == 0:
				return "the recipients are not known, so the message may be for a removed attendee only"
			case !isMailto(l.Value()):
				return "an attendee has no mail address: it is not known whether all attendees are notified"
			case !told[addr] && !strings.EqualFold(addr, organizer):
				return "not every attendee gets this message: it may be for a removed attendee only"
			}
		}
	}
	return ""
}

// hasOccurrence reports whether a component is a single occurrence.
func hasOccurrence(c *Object) bool {
	for _, ev := range c.schedulable() {
		if ev.Has("RECURRENCE-ID") {
			return true
		}
	}
	return false
}

package remedy

// dtstartMissing reports a meeting that does not say when it is. Cancellations
// and answers need no DTSTART (RFC 5546 §3.2.5, §3.2.3).
func dtstartMissing() *Remedy {
	return &Remedy{
		ID:      "dtstart-missing",
		Summary: "report a meeting without DTSTART",
		Why:     "Without DTSTART the time of the meeting is not known. Some receivers refuse it; others put it on 1 January 1970.",
		Source:  "libcalendaring tests; Zimbra bug 100011; gromox E-2741; RFC 5546 §3.2.2",
		Never:   true,
		Run: func(c *Object) {
			if m := c.Method(); m != "REQUEST" && m != "PUBLISH" && m != "ADD" {
				return
			}
			for _, ev := range c.schedulable() {
				if ev.Name == "VEVENT" && !ev.Has("DTSTART") && !isGhost(ev) {
					c.leave(found(Error, ev, "DTSTART", "", ""), "the calendar does not contain the start; the organizer has to send it again")
				}
			}
		},
	}
}

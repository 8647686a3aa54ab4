package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// replyRrule repeats the rule of a series in a response to it, from the invitation that is
// remembered. That is opt-in: most organizers' systems do not look at it.
func replyRrule() *Remedy {
	return &Remedy{
		ID:       "reply-rrule",
		Summary:  "add the RRULE of the series to a response, from the invitation in the ledger",
		Why:      "BlackBerry Enterprise Server accepts the response to a series only with its RRULE; most programs leave it out.",
		Source:   "Zimbra CalendarMailSender; RFC 5546 §3.2.3 allows RRULE in a REPLY",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Looks:    []string{"METHOD:REPLY"},
		Run: func(c *Object) {
			if c.Memory == nil || c.Method() != "REPLY" || !c.Allow(c.current) {
				return // where nobody wants it, it is not worth a look-up
			}
			for _, ev := range c.schedulable() {
				if ev.Name == "VEVENT" && ev.Has("DTSTART") && !ev.Has("RECURRENCE-ID") && !ev.Has("RRULE") {
					repeatRule(c, ev)
				}
			}
		},
	}
}

// repeatRule adds the rule, where the response is about the start that was remembered: the
// rule of another one would say other days.
func repeatRule(c *Object, ev *ical.Component) {
	was, last := invitation(c, ev)
	if last == nil || last.Has("RECURRENCE-ID") || len(last.Lines("RRULE")) != 1 {
		return
	}
	from, ok := was.moment(last.First("DTSTART"))
	start, also := c.moment(ev.First("DTSTART"))
	rule := last.First("RRULE")
	f := found(Info, ev, "RRULE", "", rule.Value())
	same := ok && also && (from.Form == ical.Date && start.Form == ical.Date && from.Wall.Equal(start.Wall) || from.known && start.known && from.instant.Equal(start.instant))
	switch {
	case !same:
		c.leave(f, "its start is not that of the invitation that is remembered")
	case c.Found(f):
		ev.Add(ical.NewLine("RRULE", rule.Value()))
	}
}

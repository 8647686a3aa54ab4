package remedy

// instanceNoRRule reports an exception to an event that does not recur.
func instanceNoRRule() *Remedy {
	return &Remedy{
		ID:      "instance-no-rrule",
		Summary: "report an exception beside an event that does not recur",
		Why:     "An occurrence with RECURRENCE-ID is beside an event of the same UID without a recurrence rule. Some servers (gromox) refuse that; the behaviour of Exchange varies.",
		Source:  "gromox oxcical.cpp, E-2736 to E-2739",
		Never:   true,
		Looks:   []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			if c.Method() == "CANCEL" {
				return // the series need not repeat its rule to be cancelled
			}
			for _, ev := range c.schedulable() {
				m := c.master(ev)
				if m == nil || m.Has("RRULE") || m.Has("RDATE") {
					continue
				}
				c.leave(found(Warning, ev, "RECURRENCE-ID", ev.Value("RECURRENCE-ID"), ""), "it is not known which of the two is meant")
			}
		},
	}
}

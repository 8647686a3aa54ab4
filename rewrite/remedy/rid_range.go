package remedy

// ridRange reports RANGE on a RECURRENCE-ID. To write it in another way the
// whole series would have to be known.
func ridRange() *Remedy {
	return &Remedy{
		ID:      "rid-range",
		Summary: "report RECURRENCE-ID with RANGE",
		Why:     `Notes changes "this and all future" occurrences with RANGE=THISANDFUTURE. Outlook, Exchange and Google do not support it and change only one occurrence, so the calendars differ.`,
		Source:  "Domino administration help (recurrence range); RFC 5545 §3.2.13",
		Never:   true,
		Looks:   []string{";RANGE"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First("RECURRENCE-ID")
				if l == nil {
					continue
				}
				if v := l.ParamValue("RANGE"); v != "" {
					c.leave(found(Warning, ev, "RECURRENCE-ID", l.Text(), ""), "RANGE="+v+" cannot be split without the whole series")
				}
			}
		},
	}
}

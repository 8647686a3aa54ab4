package remedy

// counterAsReply names a proposal whose time Exchange 2003 will not show.
//
// QUIRK(exchange2003): counter-as-reply. It imports COUNTER as REPLY, so that
// the proposed time is lost. The time would have to go into the text of the
// mail, which is not the calendar's to change.
func counterAsReply() *Remedy {
	return &Remedy{
		ID:      "counter-as-reply",
		Summary: "a proposal for another time that Exchange 2003 shows as an answer without it",
		Why:     "Exchange 2003 takes a counter-proposal (Exchange 2007 and later, Google) for a plain answer, and the proposed time is lost unless the text of the mail names it. Tell the organizer the time that is shown here.",
		Source:  "MS-OXCICAL afb90409, note 2",
		Never:   true,
		Way:     OnlyIn,
		Looks:   []string{"METHOD:COUNTER DTSTART"},
		Run: func(c *Case) {
			if c.Method() != "COUNTER" || c.Direction != Inbound || !c.For(Exchange2003) {
				return
			}
			for _, ev := range c.Events() {
				if l := ev.First("DTSTART"); l != nil {
					c.Found(found(Warning, ev, "DTSTART", l.Text(), ""))
				}
			}
		},
	}
}

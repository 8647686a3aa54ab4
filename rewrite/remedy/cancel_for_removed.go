package remedy

// cancelForRemoved reports a cancellation that goes to some of the attendees
// only: they were taken off the list, and the meeting lives (RFC 5546 §3.2.5).
func cancelForRemoved() *Remedy {
	return &Remedy{
		ID:      "cancel-for-removed",
		Summary: "report a CANCEL that does not go to every attendee",
		Why:     "Exchange notifies an attendee who was removed by a cancellation for that attendee alone. A receiver that applies it to a shared calendar deletes the meeting for all attendees.",
		Source:  "MS-OXOCAL 6349307d; RFC 5546 §3.2.5",
		Never:   true,
		Looks:   []string{"METHOD:CANCEL ATTENDEE"},
		Run: func(c *Object) {
			if c.Method() != "CANCEL" || len(addressees(c)) == 0 {
				return
			}
			if why := partialCancel(c); why != "" {
				c.leave(found(Info, c.schedulable()[0], "ATTENDEE", "", ""), why)
			}
		},
	}
}

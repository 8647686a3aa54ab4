package remedy

// attendeeDropped gives a request or a cancellation the attendees that it
// lost: those to whom the mail goes. What nobody knows is whether there were
// more of them, so that it is for the administrator to ask for it.
func attendeeDropped() *Remedy {
	return &Remedy{
		ID:       "attendee-dropped",
		Summary:  "add the recipients as ATTENDEE to a REQUEST or CANCEL that has none",
		Why:      "Servers lose the attendees when their own records are incomplete. The meeting then looks like a private appointment, and the recipient cannot respond to it.",
		Source:   "gromox 1b544d5ba; RFC 5546 §3.2.2, §3.2.5",
		Profiles: []Profile{Standard},
		Except:   []Profile{Google},
		OptIn:    true,
		Facets:   FacetAttendees,
		Looks:    []string{"METHOD:REQUEST", "METHOD:CANCEL"},
		Run: func(c *Object) {
			if m := c.Method(); (m == "REQUEST" || m == "CANCEL") && !anyAttendee(c) {
				inviteAddressees(c, Warning)
			}
		},
	}
}

package remedy

// requestNoAttendee asks the recipients of a request without attendees for an
// answer.
//
// QUIRK(google): request-no-attendee.
func requestNoAttendee() *Remedy {
	return &Remedy{
		ID:       "request-no-attendee",
		Summary:  "add the recipients as ATTENDEE with RSVP to a request that has none",
		Why:      "Gmail offers \"Add to calendar\" instead of Yes, No and Maybe when a request names no attendee.",
		Source:   "collective/icalendar#229; PHPMailer issue 175; RFC 5546 §3.2.2",
		Profiles: []Profile{Google},
		OptIn:    true,
		Facets:   FacetAttendees,
		Looks:    []string{"METHOD:REQUEST"},
		Run: func(c *Object) {
			if c.Method() == "REQUEST" && !anyAttendee(c) {
				inviteAddressees(c, Warning)
			}
		},
	}
}

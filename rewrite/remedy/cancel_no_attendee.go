package remedy

// cancelNoAttendee says in a cancellation without attendees whom it is for
// (RFC 5546 §3.2.5 requires it when only some of them are taken off).
//
// QUIRK(sabre): cancel-no-attendee.
func cancelNoAttendee() *Remedy {
	return &Remedy{
		ID:       "cancel-no-attendee",
		Summary:  "add the recipients as ATTENDEE to a CANCEL that has none",
		Why:      "CDO and generators cancel a meeting without naming the attendees. Nextcloud and other servers built on sabre do not find the attendee and keep the meeting.",
		Source:   "nextcloud/server#51115, #53046; RFC 5546 §3.2.5",
		Profiles: []Profile{Sabre},
		Facets:   FacetAttendees,
		Looks:    []string{"METHOD:CANCEL"},
		Run: func(c *Object) {
			if c.Method() == "CANCEL" && !anyAttendee(c) {
				inviteAddressees(c, Warning)
			}
		},
	}
}

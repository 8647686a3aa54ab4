package remedy

// attendeeNotListed puts the recipient on the list of attendees. The list is
// what everybody sees, so that it is for the administrator to ask for it; and
// it is done for one recipient only, because a list of them would tell each of
// the others.
//
// QUIRK(apple): attendee-not-listed.
func attendeeNotListed() *Remedy {
	return &Remedy{
		ID:       "attendee-not-listed",
		Summary:  "add the only recipient to the attendees of a request that does not list that address",
		Why:      "A recipient who gets an invitation through a distribution list, an alias or a redirection is not one of its attendees. Apple's calendar then reports that the user is not invited and shows no buttons.",
		Source:   "Zimbra bug 58513; dotnet-foundation/wg-maintainers#64",
		Profiles: []Profile{Apple},
		OptIn:    true,
		Facets:   FacetAttendees,
		Looks:    []string{"METHOD:REQUEST ATTENDEE"},
		Run: func(c *Object) {
			if c.Method() != "REQUEST" || len(c.Mail.Recipients) != 1 {
				return
			}
			if to := addressees(c); len(to) == 1 && anyAttendee(c) && !c.invited(to[0]) {
				inviteAddressees(c, Warning)
			}
		},
	}
}

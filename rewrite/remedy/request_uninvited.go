package remedy

// requestUninvited reports a request to people who are not on its list. To
// make a publication of it would change what the sender means.
func requestUninvited() *Remedy {
	return &Remedy{
		ID:      "request-uninvited",
		Summary: "report a request none of whose recipients is an attendee",
		Why:     `Programs send invitations for information to people who are not invited, and distribution lists hide those who are. The recipients see "you are not invited", or buttons without effect.`,
		Source:  "dotnet-foundation/wg-maintainers#64; betagouv/rdv-service-public#1662",
		Never:   true,
		Looks:   []string{"METHOD:REQUEST ATTENDEE"},
		Run: func(c *Object) {
			if c.Method() != "REQUEST" || !anyAttendee(c) {
				return
			}
			to := addressees(c)
			for _, a := range to {
				if c.invited(a) {
					return
				}
			}
			if len(to) > 0 {
				c.leave(found(Info, c.schedulable()[0], "ATTENDEE", "", ""), to[0]+" is not an attendee: a distribution list or a redirection may have sent the message there")
			}
		},
	}
}

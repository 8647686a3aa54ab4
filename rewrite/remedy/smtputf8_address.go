package remedy

// smtputf8Address reports addresses that only SMTPUTF8 can carry (RFC 6531).
func smtputf8Address() *Remedy {
	return &Remedy{
		ID:      "smtputf8-address",
		Summary: "report an ORGANIZER or ATTENDEE whose local part is not ASCII",
		Why:     "Older Exchange and Domino versions cannot send to an address with characters outside ASCII. Their users cannot respond to such an organizer; the address has no other spelling.",
		Source:  "RFC 6531 §3.2",
		Never:   true,
		Looks:   []string{"ATTENDEE", "ORGANIZER"},
		Run: func(c *Object) {
			if c.octetFacts().ascii {
				return
			}
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := person(it)
					if l == nil {
						continue
					}
					if addr, ok := mailbox(l.Value()); ok && !isASCII(addr) {
						c.leave(found(Info, ev, l.Name(), l.Value(), ""), "the address has no other spelling")
					}
				}
			}
		},
	}
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

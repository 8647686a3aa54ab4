package remedy

import "strings"

// uidDominoMap gives the answer of an attendee at Domino the UID of the meeting
// that is answered.
//
// QUIRK(domino): uid-domino-map. Domino before 9.0.1 answers with a UID of its own
// unless $CSUID2APPTUNIDCONTROL=4 is set in notes.ini.
func uidDominoMap() *Remedy {
	return &Remedy{
		ID:       "uid-domino-map",
		Summary:  "give an answer of Domino with a UID of its own the UID of the invitation, where the ledger knows one that matches",
		Why:      "Domino before 9.0.1 answers with a UID of its own. The organizer's Exchange finds no meeting for it, and the attendee stays without an answer.",
		Source:   "HCL, configuring Domino for HTMO",
		Profiles: []Profile{Standard},
		Way:      OnlyIn,
		Facets:   FacetUID,
		Looks:    []string{"METHOD:REPLY", "METHOD:COUNTER"},
		Run: func(c *Object) {
			if c.Memory == nil || !byLotus(c) || c.fromOrganizer() {
				return
			}
			for _, ev := range c.schedulable() {
				l := ev.First("UID")
				start, ok := c.moment(ev.First("DTSTART"))
				people := ev.Lines("ATTENDEE")
				if l == nil || !ok || !start.known || len(people) != 1 {
					continue
				}
				if _, known := c.Memory.Meeting(strings.TrimSpace(l.Value())); known {
					continue
				}
				uid, ok := c.Memory.Invited(strings.ToLower(plainMailbox(people[0].Value())), strings.ToLower(plainMailbox(ev.Value("ORGANIZER"))), ev.Value("SUMMARY"), start.instant)
				if ok && c.Found(found(Error, ev, "UID", l.Value(), uid)) {
					l.SetValue(uid)
				}
			}
		},
	}
}

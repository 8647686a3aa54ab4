package remedy

import "strings"

// cnMissing gives an organizer without a name its address as name.
//
// QUIRK(outlook): cn-missing. Only in what the organizer sends: in an answer
// nobody looks at it.
func cnMissing() *Remedy {
	return &Remedy{
		ID:       "cn-missing",
		Summary:  "add CN to ORGANIZER, with the address as name",
		Why:      "Without a name Outlook shows the reader as the organizer and offers no response buttons.",
		Source:   "gromox c117cb070",
		Profiles: []Profile{Standard},
		Looks:    []string{"ORGANIZER"},
		Run: func(c *Object) {
			if !c.fromOrganizer() {
				return
			}
			for _, ev := range c.schedulable() {
				l := ev.First("ORGANIZER")
				if l == nil || quoteOpen(l) || hasOddPiece(l) || isDirectoryName(l.Value()) {
					continue
				}
				addr, ok := mailbox(l.Value())
				if _, named := l.Param("CN"); named || !ok || !strings.Contains(addr, "@") {
					continue
				}
				if c.Found(found(Warning, ev, "ORGANIZER", "", "CN="+addr)) {
					l.SetParam("CN", addr)
				}
			}
		},
	}
}

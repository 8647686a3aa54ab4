package remedy

import (
	"strconv"
	"strings"
)

// seqGoogleBehind raises an update that is behind what was sent of the same
// meeting, although it is newer.
//
// QUIRK(google): seq-google-behind. Google Calendar does not always raise
// SEQUENCE. The same holds after a number that a repair has raised: what comes
// next from the organizer must not count lower (RFC 5546 §2.1.5).
func seqGoogleBehind() *Remedy {
	return &Remedy{
		ID:       "seq-google-behind",
		Summary:  "raise SEQUENCE of a newer update to the highest number that was sent",
		Why:      "Google Calendar sends updates whose SEQUENCE is below the one that receivers have stored. Strict receivers log an outdated version and ignore the update.",
		Source:   "tutanota issue 5732; RFC 5546 §2.1.5",
		Profiles: []Profile{Standard},
		Facets:   FacetSequence,
		Looks:    []string{"METHOD:REQUEST", "METHOD:CANCEL"},
		Run: func(c *Object) {
			if c.Memory == nil || !c.fromOrganizer() {
				return
			}
			google := strings.Contains(c.Cal.Value("PRODID"), "Google Calendar")
			for _, ev := range c.schedulable() {
				if !google && !c.Memory.Raised(strings.TrimSpace(cleanGOID(ev.Value("UID")))) {
					continue
				}
				have, ok := sequence(ev)
				list, known := lastRevision(c, ev)
				if !ok || !known {
					continue
				}
				want, note := outrank(list, have, false)
				switch f := found(Error, ev, "SEQUENCE", ev.Value("SEQUENCE"), strconv.FormatUint(want, 10)); {
				case note != "":
					c.leave(f, note)
				case want > have && c.Found(f):
					setOrAdd(ev, "SEQUENCE", f.After)
				}
			}
		},
	}
}

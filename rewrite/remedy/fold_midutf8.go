package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// foldMidUTF8 folds lines on the borders of characters.
//
// QUIRK(generic): fold-midutf8. Software that folds by octets parts the octets
// of one character, which RFC 5545 §3.1 warns of.
func foldMidUTF8() *Remedy {
	return &Remedy{
		ID:       "fold-midutf8",
		Summary:  "fold lines between characters, not inside them",
		Why:      "Senders that count octets cut a non-ASCII character in two. Receivers that read line by line then see two broken characters, or refuse the text as invalid.",
		Source:   "RFC 5545 §3.1; icalendar/icalendar#238",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			c.respell(spelling{
				level: Error,
				fault: ical.FaultFoldRune,
				what:  "folded inside a character",
				after: "folded between characters",
			})
		},
	}
}

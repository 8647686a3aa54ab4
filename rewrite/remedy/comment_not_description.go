package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// commentNotDescription reports an answer whose text is in COMMENT, where
// RFC 5546 §3.2.3 wants it and where some programs do not look.
func commentNotDescription() *Remedy {
	return &Remedy{
		ID:      "comment-not-description",
		Summary: "report a REPLY with its text in COMMENT only",
		Why:     "Exchange writes an attendee's comment into COMMENT, as iTIP requires. Programs that read only DESCRIPTION do not show it.",
		Source:  "Kopano vconverter.cpp; RFC 5546 §3.2.3",
		Never:   true,
		Looks:   []string{"METHOD:REPLY COMMENT"},
		Run: func(c *Object) {
			if c.Method() != "REPLY" {
				return
			}
			for _, ev := range c.schedulable() {
				if text := ev.Value("COMMENT"); strings.TrimSpace(ical.UnescapeText(text)) != "" && !ev.Has("DESCRIPTION") {
					c.leave(found(Info, ev, "COMMENT", text, ""), "the text is in the right property")
				}
			}
		},
	}
}

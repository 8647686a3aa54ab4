package remedy

import "strings"

// ctOctetStream labels the only calendar of a mail as the invitation that it
// is. A file may be meant as a file, so that it is opt-in.
func ctOctetStream() *Remedy {
	return &Remedy{
		ID:       "ct-octet-stream",
		Summary:  "label an .ics file of type application/octet-stream as text/calendar when it is the only calendar and has a METHOD",
		Why:      "Gateways and scanners lose the media type of an invitation. Receivers then show a file without buttons.",
		Source:   "nextcloud/mail issue 9604; RFC 6047 §2.4",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Stage:    Part,
		Run: func(c *Object) {
			if c.Part.Bare || !c.Part.Only || !strings.EqualFold(c.Part.MediaType, "application/octet-stream") || !isMethod(c.Method()) {
				return
			}
			if c.Found(partFound(Error, "Content-Type", c.Part.MediaType, "text/calendar; method="+c.Method())) {
				c.Part.MediaType, c.Part.Method, c.Part.Charset = "text/calendar", c.Method(), "utf-8"
			}
		},
	}
}

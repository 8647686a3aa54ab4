package remedy

import "strings"

// ctMethodMissing adds the method parameter that RFC 6047 §2.4 requires. A
// copy of the invitation in a separate attachment gets none: it would become
// a second invitation.
func ctMethodMissing() *Remedy {
	return &Remedy{
		ID:       "ct-method-missing",
		Summary:  "add the method parameter to the Content-Type of the part",
		Why:      "Zimbra ignores a calendar part without the method parameter; Gmail and Outlook show a file instead of an invitation.",
		Source:   "RFC 6047 §2.4; nextcloud/mail issue 12790; SOGo e08be0d",
		Profiles: []Profile{Standard},
		Stage:    Part,
		Run: func(c *Object) {
			p := c.Part
			if p.Bare || p.Method != "" || !strings.EqualFold(p.MediaType, "text/calendar") || !isMethod(c.Method()) {
				return
			}
			if p.Disposition == "attachment" && !p.Alternative {
				return
			}
			if c.Found(partFound(Error, "method", "", c.Method())) {
				c.Part.Method = c.Method()
			}
		},
	}
}

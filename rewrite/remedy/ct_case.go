package remedy

import "strings"

// ctCase writes the media type of a calendar part in lower case.
func ctCase() *Remedy {
	return &Remedy{
		ID:       "ct-case",
		Summary:  "write the media type text/calendar in lower case",
		Why:      "Media types are case-insensitive, but Thunderbird did not recognise an invitation in text/Calendar.",
		Source:   "Thunderbird bug 1341433",
		Profiles: []Profile{Standard},
		Stage:    Part,
		Run: func(c *Object) {
			after := strings.ToLower(c.Part.MediaType)
			if c.Part.Bare || after == c.Part.MediaType || after != "text/calendar" {
				return
			}
			if c.Found(partFound(Info, "Content-Type", c.Part.MediaType, after)) {
				c.Part.MediaType = after
			}
		},
	}
}

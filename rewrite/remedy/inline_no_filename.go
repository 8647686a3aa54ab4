package remedy

import "strings"

// inlineNoFilename names the calendar. Nearly every invitation comes without
// a name and needs none, so that nothing is said of it where nobody asked.
func inlineNoFilename() *Remedy {
	return &Remedy{
		ID:       "inline-no-filename",
		Summary:  "add name=\"meeting.ics\" to a calendar part without a name",
		Why:      "Tools that keep only attachments with a name never find the invitation. Mail programs do not need the name; unless this is enabled, it is not even reported.",
		Source:   "smgdkngt/dobase#118; nextcloud/mail pull request 2317",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Stage:    Part,
		Run: func(c *Object) {
			p := c.Part
			if p.Bare || p.Name != "" || !strings.EqualFold(p.MediaType, "text/calendar") || !c.Allow(c.current) {
				return
			}
			if c.Found(partFound(Info, "name", "", "meeting.ics")) {
				c.Part.Name = "meeting.ics"
			}
		},
	}
}

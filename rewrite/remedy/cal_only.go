package remedy

import "strings"

// calOnly puts the subject as a plain text before the calendar that is a whole
// mail.
func calOnly() *Remedy {
	return &Remedy{
		ID:       "cal-only",
		Summary:  "make multipart/alternative of a message that contains only a calendar, with its subject as text",
		Why:      "Outlook without Exchange and scripts send a bare calendar. Exchange 5.5 and mail programs without a calendar show it as text.",
		Source:   "KB 325562; MS-OXCICAL 10d8cbc1",
		Profiles: []Profile{Standard},
		Except:   []Profile{OutlookMac}, // it does not show the text
		OptIn:    true,
		Stage:    Structure,
		Run: func(c *Object) {
			inv, parent := c.Shape.invitation()
			if inv == nil || parent != nil {
				return
			}
			if c.Found(messageFound(Info, "Content-Type", "text/calendar", "multipart/alternative")) {
				text := strings.TrimSpace(strings.Map(noControl, c.Mail.Subject)) + "\r\n"
				alt := c.Shape.wrap(inv, "multipart/alternative")
				c.Shape.insert(&Node{Origin: -1, MediaType: "text/plain", Added: text}, alt, 0)
			}
		},
	}
}

package remedy

// calendarClass is how Exchange labels the mail of a meeting.
const calendarClass = "urn:content-classes:calendarmessage"

// contentClass labels a meeting for Exchange 2003.
//
// QUIRK(exchange2003): content-class.
func contentClass() *Remedy {
	return &Remedy{
		ID:       "content-class",
		Summary:  "add Content-Class: " + calendarClass,
		Why:      "Exchange 2000 and 2003 write the field in every meeting message and derive the message class from it.",
		Source:   "MS-OXCMAIL d8a438cb; hyphacoop/organizing#393",
		Profiles: []Profile{Exchange2003},
		Stage:    Structure,
		Run: func(c *Object) {
			inv, _ := c.Shape.invitation()
			if inv == nil || c.Shape.Class != "" {
				return
			}
			if c.Found(messageFound(Info, "Content-Class", "", calendarClass)) {
				c.Shape.Class = calendarClass
			}
		},
	}
}

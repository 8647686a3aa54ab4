package remedy

import "bytes"

// bom takes the byte order mark off.
func bom() *Remedy {
	mark := []byte("\xef\xbb\xbf")
	return &Remedy{
		ID:       "bom",
		Summary:  "remove the byte order mark",
		Why:      "Windows programs put three octets before the text. Google, Apple, Android and many libraries then do not find BEGIN:VCALENDAR and refuse the invitation.",
		Source:   "ical.net#823; collective/icalendar#700; sabre-io/vobject#175",
		Profiles: []Profile{Standard},
		Stage:    Octets,
		Run: func(c *Object) {
			if !bytes.HasPrefix(c.Octets, mark) || !looksCalendar(c.Octets) {
				return
			}
			if c.Found(Finding{Level: Error, Component: "part", Before: "EF BB BF before BEGIN"}) {
				for bytes.HasPrefix(c.Octets, mark) {
					c.Octets = c.Octets[len(mark):]
				}
			}
		},
	}
}

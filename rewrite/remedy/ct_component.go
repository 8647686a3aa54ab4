package remedy

import "strings"

// ctComponent drops a component parameter that names what the calendar does
// not hold. RFC 6047 §2.4 does not ask for one.
func ctComponent() *Remedy {
	return &Remedy{
		ID:       "ct-component",
		Summary:  "remove a wrong component parameter of the part",
		Why:      "The header of the part may state which component the calendar contains. A template that always states VEVENT misleads programs that rely on it.",
		Source:   "RFC 6047 §2.4; RFC 2447 §2.4",
		Profiles: []Profile{Standard},
		Stage:    Part,
		Run: func(c *Object) {
			said := strings.TrimSpace(c.Part.Component)
			if c.Part.Bare || said == "" || len(c.schedulable()) == 0 {
				return
			}
			for name := range strings.SplitSeq(said, ",") {
				for _, it := range c.schedulable() {
					if strings.EqualFold(strings.TrimSpace(name), it.Name) {
						return
					}
				}
			}
			if c.Found(partFound(Info, "component", c.Part.Component, "")) {
				c.Part.Component = ""
			}
		},
	}
}

package remedy

import "strings"

// cutypeResource reports a room or a device that only CUTYPE tells from a
// person.
func cutypeResource() *Remedy {
	return &Remedy{
		ID:      "cutype-resource",
		Summary: "report a room or resource without ROLE",
		Why:     "Exchange marks a room by CUTYPE alone. Domino identifies its resources by their address and ROLE=NON-PARTICIPANT, and does not book one that has neither.",
		Source:  "MS-OXCICAL CUTYPE (67ff347b)",
		Never:   true,
		Looks:   []string{"METHOD:REQUEST ;CUTYPE"},
		Run: func(c *Object) {
			if c.Method() != "REQUEST" {
				return
			}
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := attendee(it)
					if l == nil {
						continue
					}
					kind := strings.ToUpper(l.ParamValue("CUTYPE"))
					if _, role := l.Param("ROLE"); !role && (kind == "RESOURCE" || kind == "ROOM") {
						c.leave(found(Info, ev, "ATTENDEE", l.Text(), ""), "whether it is booked depends on the receiver's own list of resources")
					}
				}
			}
		},
	}
}

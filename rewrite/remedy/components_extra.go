package remedy

import "strings"

// componentsExtra reports what else is in a calendar beside its events.
func componentsExtra() *Remedy {
	return &Remedy{
		ID:      "components-extra",
		Summary: "report tasks, free/busy times and private components beside events",
		Why:     `Exchange imports the events of a message only when the calendar contains nothing else; otherwise the receiver gets an attachment "not supported calendar message.ics".`,
		Source:  "MS-OXCICAL, processing rules (74d3bf60)",
		Never:   true,
		Run: func(c *Object) {
			if c.Method() == "" || !hasEvent(c) {
				return
			}
			for _, it := range c.Cal.Items {
				if it.Sub == nil {
					continue
				}
				n := it.Sub.Name
				if n == "VFREEBUSY" || n == "VTODO" || n == "VJOURNAL" || strings.HasPrefix(n, "X-") {
					c.leave(found(Warning, it.Sub, "", "BEGIN:"+n, ""), "it is not known whether the component is intended")
				}
			}
		},
	}
}

// hasEvent reports whether the calendar holds a VEVENT.
func hasEvent(c *Object) bool {
	for _, ev := range c.schedulable() {
		if ev.Name == "VEVENT" {
			return true
		}
	}
	return false
}

package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// valarmOrder puts the sub-components of an event after its properties
// (RFC 5545 §3.6.1).
func valarmOrder() *Remedy {
	return &Remedy{
		ID:       "valarm-order",
		Summary:  "move VALARM after the properties of the event",
		Why:      "Old SOGo versions write the alarm in the middle of the event. Microsoft 365 ignores every property that follows it.",
		Source:   "SOGo 148fab940; RFC 5545 §3.6.1",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				late := propertyAfterSub(ev)
				if late == nil || !c.Found(found(Warning, ev, late.Name(), late.Text()+" after a sub-component", late.Text()+" before it")) {
					continue
				}
				ordered := make([]ical.Item, 0, len(ev.Items))
				for _, it := range ev.Items {
					if it.Prop != nil {
						ordered = append(ordered, it)
					}
				}
				for _, it := range ev.Items {
					if it.Sub != nil {
						ordered = append(ordered, it)
					}
				}
				ev.Items = ordered
			}
		},
	}
}

// propertyAfterSub returns the first property after a sub-component, or nil.
func propertyAfterSub(ev *ical.Component) *ical.Line {
	behind := false
	for _, it := range ev.Items {
		switch {
		case it.Sub != nil:
			behind = true
		case behind && it.Prop.Name() != "":
			return it.Prop
		}
	}
	return nil
}

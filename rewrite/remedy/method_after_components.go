package remedy

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// methodAfterComponents puts the properties of the calendar that tell what it
// is in front of its components, in the order in which they stand.
func methodAfterComponents() *Remedy {
	return &Remedy{
		ID:       "method-after-components",
		Summary:  "put VERSION, PRODID, CALSCALE and METHOD before the first component",
		Why:      "Some programs read METHOD only at the top. Where it stands behind the meeting they see a file instead of an invitation.",
		Source:   "RFC 5545 §3.4, §3.6; Couchers-org/couchers#8557; SOGo 51192dd53",
		Profiles: []Profile{Standard},
		Run: func(c *Case) {
			if c.Cal == nil {
				return
			}
			first := slices.IndexFunc(c.Cal.Items, func(it ical.Item) bool { return it.Sub != nil })
			var late []ical.Item
			for _, it := range c.Cal.Items[max(first, 0):] {
				if first >= 0 && it.Prop != nil && isHeading(it.Prop.Name()) &&
					c.Found(found(Warning, c.Cal, it.Prop.Name(), it.Prop.Text()+" behind a component", "before the first component")) {
					late = append(late, it)
				}
			}
			for _, it := range late {
				c.Cal.Remove(it.Prop)
			}
			if len(late) > 0 {
				c.Cal.Items = slices.Insert(c.Cal.Items, first, late...)
			}
		},
	}
}

func isHeading(name string) bool {
	switch name {
	case "VERSION", "PRODID", "CALSCALE", "METHOD":
		return true
	}
	return false
}

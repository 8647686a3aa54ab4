package remedy

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// methodAfterComponents puts the properties of the calendar that tell what it
// is before its components, in the order in which they stand.
func methodAfterComponents() *Remedy {
	return &Remedy{
		ID:       "method-after-components",
		Summary:  "put VERSION, PRODID, CALSCALE and METHOD before the first component",
		Why:      "Some programs read METHOD only at the top. If it follows the meeting, they see a file instead of an invitation.",
		Source:   "RFC 5545 §3.4, §3.6; Couchers-org/couchers#8557; SOGo 51192dd53",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			first := slices.IndexFunc(c.Cal.Items, func(it ical.Item) bool { return it.Sub != nil })
			if first < 0 {
				return
			}
			var late []ical.Item
			rest := slices.DeleteFunc(c.Cal.Items[first:], func(it ical.Item) bool {
				move := it.Prop != nil && isHeading(it.Prop.Name()) &&
					c.Found(found(Warning, c.Cal, it.Prop.Name(), it.Prop.Text()+" after a component", "before the first component"))
				if move {
					late = append(late, it)
				}
				return move
			})
			if len(late) > 0 {
				c.Cal.Items = slices.Concat(c.Cal.Items[:first], late, rest)
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

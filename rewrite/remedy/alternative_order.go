package remedy

import "slices"

// alternativeOrder puts the invitation after the texts in multipart/
// alternative, whose last part is the best one (RFC 2046 §5.1.4).
func alternativeOrder() *Remedy {
	return &Remedy{
		ID:       "alternative-order",
		Summary:  "put the calendar last in multipart/alternative",
		Why:      "Mail programs show the last alternative that they support. When the HTML follows the calendar, the response buttons are hidden.",
		Source:   "CalConnect iMIP best practices; realpine/alpine#28; RFC 2046 §5.1.4",
		Profiles: []Profile{Standard},
		Stage:    Structure,
		Run: func(c *Object) {
			inv, alt := c.Shape.invitation()
			if alt == nil || alt.MediaType != "multipart/alternative" {
				return
			}
			at := slices.Index(alt.Children, inv)
			hides := slices.ContainsFunc(alt.Children[at:], func(n *Node) bool {
				return n.MediaType == "text/plain" || n.MediaType == "text/html" || n.MediaType == "multipart/related"
			})
			if !hides {
				return
			}
			c.repair(messageFound(Warning, "multipart/alternative", alt.outline(), ""), func() string {
				c.Shape.remove(inv, alt)
				c.Shape.insert(inv, alt, len(alt.Children))
				return alt.outline()
			})
		},
	}
}

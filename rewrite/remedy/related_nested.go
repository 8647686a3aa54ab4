package remedy

// relatedNested takes the invitation out of multipart/related and makes it an
// alternative to it.
//
// QUIRK(exchange2003): related-nested.
func relatedNested() *Remedy {
	return &Remedy{
		ID:       "related-nested",
		Summary:  "move the calendar from multipart/related into multipart/alternative",
		Why:      "Domino 8.5 puts the calendar among the pictures of a formatted message. Exchange 2003 then ignores it, and the invitation arrives as an ordinary message.",
		Source:   "HCL wiki, DisallowRelatedIcalendarMime; RFC 2387",
		Profiles: []Profile{Exchange2003},
		Stage:    Structure,
		Run: func(c *Object) {
			inv, related := c.Shape.invitation()
			if related == nil || related.MediaType != "multipart/related" {
				return
			}
			f := messageFound(Error, "multipart/related", related.outline(), "")
			if related.Children[0] == inv {
				c.leave(f, "the calendar is the root part of multipart/related")
				return
			}
			c.repair(f, func() string {
				c.Shape.remove(inv, related)
				alt := c.Shape.parent(related)
				if alt == nil || alt.MediaType != "multipart/alternative" {
					alt = c.Shape.wrap(related, "multipart/alternative")
				}
				c.Shape.insert(inv, alt, len(alt.Children))
				return alt.outline()
			})
		},
	}
}

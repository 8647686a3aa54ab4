package remedy

// relatedExchange makes multipart/mixed of the multipart/related around the
// alternatives of a mail with pictures.
//
// QUIRK(exchange2003): related-exchange.
func relatedExchange() *Remedy {
	return &Remedy{
		ID:       "related-exchange",
		Summary:  "change multipart/related around the alternatives with the calendar to multipart/mixed",
		Why:      "Exchange 2007 and later put an invitation with pictures into multipart/related. Exchange 2003 does not find the calendar there.",
		Source:   "MS-OXCMAIL bf6bb9be; RFC 2387",
		Profiles: []Profile{Exchange2003},
		Stage:    Structure,
		Run: func(c *Object) {
			_, alt := c.Shape.invitation()
			if alt == nil || alt.MediaType != "multipart/alternative" {
				return
			}
			related := c.Shape.parent(alt)
			if related == nil || related.MediaType != "multipart/related" || related.Children[0] != alt {
				return
			}
			if c.Found(messageFound(Error, "Content-Type", related.MediaType, "multipart/mixed")) {
				related.MediaType, related.Touched = "multipart/mixed", true
			}
		},
	}
}

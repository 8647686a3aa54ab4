package remedy

import (
	"html"
	"slices"
	"strings"
)

// maxCopiedText bounds a text that is written a second time, in octets.
const maxCopiedText = 64 << 10

// htmlMissing writes the plain text of an invitation as HTML, too.
func htmlMissing() *Remedy {
	return &Remedy{
		ID:       "html-missing",
		Summary:  "add a text/html made from the text/plain beside the calendar",
		Why:      "Outlook shows an empty body for an invitation whose only text is plain.",
		Source:   "Zimbra bug 6077",
		Profiles: microsoft(),
		OptIn:    true,
		Stage:    Structure,
		Run: func(c *Object) {
			inv, alt := c.Shape.invitation()
			if alt == nil || alt.MediaType != "multipart/alternative" {
				return
			}
			var plain *Node
			for _, n := range alt.Children {
				switch {
				case n.MediaType == "text/plain" && plain == nil:
					plain = n
				case n.MediaType != "text/calendar":
					return // HTML, or something that may hold it
				}
			}
			if plain == nil || plain.Read == nil {
				return
			}
			text := plain.Read()
			if strings.TrimSpace(text) == "" || len(text) > maxCopiedText {
				return
			}
			if c.Found(messageFound(Info, "multipart/alternative", alt.outline(), "")) {
				page := "<html><body><pre>" + html.EscapeString(strings.TrimRight(text, "\r\n")) + "</pre></body></html>\r\n"
				n := &Node{Origin: -1, MediaType: "text/html", Added: page}
				c.Shape.insert(n, alt, slices.Index(alt.Children, inv))
			}
		},
	}
}

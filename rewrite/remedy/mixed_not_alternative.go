package remedy

import "slices"

// mixedNotAlternative makes the invitation an alternative to the text before
// it. Whether it belongs to the text or stands beside it is the sender's to
// say, so that it is opt-in.
func mixedNotAlternative() *Remedy {
	return &Remedy{
		ID:       "mixed-not-alternative",
		Summary:  "put the text and the calendar of multipart/mixed into multipart/alternative; attachments stay where they are",
		Why:      "Generators put the calendar beside the text. Outlook and Gmail then show an attachment; others show the text twice.",
		Source:   "MS-OXCMAIL 8e662849; AI-Shipping-Labs/website#1088; CalConnect iMIP best practices",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Stage:    Structure,
		Run: func(c *Object) {
			inv, mixed := c.Shape.invitation()
			if mixed == nil || mixed.MediaType != "multipart/mixed" || mixed.Children[0] == inv {
				return
			}
			texts := leadingTexts(mixed)
			if len(texts) == 0 || !c.Found(messageFound(Warning, "multipart/mixed", mixed.outline(), "")) {
				return
			}
			c.Shape.remove(inv, mixed)
			alt := texts[0]
			if alt.MediaType != "multipart/alternative" {
				alt = c.Shape.wrap(texts[0], "multipart/alternative")
				for _, t := range texts[1:] {
					c.Shape.remove(t, mixed)
					c.Shape.insert(t, alt, len(alt.Children))
				}
			}
			c.Shape.insert(inv, alt, len(alt.Children))
		},
	}
}

// leadingTexts returns what stands first in a multipart and is the text of the
// mail: its alternatives, or a plain text and an HTML after it.
func leadingTexts(mixed *Node) []*Node {
	first := mixed.Children[0]
	if first.MediaType == "multipart/alternative" {
		return mixed.Children[:1]
	}
	if first.attached() || first.MediaType != "text/plain" && first.MediaType != "text/html" {
		return nil
	}
	texts := []*Node{first}
	if len(mixed.Children) > 1 {
		if next := mixed.Children[1]; first.MediaType == "text/plain" && next.MediaType == "text/html" && !next.attached() {
			texts = append(texts, next)
		}
	}
	return slices.Clone(texts)
}

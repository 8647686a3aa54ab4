package remedy

import (
	"slices"
	"strings"
)

// counterAsReply writes the time that a proposal names into the text of the
// mail, and into its HTML, for a server that does not show it.
//
// QUIRK(exchange2003): counter-as-reply. It imports COUNTER as REPLY, so that
// the proposed time is lost.
func counterAsReply() *Remedy {
	return &Remedy{
		ID:       "counter-as-reply",
		Summary:  "write the proposed time into the text of the message",
		Why:      "Exchange 2003 treats a counter-proposal (Exchange 2007 and later, Google) as a plain response, and the proposed time is lost unless the text of the message contains it. If this is not repaired, give the organizer the time that is shown here.",
		Source:   "MS-OXCICAL afb90409, note 2",
		Profiles: []Profile{Exchange2003},
		OptIn:    true,
		Way:      OnlyIn,
		Stage:    Structure,
		Run: func(c *Object) {
			inv, _ := c.Shape.invitation()
			if inv == nil || c.Shape.Proposal == nil {
				return
			}
			if proposal := c.Shape.Proposal(); proposal != "" {
				shown := addToHTML(c, proposal)
				addToText(c, proposal, shown, inv)
			}
		},
	}
}

// addToText inserts the proposal before the text; a message without a text gets one,
// unless its HTML shows the proposal.
func addToText(c *Object, proposal string, shown bool, inv *Node) {
	text := c.Shape.shown("text/plain")
	said := ""
	if text != nil {
		said = text.Read()
	} else if shown {
		return
	}
	if strings.Contains(oneBlank(said), oneBlank(proposal)) {
		return
	}
	f := messageFound(Warning, "text/plain", "", oneBlank(proposal))
	switch {
	case text != nil && said == "" && !text.Empty:
		f.Note = "the text of the message cannot be read"
	case len(said) > maxCopiedText:
		f.Note = "the text of the message is too long"
	}
	if c.Found(f) {
		c.Shape.prependText(proposal, said, text, inv)
	}
}

// addToHTML inserts a paragraph before what the HTML shows, and reports whether the
// HTML has it then. The paragraph is ASCII, so that the charset of the page does not
// matter.
func addToHTML(c *Object, proposal string) bool {
	page := c.Shape.shown("text/html")
	if page == nil || page.Empty {
		return false
	}
	source, words := page.Read(), htmlParagraph(proposal)
	if strings.Contains(source, words) {
		return true
	}
	f := messageFound(Warning, "text/html", "", oneBlank(proposal))
	switch {
	case source == "":
		f.Note = "the HTML of the message cannot be read"
	case len(source) > maxPage:
		f.Note = "the HTML of the message is too long"
	}
	if !c.Found(f) {
		return false
	}
	at := htmlBody(source)
	page.Anew = source[:at] + words + source[at:]
	page.Read = func() string { return page.Anew }
	page.Touched = true
	return true
}

// oneBlank is a text with one blank for each white space.
func oneBlank(s string) string { return strings.Join(strings.Fields(s), " ") }

// shown returns the first part of a media type that is no file and that can be
// read at all; nil without one.
func (s *Shape) shown(mediaType string) (part *Node) {
	s.walk(func(n, _ *Node) {
		if part == nil && n.MediaType == mediaType && !n.attached() && n.Read != nil {
			part = n
		}
	})
	return part
}

// prependText inserts words before the text of the message; without a text they
// become the text beside the invitation.
func (s *Shape) prependText(words, said string, text, inv *Node) {
	said = strings.ReplaceAll(words+"\n"+strings.ReplaceAll(said, "\r\n", "\n"), "\n", "\r\n")
	n := &Node{Origin: -1, MediaType: "text/plain", Added: said, Read: func() string { return said }}
	if text == nil {
		in := s.parent(inv)
		if in == nil {
			in = s.wrap(inv, "multipart/alternative")
		}
		s.insert(n, in, 0)
		return
	}
	in := s.parent(text) // not the mail itself: the invitation is in it, too
	s.insert(n, in, slices.Index(in.Children, text))
	s.remove(text, in)
}

package remedy

import (
	"slices"
	"strings"
)

// Shape is the structure of a message, for remedies of stage Structure. They move,
// wrap, add and remove whole parts by its methods; package rewrite writes the
// message with the new structure, and the octets of the parts unchanged.
type Shape struct {
	Root  *Node
	Class string // the Content-Class field of the mail

	Proposal func() string // what a COUNTER proposes, in words, lines ended by LF; "" when the mail is none; may be nil
}

// Node is one part of a message: what remedies look at, and what they have changed
// of it.
type Node struct {
	Origin      int    // number of the part in the mail, -1 for one that was added
	MediaType   string // lower case
	Method      string // the method parameter
	Disposition string
	Filename    string
	Encoding    string
	Empty       bool // a leaf without any octet in its body
	Children    []*Node

	Read    func() string // the text of a text/plain part, the octets of a text/html in a charset that ASCII is part of; nil or "" when it cannot be read
	Alone   func() string // of a winmail.dat: the content that is nowhere else in the message, "" when there is none; else nil
	Damaged func() bool   // of a winmail.dat: whether its stream is broken; else nil
	Added   string        // the text of a leaf that was added
	Anew    string        // the octets of a leaf that was in the message and is rewritten
	Drop    []string      // header fields to be removed, in lower case
	Touched bool          // header, or list of children, differs from the message
}

// attached reports whether a part is a file rather than something to be shown.
func (n *Node) attached() bool { return n.Disposition == "attachment" || n.Filename != "" }

// invitation reports whether a part is the calendar that a mail program acts on
// (RFC 6047 §2.4).
func (n *Node) invitation() bool {
	return n.MediaType == "text/calendar" && n.Method != "" && n.Disposition != "attachment"
}

// tnef reports whether a part is a winmail.dat by its label.
func (n *Node) tnef() bool {
	return n.MediaType == "application/ms-tnef" || n.MediaType == "application/vnd.ms-tnef" ||
		n.MediaType == "application/octet-stream" && strings.EqualFold(n.Filename, "winmail.dat")
}

// walk calls f for every part and what it is in, the mail itself first
// with nil. It recurses; the depth of a mail is bounded.
func (s *Shape) walk(f func(n, parent *Node)) {
	var in func(n, parent *Node)
	in = func(n, parent *Node) {
		f(n, parent)
		for _, child := range slices.Clone(n.Children) {
			in(child, n)
		}
	}
	in(s.Root, nil)
}

// invitation returns the only invitation of the mail and what it is in;
// nil without one, and where there are more.
func (s *Shape) invitation() (inv, parent *Node) {
	count := 0
	s.walk(func(n, p *Node) {
		if n.invitation() {
			inv, parent = n, p
			count++
		}
	})
	if count != 1 {
		return nil, nil
	}
	return inv, parent
}

// parent returns what a part is in, nil for the mail itself.
func (s *Shape) parent(of *Node) (parent *Node) {
	s.walk(func(n, p *Node) {
		if n == of {
			parent = p
		}
	})
	return parent
}

// remove takes a part out of what it is in.
func (s *Shape) remove(n, parent *Node) {
	parent.Children = slices.DeleteFunc(parent.Children, func(c *Node) bool { return c == n })
	parent.Touched = true
}

// insert puts a part before the child at an index; at the end with the number
// of children.
func (s *Shape) insert(n, parent *Node, at int) {
	parent.Children = slices.Insert(parent.Children, at, n)
	parent.Touched = true
}

// wrap puts a new multipart into the place of a part, with the part in it.
func (s *Shape) wrap(n *Node, mediaType string) *Node {
	parent := s.parent(n)
	w := &Node{Origin: -1, MediaType: mediaType, Children: []*Node{n}, Touched: true}
	if parent == nil {
		s.Root = w
		n.Touched = true // its header becomes that of a part
		return w
	}
	parent.Children[slices.Index(parent.Children, n)] = w
	parent.Touched = true
	return w
}

// messageFound returns a finding about the structure of the mail.
func messageFound(level Level, property, before, after string) Finding {
	return Finding{Level: level, Component: "message", Property: property, Before: before, After: after}
}

// outline writes the structure of a part as "related{html, calendar}".
func (n *Node) outline() string {
	name := n.MediaType
	for _, prefix := range []string{"multipart/", "text/", "application/"} {
		name = strings.TrimPrefix(name, prefix)
	}
	if len(n.Children) == 0 {
		return name
	}
	var inner []string
	for _, c := range n.Children {
		inner = append(inner, c.outline())
	}
	return name + "{" + strings.Join(inner, ", ") + "}"
}

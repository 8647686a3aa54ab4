package rewrite

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// shaper writes a mail whose parts were moved, wrapped or dropped. What was in
// the mail is copied octet by octet: parts, header fields, the text before the
// first delimiter and after the last one.
type shaper struct {
	src  Source
	tree *mime.Tree
	rope *mime.Rope
	seed string
	used int // boundaries so far
}

func (s *shaper) eol() string          { return s.tree.EOL }
func (s *shaper) write(text ...string) { s.rope.Write([]byte(strings.Join(text, ""))) }

// touched reports whether a part, or any part inside of it, differs from the mail.
func touched(n *remedy.Node) bool {
	return n.Touched || slices.ContainsFunc(n.Children, touched)
}

// message writes the whole mail.
func (s *shaper) message(shape *remedy.Shape) error {
	h, err := mime.ReadHeader(s.src, s.tree.Root())
	if err != nil {
		return err
	}
	if !bytes.HasSuffix(h.Octets, []byte("\n")) {
		return errOdd
	}
	if err := s.checkWhole(); err != nil {
		return err
	}
	class := ""
	if _, ok := h.First("content-class"); !ok && shape.Class != "" {
		class = "Content-Class: " + shape.Class + s.eol()
	}
	root := shape.Root
	if root.Origin == 0 {
		if err := s.header(root, h, func(mime.Field) bool { return true }); err != nil {
			return err
		}
		s.write(class, s.eol())
		return s.body(root, "")
	}
	// the mail becomes a part: what describes its body goes with it
	for f := range h.Fields() {
		if !describes(f) {
			s.write(string(h.Octets[f.Start:f.End]))
		}
	}
	if _, ok := h.First("mime-version"); !ok {
		s.write("MIME-Version: 1.0", s.eol())
	}
	boundary := s.boundary()
	s.write(class, newType(root, boundary), s.eol(), s.eol())
	return s.body(root, boundary)
}

// checkWhole returns an error for a truncated message, whose header must not be changed
// either, and when not all header sections have the line end of the message: its
// first line decides that for its calendars, too, and with mixed line ends another
// line may be the first one afterwards.
func (s *shaper) checkWhole() error {
	if root := s.tree.Root(); strings.HasPrefix(root.MediaType, "multipart/") {
		if _, _, _, err := s.frame(root); err != nil {
			return err
		}
	}
	for _, p := range s.tree.Parts {
		if p.Enclosed {
			continue
		}
		h, err := mime.ReadHeader(s.src, p)
		if err != nil {
			return err
		}
		if !h.EndsIn(s.eol()) {
			return errMixed
		}
	}
	return nil
}

// describes reports whether a field is about the body of a part.
func describes(f mime.Field) bool {
	name := strings.ToLower(string(f.Name))
	return strings.HasPrefix(name, "content-") && name != "content-class" && name != "content-language"
}

// header writes the fields of a part that was in the mail.
func (s *shaper) header(n *remedy.Node, h mime.Header, keep func(mime.Field) bool) error {
	if !bytes.HasSuffix(h.Octets, []byte("\n")) {
		return errOdd
	}
	edit := mime.EditHeader(h, s.eol())
	for _, name := range n.Drop {
		edit.Drop(name)
	}
	if n.MediaType != s.tree.Parts[n.Origin].MediaType {
		edit.SetToken("Content-Type", n.MediaType)
		for _, param := range []string{"type", "start", "start-info"} { // RFC 2387 §3
			edit.DelParam("Content-Type", param)
		}
	}
	if n.Anew != "" {
		editBody(edit, s.tree.Parts[n.Origin].Encoding, s.encoding(n))
	}
	octets := applyEdits(h, edit.Edits())
	all := mime.Header{Octets: octets}
	at := 0
	for f := range all.Fields() {
		if !keep(f) {
			s.write(string(octets[at:f.Start]))
			at = f.End
		}
	}
	s.write(string(octets[at:]))
	return nil
}

// encoding is the transfer encoding of a part that is written anew.
func (s *shaper) encoding(n *remedy.Node) string {
	return mime.Choose([]byte(n.Anew), s.tree.Parts[n.Origin].Encoding)
}

// entity writes a part inside of a multipart.
func (s *shaper) entity(n *remedy.Node) error {
	if n.Origin < 0 {
		return s.added(n)
	}
	p := s.tree.Parts[n.Origin]
	if p.Header.End == p.Body.Start {
		return errOdd // without the empty line: it would get one
	}
	if !touched(n) {
		s.rope.Copy(s.src, mime.Span{Start: p.Header.Start, End: p.Body.End})
		return nil
	}
	h, err := mime.ReadHeader(s.src, p)
	if err != nil {
		return err
	}
	keep := func(mime.Field) bool { return true }
	if n.Origin == 0 {
		keep = func(f mime.Field) bool { return describes(f) }
	}
	if err := s.header(n, h, keep); err != nil {
		return err
	}
	s.write(s.eol())
	return s.body(n, "")
}

// added writes a part that was not there.
func (s *shaper) added(n *remedy.Node) error {
	if len(n.Children) > 0 {
		boundary := s.boundary()
		s.write(newType(n, boundary), s.eol(), s.eol())
		return s.body(n, boundary)
	}
	encoding := mime.Choose([]byte(n.Added), "")
	s.write("Content-Type: ", n.MediaType, "; charset=utf-8", s.eol())
	if encoding != "" {
		s.write("Content-Transfer-Encoding: ", encoding, s.eol())
	}
	s.write(s.eol(), string(mime.Encode([]byte(n.Added), encoding, s.eol(), true)))
	return nil
}

func (s *shaper) boundary() string {
	s.used++
	return fmt.Sprintf("=_%s.s%d", s.seed, s.used)
}

func newType(n *remedy.Node, boundary string) string {
	return "Content-Type: " + n.MediaType + `; boundary="` + boundary + `"`
}

// body writes what follows the header of a part: the octets of a leaf, or the parts
// of a multipart. boundary is that of an added multipart.
func (s *shaper) body(n *remedy.Node, boundary string) error {
	if n.Anew != "" {
		s.write(string(mime.Encode([]byte(n.Anew), s.encoding(n), s.eol(), true)))
		return nil
	}
	if n.Origin >= 0 && !n.Touched && !slices.ContainsFunc(n.Children, touched) || len(n.Children) == 0 {
		s.rope.Copy(s.src, s.tree.Parts[n.Origin].Body)
		return nil
	}
	first, last := mime.Span{}, mime.Span{}
	if n.Origin >= 0 {
		var err error
		if boundary, first, last, err = s.frame(s.tree.Parts[n.Origin]); err != nil {
			return err
		}
		s.rope.Copy(s.src, first)
	} else {
		s.write("--", boundary, s.eol())
	}
	for i, child := range n.Children {
		if i > 0 {
			s.write(s.eol(), "--", boundary, s.eol())
		}
		if err := s.entity(child); err != nil {
			return err
		}
	}
	if n.Origin >= 0 {
		s.rope.Copy(s.src, last)
	} else {
		s.write(s.eol(), "--", boundary, "--", s.eol())
	}
	return nil
}

// frame returns the octets of a multipart before its first part and after its
// last one, delimiters included.
func (s *shaper) frame(p *mime.Part) (boundary string, first, last mime.Span, err error) {
	first, last = mime.Span{Start: p.Body.Start, End: -1}, mime.Span{Start: -1, End: p.Body.End}
	for _, child := range s.tree.Parts {
		if child.Parent != p {
			continue
		}
		if first.End < 0 {
			first.End = child.Header.Start
		}
		last.Start = child.Body.End
	}
	boundary = p.Boundary()
	closing := s.eol() + "--" + boundary + "--"
	if first.End < first.Start || last.Start < 0 || last.Len() < int64(len(closing)) {
		return "", first, last, errOdd
	}
	head, err := readAll(s.src, last.Start, last.Start+int64(len(closing)))
	if err == nil && string(head) != closing {
		err = errOdd
	}
	return boundary, first, last, err
}

package convert

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// Need is what the next hop does not take.
type Need struct {
	SevenBit    bool // it takes no octets above 127
	ASCIIHeader bool // nor in header fields
	ShortLines  bool // it may not take lines of more than 998 octets: such are avoided where that is possible
}

// Change is one conversion.
type Change struct {
	Where string // "part 1.2", "header", "header of part 2"
	What  string // "quoted-printable", "Subject"
}

func (c Change) String() string { return c.Where + ": " + c.What }

// Result is a message in its new form. It reads the source while it is written.
type Result struct {
	Changes   []Change
	Signature string // the field by which a server has signed the message, "" without one
	src       mime.Source
	pieces    []piece
}

// Changed reports whether the message differs from the source.
func (r *Result) Changed() bool { return len(r.pieces) > 0 }

// Message converts a message whose lines end in CRLF. The error is a [*Refusal] when
// the message cannot be converted; any other error says that it could not be read, or
// that it exceeds a limit.
func Message(src mime.Source, need Need) (*Result, error) {
	tree, err := mime.Scan(src, mime.Limits{})
	if errors.Is(err, mime.ErrLimit) {
		return nil, unsupported("%v", err)
	}
	if err != nil {
		return nil, err
	}
	c := &converter{src: src, need: need, tree: tree}
	for _, p := range tree.Parts {
		if err := c.part(p); err != nil {
			return nil, err
		}
	}
	if err := c.gaps(); err != nil {
		return nil, err
	}
	if len(c.pieces) == 0 {
		return &Result{src: src}, nil
	}
	if err := c.mayChange(); err != nil {
		return nil, err
	}
	c.relabel()
	slices.SortStableFunc(c.pieces, func(a, b piece) int { return int(min(max(a.from-b.from, -1), 1)) })
	for i := 1; i < len(c.pieces); i++ {
		if c.pieces[i].from < c.pieces[i-1].to {
			return nil, unsupported("its parts overlap")
		}
	}
	return &Result{Changes: c.changes, Signature: tree.Signature, src: src, pieces: c.pieces}, nil
}

// converter collects the changes to one message.
type converter struct {
	src     mime.Source
	need    Need
	tree    *mime.Tree
	pieces  []piece
	changes []Change
	bodies  []*mime.Part // whose body is encoded
	mime    bool         // a field of MIME was added to the header of the message
}

func (c *converter) note(where, what string) {
	c.changes = append(c.changes, Change{where, what})
}

// edits adds changes of a header section.
func (c *converter) edits(list []mime.Edit) {
	for _, e := range list {
		c.pieces = append(c.pieces, piece{from: e.Start, to: e.End, text: e.Text})
	}
}

// nameOf names a part as users see it.
func (c *converter) nameOf(p *mime.Part) string {
	if p.Parent == nil && !p.IsMultipart() {
		return "body"
	}
	return "part " + p.Path()
}

// mayChange returns why the message must not be changed at all: somebody's signature
// lies beside what it signs.
func (c *converter) mayChange() error {
	for _, p := range c.tree.Parts {
		if p.Detached() && (p.Parent == nil || p.Parent.Sealed == "") {
			return prohibited("it must be converted for the next hop, and that would break the signature in its part %s", p.Path())
		}
	}
	return nil
}

// relabel corrects Content-Transfer-Encoding of what encloses an encoded part: 8bit and
// binary are the encodings of a multipart only while a part in it has octets above 127
// or long lines (RFC 2045 §6.4).
func (c *converter) relabel() {
	if !c.need.SevenBit {
		return
	}
	var done []*mime.Part
	for _, p := range c.bodies {
		for outer := p.Parent; outer != nil && !slices.Contains(done, outer); outer = outer.Parent {
			done = append(done, outer)
			if outer.Encoding != "8bit" && outer.Encoding != "binary" {
				continue
			}
			if h, err := mime.ReadHeader(c.src, outer); err == nil {
				e := mime.EditHeader(h, c.tree.EOL)
				e.SetToken("Content-Transfer-Encoding", "7bit")
				c.edits(e.Edits())
			}
		}
	}
}

// gaps replaces octets above 127 before the first and after the last part of a
// multipart. They are no content (RFC 2046 §5.1.1).
func (c *converter) gaps() error {
	if !c.need.SevenBit {
		return nil
	}
	for i, p := range c.tree.Parts {
		if !p.IsMultipart() || insideGlobal(p) {
			continue
		}
		at := p.Body.Start
		for _, child := range c.tree.Parts[i+1:] {
			if child.Parent == p {
				if err := c.gap(p, at, child.Header.Start); err != nil {
					return err
				}
				at = child.Body.End
			}
		}
		if err := c.gap(p, at, p.Body.End); err != nil {
			return err
		}
	}
	return nil
}

// maxGap is the longest text beside the parts that is changed.
const maxGap = 64 << 10

func (c *converter) gap(p *mime.Part, from, to int64) error {
	s, err := measure(c.src, mime.Span{Start: from, End: to})
	if err != nil || s.high == 0 {
		return err
	}
	switch {
	case p.Sealed != "":
		return signedPart(c.nameOf(p), p.Sealed)
	case p.Doubt != "":
		return unsupported("%s can be read in two ways: %s", c.nameOf(p), p.Doubt)
	case from == p.Body.Start && to == p.Body.End:
		return unsupported("%s is a multipart without parts and has 8-bit octets", c.nameOf(p))
	case to-from > maxGap:
		return unsupported("there are 8-bit octets beside the parts of %s", c.nameOf(p))
	}
	b := make([]byte, to-from)
	if _, err := io.ReadFull(io.NewSectionReader(c.src, from, to-from), b); err != nil {
		return err
	}
	for i := range b {
		if b[i] >= 0x80 {
			b[i] = '?'
		}
	}
	c.pieces = append(c.pieces, piece{from: from, to: to, text: b})
	c.note(c.nameOf(p), "8-bit octets beside its parts")
	return nil
}

// insideGlobal reports whether a part is within a message/global, which is encoded as
// a whole (RFC 6532 §3.7).
func insideGlobal(p *mime.Part) bool {
	for outer := p.Parent; outer != nil; outer = outer.Parent {
		if strings.HasPrefix(outer.MediaType, "message/global") {
			return true
		}
	}
	return false
}

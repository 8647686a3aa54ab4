package rewrite

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/charset"
	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/notice"
	"github.com/reconvene/reconvene/rewrite/remedy"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// Why the parts of a mail cannot be moved: it is not put together as RFC 2046
// says, or its lines end in two ways.
var (
	errOdd   = errors.New("structure: the parts of the message are not delimited correctly")
	errMixed = errors.New("structure: the header lines of the message end both in CRLF and in LF")
)

// structure lets the remedies of stage Structure at a mail whose calendars have
// been repaired, and returns it as it is to be sent: src itself when nothing
// moves. What is signed anywhere, or doubtful, is not put together anew; that
// goes for the whole mail, because a signature may cover what is moved.
func (w *work) structure(src Source, hands string) (Source, error) {
	if w.tree == nil || len(w.report.Meetings) == 0 {
		return src, nil
	}
	if !w.otherShape {
		// nearly all mail: the parts are what they were, and there is nothing to do
		if c, err := w.reshape(w.src, w.tree); err != nil || len(c.Findings()) == 0 {
			return src, err
		}
	}
	tree, err := mime.Scan(src, w.lim.scan())
	if err != nil {
		return nil, err
	}
	why := hands
	for _, p := range tree.Parts {
		if why == "" && (p.Sealed != "" || p.Doubt != "") {
			why = "structure: no part is moved if a part is signed or ambiguous"
		}
	}
	c, err := w.reshape(src, tree)
	if err != nil || len(c.Findings()) == 0 {
		return src, err
	}
	findings, applied := slices.Clone(c.Findings()), c.Applied()
	out := src
	if w.o.Mode != Observe && why == "" && len(applied) > 0 {
		if out, err = w.rebuilt(src, tree, c.Shape); err != nil {
			w.skip("message", err.Error())
			out = src
		}
	}
	if out == src {
		if why != "" && len(applied) > 0 {
			w.skip("message", why)
		}
		applied = nil
		for i := range findings {
			findings[i].Applied = false
		}
	}
	m := &w.report.Meetings[0]
	m.Findings = append(slices.Clone(m.Findings), findings...)
	m.Applied = append(slices.Clone(m.Applied), applied...)
	return out, nil
}

// reshape runs the remedies of stage Structure on a mail.
func (w *work) reshape(src Source, tree *mime.Tree) (*remedy.Case, error) {
	shape, err := w.shape(src, tree)
	if err != nil {
		return nil, err
	}
	c := w.newCase(input{}, w.allows)
	c.Shape = shape
	return c, w.stage(c, remedy.Structure, false)
}

// rebuilt writes the new shape and reads it as a receiver will: it must be
// what was meant, and nothing may move any more.
func (w *work) rebuilt(src Source, tree *mime.Tree, shape *remedy.Shape) (Source, error) {
	head, err := mime.ReadHeader(src, tree.Root())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(head.Octets)
	s := &shaper{src: src, tree: tree, seed: w.freshSeed(sum[:]), rope: &mime.Rope{}}
	if err := s.message(shape); err != nil {
		return nil, err
	}
	again, err := mime.Scan(s.rope, w.lim.scan())
	if err != nil {
		return nil, err
	}
	c, err := w.reshape(s.rope, again)
	if err != nil {
		return nil, err
	}
	if len(c.Applied()) > 0 || !s.same(shape.Root, c.Shape.Root, again) {
		return nil, errOdd
	}
	return s.rope, nil
}

// same says whether a part became what it should: the same kinds of parts, and
// each that was there with as many octets as before.
func (s *shaper) same(want, got *remedy.Node, tree *mime.Tree) bool {
	if want.MediaType != got.MediaType || len(want.Children) != len(got.Children) {
		return false
	}
	if want.Origin >= 0 && len(want.Children) == 0 && want.Anew == "" && s.tree.Parts[want.Origin].Body.Len() != tree.Parts[got.Origin].Body.Len() {
		return false
	}
	for i := range want.Children {
		if !s.same(want.Children[i], got.Children[i], tree) {
			return false
		}
	}
	return true
}

// shape describes the parts of a mail, what is enclosed in message/rfc822
// excepted.
func (w *work) shape(src Source, tree *mime.Tree) (*remedy.Shape, error) {
	nodes := map[*mime.Part]*remedy.Node{}
	s := &remedy.Shape{}
	for i, p := range tree.Parts {
		if p.Enclosed {
			continue
		}
		n := &remedy.Node{
			Origin: i, MediaType: p.MediaType, Method: p.Params.Get("method"), Disposition: p.Disposition,
			Filename: p.Filename, Encoding: p.Encoding, Empty: p.Body.Len() == 0,
		}
		switch p.MediaType {
		case "text/plain":
			n.Read = func() string { return w.readText(src, tree, p) }
		case "text/html":
			n.Read = func() string { return w.readPage(src, tree, p) }
		}
		if isTNEF(p) {
			n.Damaged = func() bool { return w.damaged(src, tree, p) }
			n.Alone = func() string { return w.alone(src, tree, p) }
		}
		nodes[p] = n
		if p.Parent == nil {
			s.Root = n
		} else {
			up := nodes[p.Parent]
			up.Children = append(up.Children, n)
		}
	}
	h, err := mime.ReadHeader(src, tree.Root())
	if err != nil {
		return nil, err
	}
	if f, ok := h.First("content-class"); ok {
		s.Class = string(bytes.TrimSpace(f.Body))
	}
	s.Proposal = w.proposal
	return s, nil
}

// proposes reports whether a calendar is a proposal of another time; a copy of it
// that is attached is none.
func proposes(c *remedy.Case) bool {
	p := c.Part
	return strings.EqualFold(p.MediaType, "text/calendar") && p.Method != "" && p.Disposition != "attachment" && c.Method() == "COUNTER"
}

// proposal says in words when somebody wants to meet instead.
func (w *work) proposal() string {
	c := w.counter
	if c == nil || len(c.Items()) == 0 {
		return ""
	}
	if c.Zones == nil {
		c.ResetZones()
	}
	it := mainItem(c)
	f := facetsOf(c, it).facts(w.mail)
	if len(f.When) == 0 {
		return ""
	}
	signs := notice.Signs{Tags: w.languageTags(w.tree.Root(), it), Subject: w.mail.Subject, Text: readBody(it)}
	return f.Proposal(notice.Detect(signs))
}

// readText reads a text, "" when it cannot be read, or not without losing what
// is not of its character set.
func (w *work) readText(src Source, tree *mime.Tree, p *mime.Part) string {
	body, err := mime.Decode(src, p, tree.EOL, w.lim.Calendar)
	if err != nil {
		return ""
	}
	text := decodeText(body, p.Params.Get("charset"))
	if strings.ContainsRune(text, utf8.RuneError) {
		return ""
	}
	return text
}

// readPage reads the octets of a text, "" when they cannot be read, or when it is
// not certain that ASCII in them is ASCII.
func (w *work) readPage(src Source, tree *mime.Tree, p *mime.Part) string {
	if name := p.Params.Get("charset"); name != "" && !charset.ExtendsASCII(charset.Lookup(name)) {
		return ""
	}
	body, err := mime.Decode(src, p, tree.EOL, w.lim.Calendar)
	if err != nil || bytes.IndexByte(body, 0) >= 0 {
		return ""
	}
	return string(body)
}

// damaged says whether a winmail.dat is one that was broken, rather than one
// that we do not read.
func (w *work) damaged(src Source, tree *mime.Tree, p *mime.Part) bool {
	body, err := mime.Decode(src, p, tree.EOL, w.lim.TNEF)
	if err != nil {
		return errors.Is(err, mime.ErrEncoding) || errors.Is(err, mime.ErrDamaged)
	}
	_, err = tnef.Read(body, tnef.Limits{Size: w.lim.TNEF})
	return errors.Is(err, tnef.ErrTruncated) || errors.Is(err, tnef.ErrDamaged)
}

// alone returns what a winmail.dat has and no other part of the mail: the name of
// a file, or what it is when it cannot be read. "" means that nothing is lost
// with it.
func (w *work) alone(src Source, tree *mime.Tree, p *mime.Part) string {
	body, err := mime.Decode(src, p, tree.EOL, w.lim.TNEF)
	if err != nil {
		return "what cannot be read"
	}
	m, err := tnef.Read(body, tnef.Limits{Size: w.lim.TNEF})
	if err != nil {
		return "what cannot be read"
	}
	for i := range m.Attachments {
		e, ok := attachmentEntity(&m.Attachments[i], false)
		if ok && !slices.ContainsFunc(tree.Parts, func(q *mime.Part) bool {
			return q != p && e.filename != "" && strings.EqualFold(q.Filename, e.filename)
		}) {
			return "the file " + e.filename
		}
	}
	return ""
}

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

// structure runs the remedies of stage Structure on a message whose calendars were
// repaired, and returns it as it is to be sent, with the report: src itself when
// nothing moves. A message with any signed or doubtful part keeps its structure,
// because a signature may cover what would be moved.
func (p *pipeline) structure(m *message, src Source, c change) (Source, Report, error) {
	report := c.report
	if len(report.Meetings) == 0 {
		return src, report, nil
	}
	proposal := func() string { return proposalText(m, c.proposal) }
	if !c.reshaped {
		// nearly all mail: the parts are what they were, and there is nothing to do
		if found, err := p.reshape(m, proposal); err != nil || len(found.Findings()) == 0 {
			return src, report, err
		}
	}
	repaired, err := readMessage(src, nil, m.lim)
	if err != nil {
		return nil, report, err
	}
	repaired.fields = m.fields
	found, err := p.reshape(repaired, proposal)
	if err != nil || len(found.Findings()) == 0 {
		return src, report, err
	}
	out := src
	if len(found.Applied()) > 0 {
		u := untouchableStructure(c.untouchable, repaired.tree)
		if p.o.Mode != Observe && !u.forbids() {
			if out, err = p.rebuilt(repaired, found.Shape, m.freshSeed); err != nil {
				u, out = untouchable{err.Error()}, src
			}
		}
		if u.forbids() {
			report.skip(Skip{"message", u.reason})
		}
	}
	report.Meetings[0] = report.Meetings[0].restructured(found, out != src)
	return out, report, nil
}

// untouchableStructure returns why no part of a mail is moved.
func untouchableStructure(whole untouchable, tree *mime.Tree) untouchable {
	for _, p := range tree.Parts {
		if !whole.forbids() && (p.Sealed != "" || p.Doubt != "") {
			return untouchable{"structure: no part is moved if a part is signed or ambiguous"}
		}
	}
	return whole
}

// restructured adds to a meeting what was found about the structure of its mail.
func (m Meeting) restructured(found *remedy.Object, done bool) Meeting {
	findings := slices.Clone(found.Findings())
	if done {
		m.Applied = append(slices.Clone(m.Applied), found.Applied()...)
	} else {
		for i := range findings {
			findings[i].Applied = false
		}
	}
	m.Findings = append(slices.Clone(m.Findings), findings...)
	return m
}

// reshape runs the remedies of stage Structure on a mail.
func (p *pipeline) reshape(m *message, proposal func() string) (*remedy.Object, error) {
	shape, err := m.shape()
	if err != nil {
		return nil, err
	}
	shape.Proposal = proposal
	c := p.repairer.newObject(input{mail: m.fields}, p.repairer.allows)
	c.Shape = shape
	return c, p.repairer.stage(c, remedy.Structure, false)
}

// rebuilt writes the new structure of a message and reads it as a receiver does: it
// must be as intended, and a second run must move nothing.
func (p *pipeline) rebuilt(m *message, shape *remedy.Shape, seed func([]byte) string) (Source, error) {
	head, err := mime.ReadHeader(m.src, m.tree.Root())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(head.Octets)
	s := &shaper{src: m.src, tree: m.tree, seed: seed(sum[:]), rope: &mime.Rope{}}
	if err := s.message(shape); err != nil {
		return nil, err
	}
	written, err := readMessage(s.rope, nil, m.lim)
	if err != nil {
		return nil, err
	}
	written.fields = m.fields
	c, err := p.reshape(written, shape.Proposal)
	if err != nil {
		return nil, err
	}
	if len(c.Applied()) > 0 || !s.same(shape.Root, c.Shape.Root, written.tree) {
		return nil, errOdd
	}
	return s.rope, nil
}

// same reports whether a part became what it should: the same kinds of parts, and
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
func (m *message) shape() (*remedy.Shape, error) {
	nodes := map[*mime.Part]*remedy.Node{}
	s := &remedy.Shape{}
	for i, p := range m.tree.Parts {
		if p.Enclosed {
			continue
		}
		n := &remedy.Node{
			Origin: i, MediaType: p.MediaType, Method: p.Params.Get("method"), Disposition: p.Disposition,
			Filename: p.Filename, Encoding: p.Encoding, Empty: p.Body.Len() == 0,
		}
		switch p.MediaType {
		case "text/plain":
			n.Read = func() string { return m.readText(p) }
		case "text/html":
			n.Read = func() string { return m.readPage(p) }
		}
		if isTNEF(p) {
			n.Damaged = func() bool { return m.damaged(p) }
			n.Alone = func() string { return m.onlyInTNEF(p) }
		}
		nodes[p] = n
		if p.Parent == nil {
			s.Root = n
		} else {
			up := nodes[p.Parent]
			up.Children = append(up.Children, n)
		}
	}
	h, err := mime.ReadHeader(m.src, m.tree.Root())
	if err != nil {
		return nil, err
	}
	if f, ok := h.First("content-class"); ok {
		s.Class = string(bytes.TrimSpace(f.Body))
	}
	return s, nil
}

// proposal returns a calendar that is a proposal of another time, nil for others; a
// copy of it that is attached is none.
func proposal(c *remedy.Object) *remedy.Object {
	if c == nil {
		return nil
	}
	p := c.Part
	if strings.EqualFold(p.MediaType, "text/calendar") && p.Method != "" && p.Disposition != "attachment" && c.Method() == "COUNTER" {
		return c
	}
	return nil
}

// proposalText describes a proposal of another time in words.
func proposalText(m *message, c *remedy.Object) string {
	if c == nil || len(c.Items()) == 0 {
		return ""
	}
	if c.Zones == nil {
		c.ResetZones()
	}
	it := mainItem(c)
	f := viewOf(c, it).facts(m.fields)
	if len(f.When) == 0 {
		return ""
	}
	signs := notice.Signs{Tags: m.languageTags(m.tree.Root(), it), Subject: m.fields.Subject, Text: readBody(it)}
	return f.Proposal(notice.Detect(signs))
}

// readText reads a text, "" when it cannot be read, or not without losing what
// is not of its character set.
func (m *message) readText(p *mime.Part) string {
	body, err := mime.Decode(m.src, p, m.tree.EOL, m.lim.Calendar)
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
func (m *message) readPage(p *mime.Part) string {
	if name := p.Params.Get("charset"); name != "" && !charset.ExtendsASCII(charset.Lookup(name)) {
		return ""
	}
	body, err := mime.Decode(m.src, p, m.tree.EOL, m.lim.Calendar)
	if err != nil || bytes.IndexByte(body, 0) >= 0 {
		return ""
	}
	return string(body)
}

// damaged reports whether a winmail.dat is one that was broken, rather than one
// that we do not read.
func (m *message) damaged(p *mime.Part) bool {
	body, err := mime.Decode(m.src, p, m.tree.EOL, m.lim.TNEF)
	if err != nil {
		return errors.Is(err, mime.ErrEncoding) || errors.Is(err, mime.ErrDamaged)
	}
	_, err = tnef.Read(body, tnef.Limits{Size: m.lim.TNEF})
	return errors.Is(err, tnef.ErrTruncated) || errors.Is(err, tnef.ErrDamaged)
}

// onlyInTNEF returns what a winmail.dat has and no other part of the mail: the name of
// a file, or what it is when it cannot be read. "" means that nothing is lost
// with it.
func (m *message) onlyInTNEF(p *mime.Part) string {
	body, err := mime.Decode(m.src, p, m.tree.EOL, m.lim.TNEF)
	if err != nil {
		return "what cannot be read"
	}
	stream, err := tnef.Read(body, tnef.Limits{Size: m.lim.TNEF})
	if err != nil {
		return "what cannot be read"
	}
	for i := range stream.Attachments {
		e, ok := attachmentEntity(&stream.Attachments[i], false)
		if ok && !slices.ContainsFunc(m.tree.Parts, func(q *mime.Part) bool {
			return q != p && e.filename != "" && strings.EqualFold(q.Filename, e.filename)
		}) {
			return "the file " + e.filename
		}
	}
	return ""
}

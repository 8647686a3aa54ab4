package ical

import (
	"math/bits"
	"strings"
)

// Word is something that a calendar may hold: a name, a method or an octet.
// Document.Holds answers for it from an index that is made once, so that
// whoever looks for one of many things need not read the lines for each.
type Word uint16

// Words below octetWord are bits of the index of names: the sets of names are
// open, so several share a bit.
const (
	nameBits  = 1024
	octetWord = Word(nameBits)
	shapeWord = octetWord + 256
)

// The kinds of names. They are told apart by what a word starts with.
const (
	propertyName = iota + 1
	paramName
	componentKind
	methodValue
	vendorPrefix
)

// WordOf returns the word for "DTSTART" (a property), "X-LOTUS-*" (any property
// whose name starts like that, up to the second hyphen), ";TZID" (a parameter),
// "BEGIN:VALARM" (a component), "METHOD:CANCEL", or "%" (one octet that is
// neither a letter nor a digit, anywhere in the text). Names are in upper case.
// For the words that begin with a question mark see shapeWords.
func WordOf(s string) Word {
	if shape, ok := shapeWords[s]; ok {
		return shapeWord + Word(bits.TrailingZeros16(uint16(shape)))
	}
	if len(s) == 1 && !isName(s) {
		return octetWord + Word(s[0])
	}
	switch s[0] {
	case ';':
		return nameWord(paramName, s[1:])
	case 'B':
		if name, ok := strings.CutPrefix(s, "BEGIN:"); ok {
			return nameWord(componentKind, name)
		}
	case 'M':
		if name, ok := strings.CutPrefix(s, "METHOD:"); ok {
			return nameWord(methodValue, name)
		}
	case 'X':
		if name, ok := strings.CutSuffix(s, "*"); ok {
			return nameWord(vendorPrefix, name)
		}
	}
	return nameWord(propertyName, s)
}

// nameWord looks at the length and four octets: enough to tell apart what
// occurs, and the same work for a name of any length. Case does not count.
func nameWord(kind uint32, s string) Word {
	n := len(s)
	if n == 0 {
		return Word(kind)
	}
	h := kind*257 + uint32(n)
	h = h*61 + uint32(s[0]&^0x20)
	h = h*61 + uint32(s[n/2]&^0x20)
	h = h*61 + uint32(s[n-1]&^0x20)
	h = h*61 + uint32(s[max(n-2, 0)]&^0x20)
	return Word(h * 0x9E3779B1 >> 22)
}

// index is which words a document holds. What is taken out of the document
// stays in it.
type index struct {
	names         [nameBits / 64]uint64
	octets, asked [4]uint64 // of the text that was parsed
	wrote         [4]uint64 // octets of the lines that were changed or added
	shapes        shape
	last          string // the name that was taken down last
	built         bool
	stale         bool // lines were changed since
}

func (x *index) put(kind uint32, name string) {
	w := nameWord(kind, name)
	x.names[w>>6] |= 1 << (w & 63)
}

// Holds says whether the document may hold a word. It is never false for one
// that is there; now and then it is true for one that is not. Call Reindex
// after lines were changed.
func (d *Document) Holds(w Word) bool {
	x := &d.index
	if !x.built || x.stale {
		x.read(d.Root, x.built)
		x.built, x.stale = true, false
	}
	switch {
	case w >= shapeWord:
		return x.shapes&(1<<(w-shapeWord)) != 0
	case w >= octetWord:
		return d.holdsOctet(byte(w - octetWord))
	}
	return x.names[w>>6]&(1<<(w&63)) != 0
}

// Reindex makes Holds look again at a document that was changed.
func (d *Document) Reindex() { d.index.stale = true }

func (d *Document) holdsOctet(c byte) bool {
	x := &d.index
	if bit := uint64(1) << (c & 63); x.asked[c>>6]&bit == 0 {
		x.asked[c>>6] |= bit
		if strings.IndexByte(d.text, c) >= 0 {
			x.octets[c>>6] |= bit
		}
	}
	return (x.octets[c>>6]|x.wrote[c>>6])&(1<<(c&63)) != 0
}

// read takes down all lines, or those that were edited. It recurses; the depth of
// the tree is bounded by Limits.Depth.
func (x *index) read(c *Component, edited bool) {
	x.put(componentKind, c.Name)
	x.readLine(c.Begin)
	x.readLine(c.End)
	for _, it := range c.Items {
		switch {
		case it.Sub != nil:
			x.read(it.Sub, edited)
		case it.Prop.edited || !edited:
			x.readName(it.Prop)
			x.readLine(it.Prop)
		}
	}
}

func (x *index) readName(l *Line) {
	name := l.upper
	if name == x.last {
		if name == "METHOD" {
			x.put(methodValue, strings.ToUpper(strings.TrimSpace(l.value)))
		}
		return
	}
	x.last = name
	x.put(propertyName, name)
	switch {
	case strings.HasPrefix(name, "X-"):
		if n := strings.IndexByte(name[2:], '-'); n >= 0 {
			x.put(vendorPrefix, name[:2+n+1])
		}
	case name == "METHOD":
		x.put(methodValue, strings.ToUpper(strings.TrimSpace(l.value)))
	}
}

// readLine takes down the parameters of a line and, where it was changed or added,
// its octets.
func (x *index) readLine(l *Line) {
	if l == nil {
		return
	}
	if l.edited {
		for i := range len(l.text) {
			c := l.text[i]
			x.wrote[c>>6] |= 1 << (c & 63)
		}
	}
	x.shapes |= shapeOf(l)
	x.readHead(l)
}

package ical

import (
	"math/bits"
	"strings"
)

// Word is a name, a method or an octet that a calendar may contain. Document.Holds
// uses an index that is built once, so that many words can be checked without
// reading the lines for each.
type Word uint16

// Words below shapeWord are bits of the index of names: the sets of names are
// open, so several share a bit. Those below octetWord are shapes.
const (
	nameBits  = 1024
	shapeWord = Word(nameBits)
	octetWord = shapeWord + 64
)

// The kinds of names. What a word starts with says which kind it is.
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
		return shapeWord + Word(bits.TrailingZeros64(uint64(shape)))
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
	words         [octetWord / 64]uint64 // names and shapes
	octets, asked [4]uint64              // of the text that was parsed
	wrote         [4]uint64              // octets of the lines that were changed or added
	last          string                 // the name that was recorded last
	fresh         []*Line                // of a document that was read again: the lines that the first one did not have
	built         bool
	stale         bool // lines were changed since
}

func (x *index) put(kind uint32, name string) {
	w := nameWord(kind, name)
	x.words[w>>6] |= 1 << (w & 63)
}

func (x *index) putShape(s shape) { x.words[shapeWord>>6] |= uint64(s) }

// Holds reports whether the document may contain a word. It is always true for a
// word that is there, and sometimes for one that is not. Reindex must be called
// after lines were changed.
func (d *Document) Holds(w Word) bool {
	d.index.update(d.Root)
	return d.holds(w)
}

// HoldsAllOf reports whether the document may contain all words of one of the lists.
func (d *Document) HoldsAllOf(lists [][]Word) bool {
	d.index.update(d.Root)
next:
	for _, words := range lists {
		for _, w := range words {
			if !d.holds(w) {
				continue next
			}
		}
		return true
	}
	return false
}

func (d *Document) holds(w Word) bool {
	if w < octetWord {
		return d.index.words[w>>6]&(1<<(w&63)) != 0
	}
	return d.holdsOctet(byte(w - octetWord))
}

// update records what there is, or what has changed.
func (x *index) update(root *Component) {
	if !x.built || x.stale {
		x.read(root, x.built)
		x.built, x.stale = true, false
	}
}

// Reindex updates the index of Holds after a change.
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

// inherit takes over what a document held that this one was written from, if
// that is known. Lines of this one that the other did not have in the same words
// are fresh, whatever the other knew of its changes.
func (x *index) inherit(from *index, d *Document) {
	if !from.built {
		return
	}
	x.words, x.built = from.words, true
	d.Root.Walk(func(c *Component) { x.put(componentKind, c.Name) })
	for _, l := range x.fresh {
		if l.upper != "BEGIN" && l.upper != "END" {
			x.readName(l)
		}
		x.readLine(l)
	}
	x.fresh = nil
}

// read records all lines, or those that were edited. It recurses; the depth of
// the tree is bounded by Limits.Depth.
func (x *index) read(c *Component, edited bool) {
	x.put(componentKind, c.Name)
	x.readLine(c.Begin)
	x.readLine(c.End)
	for _, it := range c.Items {
		switch {
		case it.Sub != nil:
			x.read(it.Sub, edited)
		case it.Prop.Edited() || !edited:
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

// readLine records the parameters of a line and, where it was changed or added,
// its octets.
func (x *index) readLine(l *Line) {
	if l == nil {
		return
	}
	if l.Edited() {
		for i := range len(l.text) {
			c := l.text[i]
			x.wrote[c>>6] |= 1 << (c & 63)
		}
	}
	x.putShape(shapeOf(l))
	x.readHead(l)
}

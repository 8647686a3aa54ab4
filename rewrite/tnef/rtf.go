package tnef

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// rtfMode is which text to take from RTF.
type rtfMode int

const (
	rtfPlain    rtfMode = iota // the text as a reader of RTF shows it
	rtfFromText                // the text that RTF encapsulates ([MS-OXRTFEX] §2.2.2)
	rtfFromHTML                // the HTML that RTF encapsulates ([MS-OXRTFEX] §2.2.3)
)

// rtfOrigin returns which text a piece of RTF encapsulates: \fromhtml1 or \fromtext
// is among the first tokens.
func rtfOrigin(rtf []byte) rtfMode {
	l := rtfLexer{b: rtf}
	for range 32 {
		switch t := l.next(); string(t.bytes) {
		case "fromhtml":
			if t.kind == rtfWord && t.num == 1 {
				return rtfFromHTML
			}
		case "fromtext":
			if t.kind == rtfWord {
				return rtfFromText
			}
		case "fonttbl":
			return rtfPlain
		}
	}
	return rtfPlain
}

// rtfDest is the destination of the text of a group.
type rtfDest int

const (
	rtfBody  rtfDest = iota
	rtfSkip          // nowhere
	rtfTable         // the font table
	rtfTag           // \*\htmltag: a piece of the encapsulated HTML
	rtfInst          // \*\fldinst: what a field does
)

// rtfGroup is what a brace saves and restores.
type rtfGroup struct {
	dest     rtfDest
	font, uc int
	htmlrtf  bool // between \htmlrtf and \htmlrtf0: for readers of RTF only
	hidden   bool // \v
	field    bool // the group is a field
	from     int  // where the field's text begins
	link     string
	star     bool // \* was the last token
}

// maxGroups bounds the nesting of groups.
const maxGroups = 2000

// rtfWalker turns RTF into text or HTML in one pass.
type rtfWalker struct {
	mode  rtfMode
	fonts rtfFonts
	g     rtfGroup
	stack []rtfGroup
	skip  int    // characters that stand for the last \u and are to be skipped
	high  rune   // the first half of a surrogate pair
	raw   []byte // octets not decoded yet, in the code page of the group
	out   []byte
	inst  []byte
	err   error
}

// rtfContent gives the text or the HTML of RTF in UTF-8.
func rtfContent(rtf []byte, mode rtfMode) (string, error) {
	w := &rtfWalker{mode: mode, g: rtfGroup{uc: 1}}
	w.fonts.ansi = defaultCodepage
	l := rtfLexer{b: rtf}
	for w.err == nil {
		t := l.next()
		if t.kind == rtfEnd {
			break
		}
		w.token(t)
	}
	w.flush()
	return string(w.out), w.err
}

func (w *rtfWalker) token(t rtfToken) {
	star := w.g.star
	w.g.star = false
	switch t.kind {
	case rtfOpen:
		w.open()
	case rtfClose:
		w.close()
	case rtfText:
		w.text(t.bytes)
	case rtfHex:
		w.text([]byte{byte(t.num)})
	case rtfSymbol:
		w.symbol(t.bytes[0])
	case rtfWord:
		w.word(t, star)
	}
}

func (w *rtfWalker) open() {
	w.flush()
	if len(w.stack) >= maxGroups {
		w.err = fmt.Errorf("%w: RTF groups are nested too deeply", ErrLimit)
		return
	}
	w.stack = append(w.stack, w.g)
	w.g.field, w.g.link, w.skip = false, "", 0
}

func (w *rtfWalker) close() {
	w.flush()
	w.skip = 0
	if len(w.stack) == 0 {
		return // a brace too many
	}
	inner := w.g
	w.g, w.stack = w.stack[len(w.stack)-1], w.stack[:len(w.stack)-1]
	if inner.dest == rtfInst && w.g.dest != rtfInst {
		w.g.link, w.inst = hyperlink(w.inst), w.inst[:0]
	}
	if inner.field {
		w.endField(inner)
	}
}

// endField writes the target of a link after its text: the text of a meeting
// without the address of its conference would be of little use. A text longer
// than most is not searched: fields can be nested.
func (w *rtfWalker) endField(f rtfGroup) {
	const most = 512
	if w.mode != rtfPlain || f.link == "" || f.from > len(w.out) {
		return
	}
	shown := w.out[f.from:]
	if len(shown) > most || bytes.Contains(shown, []byte(strings.TrimPrefix(f.link, "mailto:"))) {
		return
	}
	w.out = append(append(append(w.out, " <"...), f.link...), '>')
}

// hyperlink gives the target in the instruction of a field
// (HYPERLINK "target"), "" when it is another field.
func hyperlink(inst []byte) string {
	name, rest, _ := strings.Cut(strings.TrimSpace(string(inst)), " ")
	if name != "HYPERLINK" {
		return ""
	}
	rest = strings.TrimSpace(rest)
	if quoted, ok := strings.CutPrefix(rest, `"`); ok {
		target, _, _ := strings.Cut(quoted, `"`)
		return target
	}
	target, _, _ := strings.Cut(rest, " ")
	if strings.HasPrefix(target, `\`) {
		return "" // a switch: the link leads into the document itself
	}
	return target
}

// shown reports whether the text of the group has a destination.
func (w *rtfWalker) shown() bool {
	switch w.g.dest {
	case rtfBody:
		return !(w.g.htmlrtf && w.mode != rtfPlain) && !(w.g.hidden && w.mode == rtfPlain)
	case rtfTag:
		return w.mode == rtfFromHTML
	case rtfInst:
		return w.mode == rtfPlain
	}
	return false
}

// text takes octets of the code page, less those that stand for a \u.
func (w *rtfWalker) text(b []byte) {
	n := min(w.skip, len(b))
	w.skip -= n
	if w.shown() {
		w.raw = append(w.raw, b[n:]...)
	}
}

// flush decodes the octets collected so far. A character of several octets
// may be written partly in hex and partly as it is, so they are decoded
// together. Pieces of HTML are in the code page of the document.
func (w *rtfWalker) flush() {
	if len(w.raw) == 0 {
		return
	}
	page := w.fonts.ansi
	if w.g.dest != rtfTag {
		page = w.fonts.page(w.g.font)
	}
	if page.extendsASCII() && ascii(w.raw) {
		w.emit(w.raw)
		w.raw = w.raw[:0]
		return
	}
	s, err := page.decode(w.raw)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.raw = w.raw[:0]
	w.emit([]byte(s))
}

func (w *rtfWalker) emit(s []byte) {
	if w.g.dest == rtfInst {
		w.inst = append(w.inst, s...)
		return
	}
	w.out = append(w.out, s...)
}

// put writes text that is in no code page.
func (w *rtfWalker) put(s string) {
	w.flush()
	if w.skip > 0 {
		w.skip--
		return
	}
	if w.shown() {
		w.emit([]byte(s))
	}
}

// unicode takes a \u: a signed 16-bit number, followed by \uc characters for
// readers that do not know it.
func (w *rtfWalker) unicode(n int) {
	w.flush()
	w.skip = w.g.uc
	r := rune(uint16(n))
	switch {
	case n > 0xFFFF && n <= utf8.MaxRune:
		r = rune(n)
	case r >= 0xDC00 && r <= 0xDFFF && w.high != 0:
		r, w.high = utf16.DecodeRune(w.high, r), 0
	case utf16.IsSurrogate(r):
		w.high = r
		return
	}
	w.high = 0
	if w.shown() && r != 0 {
		w.emit(utf8.AppendRune(nil, r))
	}
}

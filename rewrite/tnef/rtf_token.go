package tnef

// rtfToken is one token of RTF: an opening or closing brace, a control word
// with its parameter, a control symbol, an octet in hex, or a run of text.
type rtfToken struct {
	kind  rtfKind
	bytes []byte // the control word, or the run of text; a part of the input
	num   int
	given bool // the control word has a parameter
}

type rtfKind int

const (
	rtfEnd rtfKind = iota
	rtfOpen
	rtfClose
	rtfWord
	rtfSymbol // bytes is the one octet after the backslash
	rtfHex    // num is the octet
	rtfText
)

// rtfLexer cuts RTF into tokens. It gives each octet once and cannot fail:
// what is no control is text.
type rtfLexer struct {
	b   []byte
	off int
}

func (l *rtfLexer) next() rtfToken {
	// Line ends are no part of the text.
	for l.off < len(l.b) && (l.b[l.off] == '\r' || l.b[l.off] == '\n') {
		l.off++
	}
	if l.off >= len(l.b) {
		return rtfToken{kind: rtfEnd}
	}
	switch l.b[l.off] {
	case '{':
		l.off++
		return rtfToken{kind: rtfOpen}
	case '}':
		l.off++
		return rtfToken{kind: rtfClose}
	case '\\':
		l.off++
		return l.control()
	}
	start := l.off
	for l.off < len(l.b) && !rtfSpecial(l.b[l.off]) {
		l.off++
	}
	return rtfToken{kind: rtfText, bytes: l.b[start:l.off]}
}

func rtfSpecial(c byte) bool {
	return c == '{' || c == '}' || c == '\\' || c == '\r' || c == '\n'
}

// control reads what follows a backslash.
func (l *rtfLexer) control() rtfToken {
	start := l.off
	for l.off < len(l.b) && letter(l.b[l.off]) {
		l.off++
	}
	if l.off == start {
		return l.symbol()
	}
	t := rtfToken{kind: rtfWord, bytes: l.b[start:l.off]}
	t.num, t.given = l.number()
	if l.off < len(l.b) && l.b[l.off] == ' ' {
		l.off++ // the delimiter belongs to the word
	}
	if string(t.bytes) == "bin" {
		// \binN: N octets that are not RTF.
		l.off += min(max(t.num, 0), len(l.b)-l.off)
	}
	return t
}

// number reads an optional parameter. Digits beyond any real value are
// skipped.
func (l *rtfLexer) number() (n int, given bool) {
	i := l.off
	negative := i < len(l.b) && l.b[i] == '-'
	if negative {
		i++
	}
	start := i
	for ; i < len(l.b) && l.b[i] >= '0' && l.b[i] <= '9'; i++ {
		if n < 1<<30 {
			n = n*10 + int(l.b[i]-'0')
		}
	}
	if i == start {
		return 0, false
	}
	l.off = i
	if negative {
		n = -n
	}
	return n, true
}

func (l *rtfLexer) symbol() rtfToken {
	if l.off >= len(l.b) {
		return rtfToken{kind: rtfEnd}
	}
	l.off++
	if l.b[l.off-1] != '\'' || len(l.b)-l.off < 2 {
		return rtfToken{kind: rtfSymbol, bytes: l.b[l.off-1 : l.off]}
	}
	hi, lo := hexDigit(l.b[l.off]), hexDigit(l.b[l.off+1])
	if hi < 0 || lo < 0 {
		return rtfToken{kind: rtfSymbol, bytes: l.b[l.off-1 : l.off]}
	}
	l.off += 2
	return rtfToken{kind: rtfHex, num: hi<<4 | lo}
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

package ical

import (
	"strings"
	"unicode/utf8"
)

// smtpOctets is the longest line that SMTP carries, RFC 5321 §4.5.3.1.6,
// without the line end.
const smtpOctets = 998

// scanner splits a text into content lines, in time linear in its length.
//
// LF ends a line, with any number of CR before it; a lone CR is a control
// character. But in a text of CR lines CR, LF and CRLF all end a line
// (QUIRK(domino): bare-lf, Notes exports such files).
type scanner struct {
	text   string
	pos    int
	loneCR bool
	slab   []Line // room for lines, so that not each of them is an allocation
	joined strings.Builder
	known  []*Line // lines that are expected; see Document.Reread
	reread bool    // there were such lines
	took   bool    // the last line was one of them
}

func newScanner(text string) *scanner {
	return &scanner{text: text, loneCR: linesOfCR(text)}
}

// linesOfCR reports whether CR is what ends the lines of a text: it has no LF, or
// its first line is a BEGIN that ends in CR alone. The latter is a text of CR
// lines that some transport ended in CRLF.
func linesOfCR(text string) bool {
	cr := strings.IndexByte(text, '\r')
	if cr < 0 {
		return false
	}
	lf := strings.IndexByte(text, '\n')
	if lf < 0 {
		return true
	}
	return cr < lf && strings.Trim(text[cr:lf], "\r") != "" && len(text) > 6 && strings.EqualFold(text[:6], "BEGIN:")
}

// slabLines are what fits into 2 KiB.
const slabLines = 25

func (s *scanner) newLine() *Line {
	if len(s.slab) == 0 {
		n := slabLines
		if s.reread {
			n = slabLines / 6 // few lines are new
		}
		s.slab = make([]Line, n)
	}
	l := &s.slab[0]
	s.slab = s.slab[1:]
	return l
}

// physical returns the end of the content and the end of the line end of the
// physical line that starts at i.
func (s *scanner) physical(i int) (content, next int, fault Fault) {
	if s.loneCR {
		content, next, fault = s.physicalCR(i)
	} else {
		content, next, fault = s.physicalLF(i)
	}
	if content-i > lineOctets {
		fault |= FaultLong
	}
	if content-i > smtpOctets {
		fault |= FaultHuge
	}
	return content, next, fault
}

func (s *scanner) physicalLF(i int) (content, next int, fault Fault) {
	end, next := len(s.text), len(s.text)
	n := strings.IndexByte(s.text[i:], '\n')
	if n >= 0 {
		end, next = i+n, i+n+1
	}
	content = end
	for content > i && s.text[content-1] == '\r' {
		content--
	}
	switch cr := end - content; {
	case n < 0 && cr == 0:
		fault = FaultNoEnd
	case n < 0:
		fault = FaultEndCR
	case cr == 0:
		fault = FaultEndLF
	case cr > 1:
		fault = FaultEndCRCRLF
	}
	return content, next, fault
}

func (s *scanner) physicalCR(i int) (content, next int, fault Fault) {
	n := strings.IndexAny(s.text[i:], "\r\n")
	switch {
	case n < 0:
		return len(s.text), len(s.text), FaultNoEnd
	case s.text[i+n] == '\n':
		return i + n, i + n + 1, FaultEndLF
	case strings.HasPrefix(s.text[i+n:], "\r\n"):
		return i + n, i + n + 2, 0
	default:
		return i + n, i + n + 1, FaultEndCR
	}
}

// next returns the next content line, nil at the end of the text.
func (s *scanner) next() *Line {
	if s.pos >= len(s.text) {
		return nil
	}
	start := s.pos
	l := s.expected()
	if s.took = l != nil; s.took {
		return l
	}
	content, next, fault := s.physical(start)
	l = s.newLine()
	l.text, l.colon, l.fault = s.text[start:content], -1, fault
	if content == start {
		l.fault |= FaultBlank | FaultSyntax
		l.raw, s.pos = s.text[start:next], next
		return l
	}
	border := 0
	if end, size := s.folds(next); end > next {
		border = s.unfold(l, next, end, size)
		next = end
	}
	l.raw, s.pos = s.text[start:next], next
	l.split()
	if border > int(l.colon)+1 && wholeNumber(l.value) {
		l.fault |= FaultFoldValue
	}
	l.fault |= octetFaults(l.text)
	return l
}

// expected returns the next known line when the text goes on with its octets
// and it surely ends where they end. A stray END is judged anew.
func (s *scanner) expected() *Line {
	if len(s.known) == 0 {
		return nil
	}
	l := s.known[0]
	s.known = s.known[1:]
	end := s.pos + len(l.raw)
	if l.Edited() || l.raw == "" || l.upper == "END" && l.fault&FaultSyntax != 0 || end >= len(s.text) || s.text[s.pos:end] != l.raw {
		return nil
	}
	if c := s.text[end]; l.raw[len(l.raw)-1] != '\n' || c <= ' ' {
		return nil // a fold or an empty line may follow, which belongs to it
	}
	s.pos = end
	return l
}

// folds returns where the continuation lines from offset i on end and how many
// octets they add at most. Blank lines are part of a fold when a continuation
// follows them: a transport that doubled every line end parts folds like that.
func (s *scanner) folds(i int) (end, size int) {
	end = i
	if i < len(s.text) && s.text[i] > ' ' {
		return end, 0 // nearly always
	}
	for i < len(s.text) {
		content, next, _ := s.physical(i)
		switch {
		case content == i: // perhaps inside a fold
		case isBlank(s.text[i]):
			size += content - i - 1
			end = next
		default:
			return end, size
		}
		i = next
	}
	return end, size
}

// unfold joins the continuation lines in [i, end) to the line and returns the
// offset of the last border between two of them in the unfolded text.
func (s *scanner) unfold(l *Line, i, end, size int) (border int) {
	b := s.textRoom(len(l.text)+size, len(s.text)-s.pos)
	start := b.Len()
	b.WriteString(l.text)
	odd := oddSlashes(l.text)
	for i < end {
		content, next, fault := s.physical(i)
		l.fault |= fault
		if content == i {
			l.fault |= FaultFoldBlank
			i = next
			continue
		}
		if s.text[i] == '\t' {
			l.fault |= FaultFoldTab
		}
		if part := s.text[i+1 : content]; part != "" {
			border = b.Len() - start
			if !utf8.RuneStart(part[0]) {
				l.fault |= FaultFoldRune
			}
			if odd {
				l.fault |= FaultFoldEscape
			}
			odd = oddSlashes(part)
			b.WriteString(part)
		}
		i = next
	}
	l.text = b.String()[start:]
	return border
}

// maxTextRoom is how much is made at once for the texts of several lines, in
// octets.
const maxTextRoom = 4096

// textRoom returns where the text of a line can be put together that is not in
// one piece in what was read; rest is the length of the text from that line on.
// Lines that follow share the room, so that not each of them is an allocation.
func (s *scanner) textRoom(need, rest int) *strings.Builder {
	if s.joined.Cap()-s.joined.Len() < need {
		if s.reread {
			rest = 0 // few lines are new
		}
		s.joined = strings.Builder{}
		s.joined.Grow(max(need, min(rest, maxTextRoom)))
	}
	return &s.joined
}

// oddSlashes reports whether a text ends in an odd number of backslashes: the last
// one escapes what follows. In a text that is cut in pieces it is right up to
// the first cut inside an escape.
func oddSlashes(s string) bool {
	return (len(s)-len(strings.TrimRight(s, `\`)))%2 == 1
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// wholeNumber reports whether a value is a date, a time or a number that fold
// keeps whole.
func wholeNumber(s string) bool {
	if len(s) > wordOctets {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && c != 'T' && c != 'Z' {
			return false
		}
	}
	return s != ""
}

// split finds name and value. Without a colon outside of quotes the first
// colon counts; without any the line is no content line.
func (l *Line) split() {
	colon := strings.IndexByte(l.text, ':')
	if colon >= 0 && strings.IndexByte(l.text[:colon], '"') >= 0 {
		if outside := nextOutsideQuotes(l.text, 0, ':'); outside >= 0 {
			colon = outside
		} else {
			l.fault |= FaultSyntax
		}
	}
	if colon < 0 {
		l.fault |= FaultSyntax
		return
	}
	name := l.text[:colon]
	if i := strings.IndexByte(name, ';'); i >= 0 {
		name = name[:i]
	}
	if !isName(name) {
		l.fault |= FaultSyntax
		return
	}
	l.colon, l.upper, l.value = int32(colon), upperName(name), l.text[colon+1:]
}

// upperName avoids an allocation for names that are upper case already.
func upperName(name string) string {
	for i := 0; i < len(name); i++ {
		if 'a' <= name[i] && name[i] <= 'z' {
			return strings.ToUpper(name)
		}
	}
	return name
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c == '-' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '_' || c == '.') {
			return false
		}
	}
	return s != ""
}

// octetFaults looks for octets that no content line may have.
func octetFaults(s string) (fault Fault) {
	var kinds octetKind
	for i := 0; i < len(s); i++ {
		kinds |= octetKinds[s[i]]
	}
	if kinds == 0 {
		return 0
	}
	if kinds&octetTab != 0 {
		fault |= FaultTab
	}
	if kinds&octetControl != 0 {
		fault |= FaultControl
	}
	if kinds&octetHigh != 0 {
		fault |= runeFaults(s)
	}
	return fault
}

// octetKind is a set of sorts of octets; a plain one is of none.
type octetKind uint8

const (
	octetTab octetKind = 1 << iota
	octetControl
	octetHigh
)

// octetKinds has no branch to guess: nearly every octet of a calendar passes
// here three times.
var octetKinds = func() (kinds [256]octetKind) {
	for c := range kinds {
		switch {
		case c >= 0x80:
			kinds[c] = octetHigh
		case c == '\t':
			kinds[c] = octetTab
		case c < 0x20, c == 0x7f:
			kinds[c] = octetControl
		}
	}
	return kinds
}()

// runeFaults looks for what is not UTF-8, for C1 control characters and for
// code points that are no characters.
func runeFaults(s string) (fault Fault) {
	for i, r := range s {
		switch {
		case r < 0x80:
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				fault |= FaultUTF8
			}
		case r < 0xA0:
			fault |= FaultControl
		case IsNonCharacter(r):
			fault |= FaultControl
		}
	}
	return fault
}

// IsNonCharacter reports whether r is one of the 66 noncharacters of Unicode.
func IsNonCharacter(r rune) bool {
	return r&0xFFFE == 0xFFFE || 0xFDD0 <= r && r <= 0xFDEF
}

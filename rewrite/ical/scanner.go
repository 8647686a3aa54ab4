package ical

import (
	"strings"
	"unicode/utf8"
)

// scanner splits a text into content lines. Line ends are CRLF; LF, CR CR LF
// and, in a text without any LF, a lone CR are read as line ends too and
// reported as faults (Lotus Notes files have lone CRs).
type scanner struct {
	text   string
	pos    int
	loneCR bool // CR alone ends a line
}

func newScanner(text string) *scanner {
	return &scanner{text: text, loneCR: strings.IndexByte(text, '\n') < 0}
}

// physical returns the end of the content and the end of the line end of the
// physical line that starts at i.
func (s *scanner) physical(i int) (content, next int, fault Fault) {
	eol := byte('\n')
	if s.loneCR {
		eol = '\r'
	}
	n := strings.IndexByte(s.text[i:], eol)
	if n < 0 {
		return len(s.text), len(s.text), FaultNoEnd
	}
	end := i + n
	if s.loneCR {
		return end, end + 1, FaultEndCR
	}
	content = end
	for content > i && s.text[content-1] == '\r' {
		content--
	}
	switch end - content {
	case 0:
		fault = FaultEndLF
	case 1:
	default:
		fault = FaultEndCRCRLF
	}
	return content, end + 1, fault
}

// next returns the next content line, nil at the end of the text.
func (s *scanner) next() *Line {
	if s.pos >= len(s.text) {
		return nil
	}
	start := s.pos
	content, next, fault := s.physical(start)
	if content-start > lineOctets {
		fault |= FaultLong
	}
	l := &Line{text: s.text[start:content], fault: fault}
	if content == start {
		l.raw, s.pos = s.text[start:next], next
		l.fault |= FaultBlank | FaultSyntax
		l.colon = -1
		return l
	}
	if next < len(s.text) && isBlank(s.text[next]) {
		next = s.unfold(l, next)
	}
	l.raw, s.pos = s.text[start:next], next
	l.split()
	l.check()
	return l
}

// unfold joins the continuation lines from offset next on to the line and
// returns the offset behind them.
func (s *scanner) unfold(l *Line, next int) int {
	var b strings.Builder
	b.WriteString(l.text)
	for next < len(s.text) && isBlank(s.text[next]) {
		content, after, fault := s.physical(next)
		if content-next > lineOctets {
			fault |= FaultLong
		}
		if s.text[next] == '\t' {
			fault |= FaultFoldTab
		}
		part := s.text[min(next+1, content):content]
		fault |= foldFaults(b.String(), part)
		l.fault |= fault
		b.WriteString(part)
		next = after
	}
	l.text = b.String()
	return next
}

// foldFaults looks at the border of a fold.
func foldFaults(before, after string) (fault Fault) {
	if after != "" && !utf8.RuneStart(after[0]) {
		fault |= FaultFoldRune
	}
	slashes := 0
	for slashes < len(before) && before[len(before)-1-slashes] == '\\' {
		slashes++
	}
	if slashes%2 == 1 && after != "" {
		fault |= FaultFoldEscape
	}
	return fault
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// split finds name and value. Without a colon outside of quotes the first
// colon counts; without any the line is no content line.
func (l *Line) split() {
	l.colon = nextOutsideQuotes(l.text, 0, ':')
	if l.colon < 0 {
		if l.colon = strings.IndexByte(l.text, ':'); l.colon >= 0 {
			l.fault |= FaultSyntax
		}
	}
	if l.colon < 0 {
		l.fault |= FaultSyntax
		return
	}
	name := l.text[:l.colon]
	if i := strings.IndexByte(name, ';'); i >= 0 {
		name = name[:i]
	}
	if !isName(name) {
		l.fault |= FaultSyntax
		l.colon = -1
		return
	}
	l.name, l.upper, l.value = name, upperName(name), l.text[l.colon+1:]
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

// check looks for octets that no content line may have.
func (l *Line) check() {
	ascii := true
	for i := 0; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c < 0x20 && c != '\t', c == 0x7f:
			l.fault |= FaultControl
		case c >= 0x80:
			ascii = false
		}
	}
	if !ascii && !utf8.ValidString(l.text) {
		l.fault |= FaultUTF8
	}
}

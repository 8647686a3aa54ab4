package dsn

import (
	"mime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/reconvene/reconvene/relay/envelope"
)

const (
	foldAt  = 76  // where a field is folded, if it has a space
	maxWord = 900 // a word without a space is broken after that many octets; a line has 998 at most
)

// fields collects header fields. Each value becomes one field, whatever it contains:
// its control characters are replaced before it is folded.
type fields struct{ b strings.Builder }

func (f *fields) String() string { return f.b.String() }

// ascii adds a field without octets above 127: such a character is written as \x{HEX},
// as RFC 6533 §3 has it for addresses.
func (f *fields) ascii(name, value string) {
	f.fold(name, envelope.ASCIIOriginal(envelope.CleanText([]byte(value))))
}

// utf8 adds a field as it is (RFC 6532).
func (f *fields) utf8(name, value string) { f.fold(name, envelope.CleanText([]byte(value))) }

// encoded adds unstructured text, with encoded-words where it is not ASCII (RFC 2047).
func (f *fields) encoded(name, value string) {
	f.fold(name, mime.QEncoding.Encode("utf-8", line(value)))
}

// dated adds a time, if there is one.
func (f *fields) dated(name string, t time.Time) {
	if s := date(t); s != "" {
		f.fold(name, s)
	}
}

// fold writes a field. It breaks lines before a space, so that unfolding gives the value
// again (RFC 5322 §2.2.3); only a word that does not fit on a line gets a space.
func (f *fields) fold(name, value string) {
	f.b.WriteString(name + ":")
	at, first := len(name)+1, true
	for rest := " " + strings.Trim(value, " "); rest != ""; first = false {
		n := wordEnd(rest)
		word := rest[:n]
		rest = rest[n:]
		if at+len(word) > foldAt && !first {
			f.b.WriteString("\r\n")
			at = 0
		}
		for len(word) > maxWord {
			n := boundaryOf(word, maxWord)
			f.b.WriteString(word[:n] + "\r\n ")
			word, at = word[n:], 1
		}
		f.b.WriteString(word)
		at += len(word)
	}
	f.b.WriteString("\r\n")
}

// wordEnd returns the end of the first word with the spaces before it.
func wordEnd(s string) int {
	word := strings.TrimLeft(s, " ")
	if n := strings.IndexByte(word, ' '); n >= 0 {
		return len(s) - len(word) + n
	}
	return len(s)
}

// boundaryOf returns the end of the last character within n octets.
func boundaryOf(s string, n int) int {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// line makes one line of a text that others chose, and bounds it.
func line(s string) string {
	const most = 500
	s = strings.Join(strings.Fields(envelope.CleanText([]byte(s))), " ")
	if len(s) > most {
		s = s[:boundaryOf(s, most)] + "…"
	}
	return s
}

// date returns a time as a header has it, "" for one that a header cannot have.
func date(t time.Time) string {
	if t.Year() < 1900 || t.Year() > 9999 {
		return ""
	}
	return t.Format("Mon, 2 Jan 2006 15:04:05 -0700")
}

// idText makes the left side of a Message-ID.
func idText(id string) string {
	return strings.Map(func(r rune) rune {
		if envelope.IsAlnum(r) || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, id[:min(len(id), 100)])
}

// isMessageID reports whether a text can be repeated in a field about the message:
// msg-id of RFC 5322 §3.6.4, without comments.
func isMessageID(s string) bool {
	return len(s) > 2 && len(s) <= maxWord && s[0] == '<' && s[len(s)-1] == '>' &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) && strings.Count(s, "<") == 1 && strings.Count(s, ">") == 1
}

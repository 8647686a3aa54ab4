package convert

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// word is a piece of a text in a header field.
type word struct {
	text    string // as it is read; of a quoted-string without the quotes
	literal string // as it was written
	blank   bool   // white space, folds included
}

// raw reports whether a word must be encoded.
func (w word) raw() bool { return !isASCII(w.literal) }

// encoded reports whether a word is an encoded word already.
func (w word) encoded() bool {
	return len(w.text) > 8 && strings.HasPrefix(w.text, "=?") && strings.HasSuffix(w.text, "?=") && strings.Count(w.text, "?") == 4
}

// splitWords splits a text at its white space.
func splitWords(text string) (words []word) {
	for start := 0; start < len(text); {
		blank := isBlank(text[start])
		end := start + 1
		for end < len(text) && isBlank(text[end]) == blank {
			end++
		}
		words = append(words, word{text[start:end], text[start:end], blank})
		start = end
	}
	return words
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// encodeWords returns a text in which words with octets above 127 are encoded words.
// White space between two encoded words is not shown (RFC 2047 §6.2), so that what is
// between raw words is encoded with them, and so is what is between a raw word and an
// encoded one that was there.
func encodeWords(words []word) string {
	var out strings.Builder
	for i := 0; i < len(words); {
		if !words[i].raw() {
			out.WriteString(words[i].literal)
			i++
			continue
		}
		text := ""
		if i >= 2 && words[i-1].blank && words[i-2].encoded() {
			text = unfold(words[i-1].literal)
		} else if i > 0 && !words[i-1].blank {
			out.WriteByte(' ') // an encoded word stands alone (RFC 2047 §5 (3))
		}
		run, end := rawRun(words, i)
		writeEncoded(&out, text+run)
		if i = end; i < len(words) && !words[i].blank {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

// rawRun returns the text of the raw words from i on with what is between them, and
// where it ends.
func rawRun(words []word, i int) (text string, end int) {
	var run strings.Builder
	for {
		run.WriteString(words[i].text)
		i++
		switch next := i + 1; {
		case i < len(words) && words[i].raw():
		case next >= len(words) || !words[i].blank:
			return run.String(), i
		case words[next].raw():
			run.WriteString(unfold(words[i].literal))
			i = next
		case words[next].encoded():
			run.WriteString(unfold(words[i].literal))
			return run.String(), i
		default:
			return run.String(), i
		}
	}
}

// unfold returns white space without its line ends.
func unfold(blank string) string {
	return strings.NewReplacer("\r", "", "\n", "").Replace(blank)
}

// maxEncoded is the longest encoded word (RFC 2047 §2).
const maxEncoded = 75

// writeEncoded writes a text as encoded words, each on a line of its own. Octets that
// are not UTF-8 get a charset that says so (RFC 1428 §3).
func writeEncoded(out *strings.Builder, text string) {
	charset, size := "utf-8", func(s string) int { _, n := utf8.DecodeRuneInString(s); return n }
	if !utf8.ValidString(text) {
		charset, size = "unknown-8bit", func(string) int { return 1 }
	}
	high := 0
	for i := range len(text) {
		if text[i] >= 0x80 {
			high++
		}
	}
	base := high > len(text)/3
	for first := true; len(text) > 0; first = false {
		n := 0
		for n < len(text) {
			if next := n + size(text[n:]); n == 0 || encodedLen(charset, text[:next], base) <= maxEncoded {
				n = next
				continue
			}
			break
		}
		if !first {
			out.WriteString("\r\n ")
		}
		writeWord(out, charset, text[:n], base)
		text = text[n:]
	}
}

func encodedLen(charset, text string, base bool) int {
	n := len("=??q??=") + len(charset)
	if base {
		return n + base64.StdEncoding.EncodedLen(len(text))
	}
	for i := range len(text) {
		n++
		if !literalInQ(text[i]) && text[i] != ' ' {
			n += 2
		}
	}
	return n
}

func writeWord(out *strings.Builder, charset, text string, base bool) {
	if base {
		out.WriteString("=?" + charset + "?b?" + base64.StdEncoding.EncodeToString([]byte(text)) + "?=")
		return
	}
	const digits = "0123456789ABCDEF"
	out.WriteString("=?" + charset + "?q?")
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			out.WriteByte('_')
		case literalInQ(c):
			out.WriteByte(c)
		default:
			out.Write([]byte{'=', digits[c>>4], digits[c&15]})
		}
	}
	out.WriteString("?=")
}

// literalInQ reports whether an octet can stand for itself, also in the name before an
// address (RFC 2047 §5 (3)).
func literalInQ(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!*+-/", c) >= 0
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

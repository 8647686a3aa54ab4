package envelope

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsAlnum reports whether r is an ASCII letter or digit.
func IsAlnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// IsASCII reports whether s has no octet above 127.
func IsASCII[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// HasControl reports whether s has an ASCII control character.
func HasControl[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// CleanText makes text from another host safe for a log line and a reply: a
// character that is not printable becomes a question mark, white space a space.
func CleanText(text []byte) string {
	plain := true
	for _, c := range text {
		if c < ' ' || c > '~' {
			plain = false
			break
		}
	}
	if plain {
		return string(text)
	}
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == '\t':
			b.WriteByte(' ')
		case r == utf8.RuneError && n == 1, !unicode.IsPrint(r):
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
		text = text[n:]
	}
	return b.String()
}

package dsn

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// unitext writes an address as utf-8-addr-xtext (RFC 6533 §3): the form of the type
// utf-8 that is 7-bit.
func unitext(address string) string {
	var b strings.Builder
	for _, r := range address {
		if r <= ' ' || r >= 0x7f || r == '\\' || r == '+' || r == '=' {
			fmt.Fprintf(&b, `\x{%02X}`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// fromUnitext is the reverse. What does not have that form is returned unchanged
// (RFC 6533 §3), and so is what would be a control character.
func fromUnitext(s string) string {
	var b strings.Builder
	rest := s
	for {
		before, after, found := strings.Cut(rest, `\x{`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		hex, next, closed := strings.Cut(after, "}")
		n, err := strconv.ParseUint(hex, 16, 32)
		if !closed || err != nil || n < ' ' || n == 0x7f || !utf8.ValidRune(rune(n)) {
			return s
		}
		b.WriteRune(rune(n))
		rest = next
	}
}

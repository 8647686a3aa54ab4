package ical

import (
	"strings"
	"unicode/utf8"
)

// lineOctets is the longest physical line that we write, RFC 5545 §3.1: 75
// octets without the line end, the leading blank of a continuation included.
const lineOctets = 75

// wordOctets is the length up to which a value without blanks is kept on one
// physical line, so that parsers which unfold carelessly still see dates,
// numbers and addresses whole (QUIRK(exchange2003): fold-value).
const wordOctets = lineOctets - 1

// fold writes one unfolded line in canonical form: CRLF after each physical
// line, never parting a character, a backslash from what it escapes, or a
// short value of one word. The value is the end of the text.
func fold(text, value string) string {
	if len(text) <= lineOctets {
		return text + "\r\n"
	}
	var b strings.Builder
	b.Grow(len(text) + len(text)/24 + 8)
	whole := len(value) > 0 && len(value) <= wordOctets && !strings.ContainsAny(value, " \t\\")
	room := lineOctets
	for len(text) > room {
		cut := foldAt(text, room)
		if head := len(text) - len(value); whole && head > 0 && cut > head {
			cut = head
		}
		b.WriteString(text[:cut])
		b.WriteString("\r\n ")
		text = text[cut:]
		room = lineOctets - 1
	}
	b.WriteString(text)
	b.WriteString("\r\n")
	return b.String()
}

// foldAt returns the largest cut of at most room octets that parts neither a
// character nor an escape.
func foldAt(text string, room int) int {
	cut := room
	for cut > room-utf8.UTFMax && cut > 1 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	if oddSlashes(text[:cut]) {
		cut--
	}
	if cut < 1 {
		return room
	}
	return cut
}

package ical

import (
	"strings"
	"unicode/utf8"
)

// lineOctets is the longest physical line that we write, RFC 5545 §3.1: 75
// octets without the line end, the leading blank of a continuation included.
const lineOctets = 75

// fold writes one unfolded line in canonical form: CRLF behind each physical
// line, never parting a character or a backslash from what it escapes.
func fold(text string) string {
	if len(text) <= lineOctets {
		return text + "\r\n"
	}
	var b strings.Builder
	b.Grow(len(text) + len(text)/24 + 8)
	room := lineOctets
	for len(text) > room {
		cut := foldAt(text, room)
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
	slashes := 0
	for cut-slashes > 1 && text[cut-slashes-1] == '\\' {
		slashes++
	}
	if slashes%2 == 1 {
		cut--
	}
	if cut < 1 {
		return room
	}
	return cut
}

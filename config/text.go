package config

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// PlainText returns a text in UTF-8 without a byte order mark. It decodes UTF-16,
// which Notepad and the > of PowerShell write, if there is a byte order mark, or the
// zero octets of ASCII. Anything else is returned unchanged.
func PlainText(b []byte) []byte {
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		return b[3:]
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return decodeUTF16(b[2:], 1, 0)
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return decodeUTF16(b[2:], 0, 1)
	case len(b) >= 4 && b[0] != 0 && b[1] == 0 && b[2] != 0 && b[3] == 0:
		return decodeUTF16(b, 1, 0)
	case len(b) >= 4 && b[0] == 0 && b[1] != 0 && b[2] == 0 && b[3] != 0:
		return decodeUTF16(b, 0, 1)
	}
	return b
}

// decodeUTF16 reads units whose high and low octet stand at the given places.
func decodeUTF16(b []byte, high, low int) []byte {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, uint16(b[high])<<8|uint16(b[low]))
	}
	out := make([]byte, 0, len(units))
	for _, r := range utf16.Decode(units) {
		out = utf8.AppendRune(out, r)
	}
	return out
}

// Secret returns the password or token in a file: its first line, without a byte
// order mark or line end, which editors and echo add. Spaces are part of it.
func Secret(file []byte) (string, error) {
	line, _, _ := strings.Cut(string(PlainText(file)), "\n")
	line = strings.TrimRight(line, "\r")
	switch {
	case strings.TrimSpace(line) == "":
		return "", errors.New("its first line is empty")
	case strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", errors.New("its first line has a control character")
	}
	return line, nil
}

package tnef

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/reconvene/reconvene/rewrite/charset"
)

// defaultCodepage holds for a stream without attOemCodepage.
const defaultCodepage = 1252

const codepageUTF8 = 65001

// codepage converts the 8-bit strings of one code page.
type codepage int

// decode gives b as UTF-8. Octets that the code page does not have become
// U+FFFD. An unknown code page is an error as soon as a character outside
// US-ASCII depends on it.
func (p codepage) decode(b []byte) (string, error) {
	if p == codepageUTF8 {
		return string(bytes.ToValidUTF8(b, []byte("\uFFFD"))), nil
	}
	enc := charset.CodePage(int(p))
	if enc == nil {
		if !ascii(b) {
			return "", fmt.Errorf("%w: text in unknown code page %d", ErrDamaged, int(p))
		}
		return string(b), nil
	}
	if p.extendsASCII() && ascii(b) {
		return string(b), nil
	}
	if cm, ok := enc.(*charmap.Charmap); ok {
		out := make([]byte, 0, len(b)+len(b)/2+utf8.UTFMax)
		for _, c := range b {
			out = utf8.AppendRune(out, cm.DecodeByte(c))
		}
		return string(out), nil
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return "", fmt.Errorf("%w: text in code page %d: %v", ErrDamaged, int(p), err)
	}
	return string(out), nil
}

// extendsASCII reports whether octets below 0x80 are always US-ASCII unless they
// follow a lead octet.
func (p codepage) extendsASCII() bool {
	switch p {
	case 1200, 1201, 50220, 50221, 50222, 52936:
		return false
	}
	return true
}

// encode gives s in the code page, false when it has a character the code
// page lacks.
func (p codepage) encode(s string) ([]byte, bool) {
	enc := charset.CodePage(int(p))
	if p == codepageUTF8 || enc == nil {
		return []byte(s), p == codepageUTF8 || ascii([]byte(s))
	}
	out, err := enc.NewEncoder().Bytes([]byte(s))
	return out, err == nil
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decodeUTF16 gives little-endian UTF-16 as UTF-8 without the final NULs.
// Half of a surrogate pair becomes U+FFFD, an odd last octet is dropped.
func decodeUTF16(b []byte) string {
	n := len(b) &^ 1
	for n >= 2 && b[n-1] == 0 && b[n-2] == 0 {
		n -= 2
	}
	out := make([]byte, 0, n/2+n/8)
	for i := 0; i < n; i += 2 {
		r := rune(b[i]) | rune(b[i+1])<<8
		if utf16.IsSurrogate(r) {
			low := rune(utf8.RuneError)
			if i+3 < n {
				low = rune(b[i+2]) | rune(b[i+3])<<8
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				i += 2
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// encodeUTF16 gives s as little-endian UTF-16 without a final NUL.
func encodeUTF16(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for _, r := range s {
		if r1, r2 := utf16.EncodeRune(r); r1 != utf8.RuneError {
			out = append(out, byte(r1), byte(r1>>8), byte(r2), byte(r2>>8))
			continue
		}
		out = append(out, byte(r), byte(r>>8))
	}
	return out
}

package guard

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"github.com/reconvene/reconvene/rewrite/charset"
	"github.com/reconvene/reconvene/rewrite/mime"
)

// KeepsLetters reports whether a text still has the same characters: those of its
// octets in the declared character set, or in UTF-8; if none was declared, also in
// the encodings that are used without a declaration. label is the charset parameter
// before, now the one after. What cannot be decoded must be unchanged.
//
// UTF-16 is not checked: the decoded text shows whether it was UTF-16.
func KeepsLetters(text []byte, label string, after []byte, now string) bool {
	if bytes.IndexByte(text, 0) >= 0 {
		return true
	}
	if mime.ASCII(text) && mime.ASCII(after) {
		// neither has a letter when its octets are read as they are, which is
		// among the readings of every name but an unknown one
		return strings.EqualFold(label, now) || namesNothing(label) || charset.Lookup(label) != nil || charset.IsUnspecified(label)
	}
	return comparesLetters(text, label, after, now)
}

// comparesLetters is keepsLetters for texts of any octets, letter by letter.
func comparesLetters(text []byte, label string, after []byte, now string) bool {
	text, after = unfolded(text), unfolded(after)
	if strings.EqualFold(label, now) && !namesNothing(label) {
		return sameLetters(text, highOctets(text), highOctets(after))
	}
	if namesNothing(label) && utf8.Valid(text) && utf8.Valid(after) && sameHigh(text, after) {
		return true
	}
	have := letters(string(after))
	for _, reading := range readings(text, label) {
		if sameLetters(text, letters(reading), have) {
			return true
		}
	}
	return false
}

// namesNothing reports whether a charset parameter leaves it to the reader what
// octets above ASCII are.
func namesNothing(label string) bool {
	return label == "" || charset.IsUTF8(label) || charset.IsASCII(label)
}

// readings are the texts that octets may mean under a name.
func readings(text []byte, label string) []string {
	enc := charset.Lookup(label)
	var list []string
	switch {
	case namesNothing(label):
		list = append(list, mixed(text))
		if bytes.IndexByte(text, 0x1b) >= 0 {
			list = addReading(list, japanese.ISO2022JP, text)
		}
		return list
	case enc != nil:
		list = addReading(list, enc, text)
	case !charset.IsUnspecified(label):
		return nil
	}
	if utf8.Valid(text) {
		list = append(list, string(text))
	}
	return list
}

func addReading(list []string, enc encoding.Encoding, text []byte) []string {
	if s, err := enc.NewDecoder().String(string(text)); err == nil && !strings.ContainsRune(s, utf8.RuneError) {
		return append(list, s)
	}
	return list
}

// mixed reads UTF-8, and as windows-1252 the octets that are none.
func mixed(text []byte) string {
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(text[0])
		}
		b.WriteRune(r)
		text = text[n:]
	}
	return b.String()
}

// letters are the characters of a text that are not ASCII.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf || r == '\ufeff' {
			return -1
		}
		return r
	}, text)
}

// byteOrderMark is U+FEFF in UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// sameHigh reports whether two texts in UTF-8 have the same letters.
func sameHigh(a, b []byte) bool {
	for {
		a, b = fromLetter(a), fromLetter(b)
		if len(a) == 0 || len(b) == 0 {
			return len(a) == len(b)
		}
		if a[0] != b[0] {
			return false
		}
		a, b = a[1:], b[1:]
	}
}

// fromLetter returns a text from its first octet of a letter on.
func fromLetter(text []byte) []byte {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] < utf8.RuneSelf:
		case bytes.HasPrefix(text[i:], byteOrderMark):
			i += len(byteOrderMark) - 1
		default:
			return text[i:]
		}
	}
	return nil
}

func highOctets(text []byte) string {
	text = bytes.TrimPrefix(text, byteOrderMark)
	var b strings.Builder
	for _, c := range text {
		if c >= utf8.RuneSelf {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// sameLetters compares two lists of letters. A text with quoted-printable left in
// it may have got more of them.
func sameLetters(text []byte, want, have string) bool {
	if want == have {
		return true
	}
	if !quotedOctet.Match(text) {
		return false
	}
	for i := 0; i < len(have) && want != ""; i++ {
		if have[i] == want[0] {
			want = want[1:]
		}
	}
	return want == ""
}

var quotedOctet = regexp.MustCompile(`=[0-9A-Fa-f]{2}`)

// unfolded returns a text without its folds. Each may have any number of
// carriage returns.
func unfolded(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for {
		n := bytes.IndexByte(text, '\n')
		if n < 0 || n+1 == len(text) {
			return append(out, text...)
		}
		if c := text[n+1]; c == ' ' || c == '\t' {
			out = append(out, bytes.TrimRight(text[:n], "\r")...)
			text = text[n+2:]
			continue
		}
		out = append(out, text[:n+1]...)
		text = text[n+1:]
	}
}

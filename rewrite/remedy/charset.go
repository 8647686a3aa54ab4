package remedy

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/reconvene/reconvene/rewrite/charset"
)

// charsetOf returns the charset parameter in lower case, as a name that is
// compared.
func charsetOf(c *Object) string { return strings.ToLower(strings.TrimSpace(c.Part.Charset)) }

// looksCalendar reports whether octets hold a component whose name starts with V,
// in a character set that contains ASCII. Its BEGIN may be spelled in any way
// that begin-end mends, but for folds.
func looksCalendar(b []byte) bool {
	start := 0 // of the line
	for i := 0; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], ':')
		if n < 0 {
			return false
		}
		if lf := bytes.LastIndexByte(b[i:i+n], '\n'); lf >= 0 {
			start = i + lf + 1
		}
		i += n
		if name := bytes.TrimLeft(b[i+1:min(len(b), i+1+maxBlanks)], " \t"); len(name) > 0 && name[0]|0x20 == 'v' && begins(b[start:i]) {
			return true
		}
	}
	return false
}

// maxBlanks bounds how far from its colon the name of a component is looked
// for.
const maxBlanks = 16

// begins reports whether what stands before a colon is BEGIN: at its end, with
// anything before it, or at its start with parameters.
func begins(head []byte) bool {
	const begin = "BEGIN"
	if len(head) < len(begin) {
		return false
	}
	return strings.EqualFold(string(head[len(head)-len(begin):]), begin) ||
		len(head) > len(begin) && head[len(begin)] == ';' && strings.EqualFold(string(head[:len(begin)]), begin)
}

// legacy returns the decoder of a character set other than UTF-8, UTF-16 and
// ASCII, nil without one.
func legacy(name string) encoding.Encoding {
	enc := charset.Lookup(name)
	if charset.IsASCII(name) || enc == unicode.UTF8 || enc != charset.UTF7 && enc != japanese.ISO2022JP && enc != simplifiedchinese.HZGB2312 && !charset.ExtendsASCII(enc) {
		return nil
	}
	return enc
}

// unnamed reports whether a charset parameter leaves it to the reader what the
// octets are: then they are UTF-8, or else what those who say nothing write.
func unnamed(name string) bool {
	return name == "" || charset.IsUTF8(name) || charset.IsASCII(name)
}

// singleOctet reports whether each octet of a character set is a character.
func singleOctet(enc encoding.Encoding) bool {
	_, ok := enc.(*charmap.Charmap)
	return ok
}

// invalidOctets counts the octets that are not UTF-8. A character that a fold
// parts is UTF-8: fold-midutf8 joins it.
func invalidOctets(b []byte) (n int) {
	if utf8.Valid(b) {
		return 0
	}
	eachCharacter(b, func(char []byte, ok bool) {
		if !ok {
			n++
		}
	})
	return n
}

// eachCharacter calls f for each run of ASCII, each UTF-8 character (with the
// fold in it, if any) and each octet that is neither.
func eachCharacter(b []byte, f func(char []byte, ok bool)) {
	for len(b) > 0 {
		size := bytes.IndexFunc(b, func(r rune) bool { return r >= utf8.RuneSelf })
		if size < 0 {
			size = len(b)
		}
		ok := true
		if size == 0 {
			r, n := utf8.DecodeRune(b)
			if size = n; r == utf8.RuneError && n == 1 {
				size = foldedCharacter(b)
				ok = size > 1
			}
		}
		f(b[:size], ok)
		b = b[size:]
	}
}

// foldedCharacter returns the length of a character that folds part, 1 when
// there is none.
func foldedCharacter(b []byte) int {
	var char []byte
	for i := 0; i < len(b) && len(char) < utf8.UTFMax; {
		char = append(char, b[i])
		i++
		if r, n := utf8.DecodeRune(char); n == len(char) && r != utf8.RuneError {
			return i
		}
		if utf8.FullRune(char) {
			return 1
		}
		i += foldLength(b[i:])
	}
	return 1
}

// foldLength returns the length of the line end and the blank that start b, 0
// when they do not. More than two CRs are no line end that anybody writes.
func foldLength(b []byte) int {
	i := 0
	for i < len(b) && i < 2 && b[i] == '\r' {
		i++
	}
	if i < len(b) && b[i] == '\n' {
		i++
	}
	if i > 0 && i < len(b) && (b[i] == ' ' || b[i] == '\t') {
		return i + 1
	}
	return 0
}

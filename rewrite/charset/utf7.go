package charset

import (
	"errors"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// UTF7 decodes UTF-7 (RFC 2152). It is strict, so that plus signs in other text are
// not decoded: a run in Base64 has whole characters, its padding bits are zero, and
// it encodes no ASCII control characters. It does not encode.
var UTF7 encoding.Encoding = utf7{}

type utf7 struct{}

func (utf7) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: &utf7Decoder{}}
}

func (utf7) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: transform.Nop}
}

func (utf7) String() string { return "UTF-7" }

var errUTF7 = errors.New("charset: no UTF-7")

// utf7Decoder is between two octets of a text.
type utf7Decoder struct {
	shifted bool   // in a run of Base64
	empty   bool   // nothing of the run has come
	bits    uint32 // of the run, not yet a unit
	n       int    // how many
	high    rune   // the first half of a surrogate pair, 0 for none
}

func (d *utf7Decoder) Reset() { *d = utf7Decoder{} }

func (d *utf7Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if len(dst)-nDst < utf8.UTFMax {
			return nDst, nSrc, transform.ErrShortDst
		}
		r, err := d.octet(src[nSrc])
		if err != nil {
			return nDst, nSrc, err
		}
		nSrc++
		if r >= 0 {
			nDst += utf8.EncodeRune(dst[nDst:], r)
		}
	}
	if atEOF && d.shifted {
		if _, err := d.leave(0); err != nil {
			return nDst, nSrc, err
		}
	}
	return nDst, nSrc, nil
}

// octet takes the next octet and returns the character that it completes, -1
// for none.
func (d *utf7Decoder) octet(c byte) (rune, error) {
	switch {
	case c >= utf8.RuneSelf:
		return 0, errUTF7
	case !d.shifted && c == '+':
		d.shifted, d.empty = true, true
		return -1, nil
	case !d.shifted:
		return rune(c), nil
	}
	v := base64Value(c)
	if v < 0 {
		return d.leave(c)
	}
	d.empty = false
	d.bits, d.n = d.bits<<6|uint32(v), d.n+6
	if d.n < 16 {
		return -1, nil
	}
	d.n -= 16
	unit := rune(d.bits >> d.n)
	d.bits &= 1<<d.n - 1
	return d.unit(unit)
}

// unit takes a unit of UTF-16.
func (d *utf7Decoder) unit(unit rune) (rune, error) {
	switch {
	case d.high != 0:
		r := utf16.DecodeRune(d.high, unit)
		if r == utf8.RuneError {
			return 0, errUTF7
		}
		d.high = 0
		return r, nil
	case 0xD800 <= unit && unit < 0xDC00:
		d.high = unit
		return -1, nil
	case utf16.IsSurrogate(unit) || unit < ' ' || unit == 0x7f:
		return 0, errUTF7
	}
	return unit, nil
}

// leave ends a run at an octet that is not of it: a hyphen belongs to the run,
// anything else stands for itself. 0 is the end of the text.
func (d *utf7Decoder) leave(c byte) (rune, error) {
	if d.high != 0 || d.bits != 0 || d.n >= 6 || d.empty && c != '-' {
		return 0, errUTF7
	}
	empty := d.empty
	*d = utf7Decoder{}
	switch {
	case c != '-':
		return rune(c), nil
	case empty:
		return '+', nil
	}
	return -1, nil
}

func base64Value(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}

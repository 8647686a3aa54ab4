package remedy

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// nulBytes turns UTF-16 into UTF-8 and takes NULs out of everything else.
func nulBytes() *Remedy {
	return &Remedy{
		ID:       "nul-bytes",
		Summary:  "convert UTF-16 to UTF-8, remove NUL octets",
		Why:      "ActiveSync clients pad names with NUL, and some programs send the calendar as UTF-16. NUL is not allowed in mail: gateways cut the text there, and Thunderbird ignores the meeting.",
		Source:   "RFC 5322 §2.2; davmail#83; TbSync#187",
		Profiles: []Profile{Standard},
		Facets:   facetAll,
		Stage:    Octets,
		Run: func(c *Object) {
			n := bytes.Count(c.Octets, []byte{0})
			if n == 0 {
				return
			}
			f := Finding{Level: Error, Component: "part", Before: strconv.Itoa(n) + " NUL octets"}
			if text, ok := fromUTF16(c.Octets); ok {
				f.Before, f.After = "UTF-16", "charset=utf-8"
				if c.Found(f) {
					c.Octets, c.Part.Charset = text, "utf-8"
				}
				return
			}
			if !looksCalendar(c.Octets) {
				if isUTF16(c.Octets) {
					c.leave(f, "it looks like UTF-16 but does not decode")
				}
				return
			}
			text := bytes.ReplaceAll(c.Octets, []byte{0}, nil)
			if c.Found(f) {
				c.Octets = text
			}
		},
	}
}

// isUTF16 reports whether a text starts with a byte order mark of UTF-16, or with
// the B of BEGIN in two octets.
func isUTF16(b []byte) bool {
	return len(b) >= 2 && (bigEndian(b) || littleEndian(b))
}

func littleEndian(b []byte) bool { return b[0] == 0xFF && b[1] == 0xFE || b[0] == 'B' && b[1] == 0 }

func bigEndian(b []byte) bool { return b[0] == 0xFE && b[1] == 0xFF || b[0] == 0 && b[1] == 'B' }

// fromUTF16 decodes UTF-16.
func fromUTF16(b []byte) ([]byte, bool) {
	if !isUTF16(b) || len(b)%2 != 0 {
		return nil, false
	}
	order := unicode.BigEndian
	if littleEndian(b) {
		order = unicode.LittleEndian
	}
	text, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) || !looksCalendar(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, false
	}
	return text, true
}

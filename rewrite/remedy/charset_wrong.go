package remedy

import (
	"bytes"
	"strconv"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"github.com/reconvene/reconvene/rewrite/charset"
)

// charsetWrong makes a calendar UTF-8 whose octets are not what its charset
// parameter says.
//
// Two cases are certain: UTF-8 under the name of an eight-bit character set or
// of none, because text in one that happens to be valid UTF-8 does not occur; and
// octets that are not UTF-8 under the name of UTF-8 or of none, which are
// windows-1252 wherever Notes, old Outlook and generators are the authors.
// Characters that are UTF-8 stay even then: a text with both is a text that
// was put together, or cut off in the middle of a character.
//
// Octets under a name that nobody knows, or that are not what the name says, are
// left as they are: whoever knows better can still read them.
func charsetWrong() *Remedy {
	return &Remedy{
		ID:       "charset-wrong",
		Summary:  "convert the calendar to UTF-8 where its octets do not match the charset parameter",
		Why:      "Notes, old Outlook and generators write windows-1252 and declare UTF-8, or the reverse. Names and subjects are garbled, time zones with an accent in the name are not found, and strict servers refuse the text.",
		Source:   "DavMail 6f731451; tine20#3917; RFC 6047 §2.4",
		Profiles: []Profile{Standard},
		Facets:   facetAll,
		Stage:    Octets,
		Run: func(c *Object) {
			shifted := designates(c.Octets)
			if !shifted && c.octetFacts().ascii || !looksCalendar(c.Octets) {
				return
			}
			name := charsetOf(c)
			invalid, enc := invalidOctets(c.Octets), legacy(name)
			f := Finding{Level: Error, Component: "part", Property: "Content-Type", Before: "charset=" + c.Part.Charset, After: "charset=utf-8"}
			if shifted && enc != japanese.ISO2022JP {
				readShifted(c, f)
				return
			}
			switch {
			case invalid == 0 && (name == "" || charset.IsUTF8(name)):
				return
			case enc != nil && (invalid > 0 || !singleOctet(enc)):
				return // charset-legacy; such a text may be valid UTF-8 by chance
			case invalid == 0 && (charset.Lookup(name) != nil || charset.IsASCII(name) || charset.IsUnspecified(name)):
				f.Before += ", but UTF-8"
			case charset.Lookup(name) != nil && !unnamed(name):
				f.Untouchable = Unreadable
				c.leave(f, "the text is neither in "+name+" nor in UTF-8")
				return
			case !unnamed(name):
				f.Untouchable = Unreadable
				c.leave(f, "there is no decoder for the character set "+name)
				return
			default:
				f.Before += ", but " + strconv.Itoa(invalid) + " octets are not UTF-8"
			}
			if !c.Found(f) {
				return
			}
			if invalid > 0 {
				c.Octets = windows1252(c.Octets)
			}
			c.Part.Charset = "utf-8"
		},
	}
}

// designates reports whether there is an escape sequence that calls for another
// character set (ISO 2022): then ASCII octets are letters of it.
func designates(b []byte) bool {
	return bytes.IndexByte(b, 0x1b) >= 0 && (bytes.Contains(b, []byte("\x1b$")) || bytes.Contains(b, []byte("\x1b(")))
}

// readShifted reads ISO-2022-JP that nobody named. Of the other sets with escape
// sequences there is no decoder.
func readShifted(c *Object, f Finding) {
	text, ok := decodeLegacy(japanese.ISO2022JP, c.Octets)
	switch {
	case !unnamed(charsetOf(c)) || !ok || designates(text):
		f.Untouchable = Unreadable
		c.leave(f, "it has ISO 2022 escape sequences, whose meaning is not known")
	case c.Found(f):
		c.Octets, c.Part.Charset = text, "utf-8"
	}
}

// windows1252 reads each octet that is not UTF-8 as windows-1252.
func windows1252(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/8)
	eachCharacter(b, func(char []byte, ok bool) {
		if ok {
			out = append(out, char...)
		} else {
			out = append(out, string(charmap.Windows1252.DecodeByte(char[0]))...)
		}
	})
	return out
}

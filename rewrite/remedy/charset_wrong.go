package remedy

import (
	"strconv"

	"golang.org/x/text/encoding/charmap"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// charsetWrong makes a calendar UTF-8 whose octets are not what its charset
// parameter says.
//
// Two cases are certain: UTF-8 under another name, because text in an
// eight-bit character set that happens to be valid UTF-8 does not occur; and
// octets that are not UTF-8 under the name of UTF-8 or of none, which are
// windows-1252 wherever Notes, old Outlook and generators are the authors.
// Characters that are UTF-8 stay even then: a text with both is a text that
// was put together, or cut off in the middle of a character.
func charsetWrong() *Remedy {
	return &Remedy{
		ID:       "charset-wrong",
		Summary:  "make the calendar UTF-8 where its octets are not what charset says",
		Why:      "Notes, old Outlook and generators write windows-1252 and call it UTF-8, or the reverse. Names and subjects turn into gibberish, time zones with an accent in the name are not found, strict servers refuse the text.",
		Source:   "DavMail 6f731451; tine20#3917; RFC 6047 §2.4",
		Profiles: []Profile{Standard},
		Facets:   facetAll,
		Stage:    Octets,
		Run: func(c *Case) {
			if mime.ASCII(c.Octets) || !looksCalendar(c.Octets) {
				return
			}
			invalid, enc := invalidOctets(c.Octets), legacy(c.charset())
			utf8Named := c.charset() == "utf-8" || c.charset() == "utf8"
			f := Finding{Level: Error, Component: "part", Property: "Content-Type", Before: "charset=" + c.Part.Charset, After: "charset=utf-8"}
			switch {
			case invalid == 0 && (c.charset() == "" || utf8Named):
				return
			case invalid == 0 && enc != nil && !singleOctet(enc):
				return // such a text may be valid UTF-8 by chance: charset-legacy
			case invalid == 0:
				f.Before += ", but UTF-8"
			case enc != nil && cleanly(enc, c.Octets):
				return // charset-legacy
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

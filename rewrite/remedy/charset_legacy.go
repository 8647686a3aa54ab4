package remedy

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/reconvene/reconvene/rewrite/charset"
)

// charsetLegacy turns a calendar in another character set into UTF-8.
func charsetLegacy() *Remedy {
	return &Remedy{
		ID:       "charset-legacy",
		Summary:  "convert a calendar in another character set to UTF-8",
		Why:      "Exchange 2003 and Outlook 2003 write ISO-8859-1 and similar character sets, and declare them. Many receivers read every calendar as UTF-8 and show garbled text, or refuse it.",
		Source:   "RFC 6047 §2.4; RFC 5545 §3.1.4; SOGo change log",
		Profiles: []Profile{Standard},
		Facets:   facetAll,
		Stage:    Octets,
		Run: func(c *Object) {
			enc := legacy(charsetOf(c))
			if enc == nil || !looksCalendar(c.Octets) || c.octetFacts().ascii && !bytes.ContainsAny(c.Octets, shifts(enc)) {
				return
			}
			text, ok := decodeLegacy(enc, c.Octets)
			f := Finding{Level: Warning, Component: "part", Property: "Content-Type", Before: "charset=" + c.Part.Charset, After: "charset=utf-8"}
			if !ok {
				f.Untouchable = Unreadable
				c.leave(f, "the text does not decode as "+charsetOf(c)+", or not without loss")
				return
			}
			if c.Found(f) {
				c.Octets, c.Part.Charset = text, "utf-8"
			}
		},
	}
}

// decodeLegacy returns the text in UTF-8. Folds are taken out where they may
// part a character of several octets; the lines are folded again later.
func decodeLegacy(enc encoding.Encoding, b []byte) ([]byte, bool) {
	if !singleOctet(enc) {
		b = unfold(b)
	}
	text, err := enc.NewDecoder().Bytes(b)
	if err != nil || !utf8.Valid(text) || bytes.ContainsRune(text, utf8.RuneError) || !looksCalendar(text) {
		return nil, false
	}
	return text, comesBack(enc, b, text)
}

// comesBack reports whether nothing of the octets was lost in the text: written in
// the character set again it is the same octets, or where that set has several
// ways to write a character, the same text. What shifts between sets has too
// many ways.
func comesBack(enc encoding.Encoding, b, text []byte) bool {
	if shifts(enc) != "" {
		return true
	}
	again, err := enc.NewEncoder().Bytes(text)
	if err != nil || singleOctet(enc) {
		return err == nil && bytes.Equal(again, b)
	}
	reread, err := enc.NewDecoder().Bytes(again)
	return err == nil && bytes.Equal(reread, text)
}

// shifts are the ASCII octets that begin characters of a set with seven bits, ""
// for other sets.
func shifts(enc encoding.Encoding) string {
	switch enc {
	case japanese.ISO2022JP:
		return "\x1b"
	case simplifiedchinese.HZGB2312:
		return "~"
	case charset.UTF7:
		return "+"
	}
	return ""
}

func unfold(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if n := foldLength(b[i:]); n > 0 {
			i += n
			continue
		}
		out = append(out, b[i])
		i++
	}
	return out
}

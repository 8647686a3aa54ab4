package remedy

import (
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/mime"
)

// eightBit gives a part with octets that only 8BITMIME can carry (RFC 6152) a
// transfer encoding that every server takes.
func eightBit() *Remedy {
	return &Remedy{
		ID:       "8bit-to-7bit-server",
		Summary:  "encode an 8bit calendar as quoted-printable or base64",
		Why:      "Domino does not offer 8BITMIME by default, and Exchange 2000 returns such a message instead of encoding it. Servers that accept it nevertheless may strip the eighth bit.",
		Source:   "KB 295734; Domino 8.5 administrator help",
		Profiles: []Profile{Standard},
		Stage:    Part,
		Run: func(c *Object) {
			had := c.Part.Encoding
			if c.Part.Bare || c.Doc == nil || had == "base64" || had == "quoted-printable" {
				return
			}
			plain := c.Doc.Faults()&notPlain == 0 && c.octetFacts().ascii || mime.Plain(c.Octets)
			if plain && plainEdits(c.Doc) {
				return
			}
			after := mime.Choose(c.Doc.Bytes(), had)
			if after == had {
				return
			}
			if c.Found(partFound(Warning, "Content-Transfer-Encoding", had, after)) {
				c.Part.Encoding = after
			}
		},
	}
}

// notPlain are the faults of which one at least is in a text of ASCII that is not
// plain: mime.Plain has the rule.
const notPlain = ical.FaultEndLF | ical.FaultEndCR | ical.FaultEndCRCRLF | ical.FaultNoEnd | ical.FaultFoldBlank | ical.FaultHuge | ical.FaultControl

// plainEdits reports whether the lines that were written anew are plain.
func plainEdits(doc *ical.Document) bool {
	plain := true
	doc.EachLine(func(_ *ical.Component, l *ical.Line) {
		plain = plain && (!l.Edited() || mime.Plain([]byte(l.Raw())))
	})
	return plain
}

// partFound returns a finding about a header field or parameter of the part.
func partFound(level Level, property, before, after string) Finding {
	return Finding{Level: level, Component: "part", Property: property, Before: before, After: after}
}

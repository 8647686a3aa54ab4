package remedy

import (
	"bytes"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// octetFacts are what several remedies ask of the octets of a calendar, found
// out in one go and kept until they are replaced.
type octetFacts struct {
	of       []byte
	known    bool
	ascii    bool // no octet is above 127
	comma    bool // a line ends in a comma without a fold after it
	indented bool // a BEGIN or END is after blanks
}

// octetFacts returns the facts of c.Octets.
func (c *Object) octetFacts() octetFacts {
	if !c.facts.known || !sameSlice(c.facts.of, c.Octets) {
		c.facts = readOctets(c.Octets)
	}
	return c.facts
}

// sameSlice reports whether two slices are the same piece of memory. Remedies
// replace Object.Octets and never write into them.
func sameSlice(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func readOctets(text []byte) octetFacts {
	f := octetFacts{of: text, known: true, ascii: mime.ASCII(text)}
	for at := 0; ; {
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 || at+n+1 == len(text) {
			return f
		}
		end := at + n
		switch at = end + 1; {
		case isSpaceOrTab(text[at]):
			f.indented = f.indented || indentedBorder(text[at:])
		case !f.comma:
			for end > 0 && text[end-1] == '\r' {
				end--
			}
			f.comma = end > 0 && text[end-1] == ','
		}
	}
}

func isSpaceOrTab(c byte) bool { return c == ' ' || c == '\t' }

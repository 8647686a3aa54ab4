package rewrite

import (
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// Conformance is what RFC 5546 says of a calendar as it came and as it leaves.
// It is no list of findings: a violation may harm nobody, and a defect that
// makes every receiver fail may violate nothing.
type Conformance struct {
	Before []itip.Violation `json:"before,omitempty"`
	After  []itip.Violation `json:"after,omitempty"`
}

// conformance judges an outcome. A text beyond the limits of the parser was
// never repaired; nothing is said of it.
func conformance(out outcome) *Conformance {
	c := &Conformance{Before: violations(out.in.text)}
	c.After = c.Before
	if out.textChanged() {
		c.After = violations(out.text)
	}
	if len(c.Before)+len(c.After) == 0 {
		return nil
	}
	return c
}

func violations(text []byte) []itip.Violation {
	doc, err := ical.Parse(text, ical.Limits{Size: max(len(text), 1), Lines: maxLines})
	if err != nil {
		return nil
	}
	return itip.Check(doc)
}

package rewrite

import (
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// Conformance lists the violations of RFC 5546 in a calendar as it was received and
// as it is sent. They are not findings: a violation may do no harm, and a defect
// that every receiver fails at may violate nothing.
type Conformance struct {
	Before []itip.Violation `json:"before,omitempty"`
	After  []itip.Violation `json:"after,omitempty"`
}

// conformance checks an outcome. A text beyond the limits of the parser was never
// repaired, and is not checked.
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

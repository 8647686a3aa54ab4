package main

import (
	"fmt"
	"slices"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// conformance prints what RFC 5546 does not allow, and what of it the repair
// mends. A standard that nobody minds is no fault, so it stands by itself.
func (p printer) conformance(c *rewrite.Conformance) {
	if c == nil {
		return
	}
	fmt.Fprintln(p.w, "  "+p.bold("what RFC 5546 does not allow"))
	for _, v := range c.Before {
		if slices.Contains(c.After, v) {
			p.violation(v, p.yellow("stays"))
		} else {
			p.violation(v, p.green("repaired by the relay"))
		}
	}
	for _, v := range c.After {
		if !slices.Contains(c.Before, v) {
			p.violation(v, p.yellow("appears after the repair"))
		}
	}
}

func (p printer) violation(v itip.Violation, state string) {
	where := v.Component
	if v.Instance != "" {
		where += " of " + visible(v.Instance)
	}
	fmt.Fprintf(p.w, "  %s %s: %s %s [%s]\n", fmt.Sprintf("%-8s", v.Level), where, visible(v.Text), p.dim("("+v.Source+")"), state)
}

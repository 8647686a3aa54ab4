package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// methodDuplicate keeps the first of several equal METHOD lines.
func methodDuplicate() *Remedy {
	return &Remedy{
		ID:       "method-duplicate",
		Summary:  "keep one of several equal METHOD lines",
		Why:      "A calendar has at most one METHOD. Strict receivers refuse two; others use the first or the last.",
		Source:   "RFC 5545 §3.6; MS-STANXICAL c336a6ac (the first one counts)",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			first := c.Cal.First("METHOD")
			var others []*ical.Line
			same := true
			for _, it := range c.Cal.Items {
				l := named(it, "METHOD")
				if l == nil {
					continue
				}
				if l != first {
					others = append(others, l)
					same = same && strings.EqualFold(strings.TrimSpace(l.Value()), strings.TrimSpace(first.Value()))
				}
			}
			if len(others) == 0 {
				return
			}
			f := found(Warning, c.Cal, "METHOD", others[len(others)-1].Text(), first.Text())
			if !same {
				c.leave(f, "the METHOD lines differ")
				return
			}
			if c.Found(f) {
				c.Cal.RemoveIf(func(l *ical.Line) bool { return l.Name() == "METHOD" && l != first })
			}
		},
	}
}

package remedy

import "strconv"

// seqNegative starts a negative SEQUENCE at zero (RFC 5545 §3.8.7.4).
func seqNegative() *Remedy {
	return &Remedy{
		ID:       "seq-negative",
		Summary:  "replace a negative SEQUENCE by 0",
		Why:      "SEQUENCE counts revisions from 0. Strict servers refuse a negative one, and later updates are compared wrongly.",
		Source:   "cyrus-imapd 01a1edffd7; RFC 5545 §3.8.7.4",
		Profiles: []Profile{Standard},
		Facets:   FacetSequence,
		Looks:    []string{"SEQUENCE"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First("SEQUENCE")
				if l == nil {
					continue
				}
				n, err := strconv.ParseInt(l.Value(), 10, 64)
				if err != nil || n >= 0 {
					continue
				}
				if c.Found(found(Error, ev, "SEQUENCE", l.Value(), "0")) {
					l.SetValue("0")
				}
			}
		},
	}
}

package remedy

import "strings"

// xLotusLeak reports properties of Notes in a calendar that goes elsewhere.
func xLotusLeak() *Remedy {
	return &Remedy{
		ID:      "x-lotus-leak",
		Summary: "report X-LOTUS properties in messages to another system",
		Why:     "Notes writes many properties of its own. Other systems ignore them; if they send them back, Domino trusts the outdated values.",
		Source:  "invitations of Notes; HCL C API, CAL_READ_INCLUDE_X_LOTUS",
		Never:   true,
		Looks:   []string{"X-LOTUS-*"},
		Run: func(c *Object) {
			if c.isFor(Domino) {
				return
			}
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					if l := it.Prop; l != nil && strings.HasPrefix(l.Name(), "X-LOTUS-") {
						c.leave(found(Info, ev, l.Name(), l.Value(), ""), "only Notes reads it")
						return // one of them says it all
					}
				}
			}
		},
	}
}

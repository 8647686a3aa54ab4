package remedy

import "strings"

// cnEmpty drops a CN parameter without a name.
func cnEmpty() *Remedy {
	return &Remedy{
		ID:       "cn-empty",
		Summary:  "remove an empty CN parameter",
		Why:      "Exchange 2007 writes CN= without a name. Some parsers then read the address as part of the name and lose the attendee.",
		Source:   "Zimbra Ical4JTest.emptyCN",
		Profiles: []Profile{Standard},
		Looks:    []string{";CN ?empty"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := person(it)
					if l == nil {
						continue
					}
					if !mayBeEmpty(head(l)) {
						continue
					}
					p, ok := l.Param("CN")
					if !ok || len(p.Values) > 1 || strings.TrimSpace(p.Value()) != "" {
						continue
					}
					c.repair(found(Warning, ev, l.Name(), l.Text(), ""), func() string {
						l.DelParam("CN")
						return l.Text()
					})
				}
			}
		},
	}
}

// mayBeEmpty reports whether a parameter may lack a value: a quick answer that
// spares most lines the reading of their parameters.
func mayBeEmpty(head string) bool {
	for {
		n := strings.IndexByte(head, '=')
		if n < 0 {
			return false
		}
		head = strings.TrimPrefix(head[n+1:], `"`)
		if head == "" {
			return true
		}
		switch c := head[0]; {
		case c <= ' ', c >= 0x7f, c == ';', c == ':', c == ',', c == '"':
			return true
		}
	}
}

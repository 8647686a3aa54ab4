package remedy

import "strings"

// orgEmpty fills an ORGANIZER without a value as if it were missing. Without a
// certain value it stays: servers that count properties want one.
func orgEmpty() *Remedy {
	return &Remedy{
		ID:       "org-empty",
		Summary:  "fill an empty ORGANIZER from the mail",
		Why:      "ActiveSync clients write ORGANIZER without an address. Kopano crashed on it; others show a meeting without an organizer.",
		Source:   "Kopano 83319da81; DavMail 713e8c56",
		Form:     "address",
		Profiles: []Profile{Standard},
		Facets:   FacetOrganizer,
		Looks:    []string{"ORGANIZER"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First("ORGANIZER")
				if l == nil {
					continue
				}
				if v := strings.TrimSpace(l.Value()); v == "" || strings.EqualFold(v, mailtoScheme) {
					replaceOrganizer(c, ev, l)
				}
			}
		},
	}
}

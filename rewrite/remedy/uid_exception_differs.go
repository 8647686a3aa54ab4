package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// uidExceptionDiffers gives a series the UID of the whole meeting when its own
// carries an occurrence's date.
//
// uid-instance-date has cleaned the exceptions; what is left is a series whose
// UID was read from an embedded occurrence. It is only changed when an
// exception of the same meeting stands beside it and proves it.
func uidExceptionDiffers() *Remedy {
	return &Remedy{
		ID:       "uid-exception-differs",
		Summary:  "give a series and its exceptions the same Exchange UID",
		Why:      "Some exporters read the UID of a series from one of its occurrences. Importers then see an exception without a series and refuse it.",
		Source:   "gromox 93669d4dc; MS-OXCICAL UID (ac8c1e68)",
		Profiles: []Profile{Standard},
		Facets:   FacetUID,
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			var fixed map[*ical.Component]bool
			for _, ev := range c.schedulable() {
				m := c.master(ev)
				if m == nil || fixed[m] || !m.Has("RRULE") && !m.Has("RDATE") {
					continue
				}
				l := m.First("UID")
				if l == nil || instanceDate(l.Value()) == "" {
					continue
				}
				if fixed == nil {
					fixed = map[*ical.Component]bool{}
				}
				fixed[m] = true
				after := cleanGOID(l.Value())
				if c.Found(found(Error, m, "UID", l.Value(), after)) {
					l.SetValue(after)
				}
			}
		},
	}
}

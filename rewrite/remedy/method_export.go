package remedy

import "strings"

// methodExport writes the method that Apple's file export means (RFC 5546
// §3.2.1).
func methodExport() *Remedy {
	return &Remedy{
		ID:       "method-export",
		Summary:  "change METHOD:EXPORT to METHOD:PUBLISH",
		Why:      "Apple's iCal exports files with a method that is not defined anywhere. Receivers ignore the calendar.",
		Source:   "Zimbra bug 6319; RFC 5546 §1.4",
		Profiles: []Profile{Standard},
		Facets:   FacetMethod,
		Looks:    []string{"METHOD:EXPORT"},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			l := c.Cal.First("METHOD")
			if l == nil || !strings.EqualFold(strings.TrimSpace(l.Value()), "EXPORT") {
				return
			}
			if c.Found(found(Warning, c.Cal, "METHOD", l.Value(), "PUBLISH")) {
				l.SetValue("PUBLISH")
			}
		},
	}
}

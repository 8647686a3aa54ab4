package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// paramBlank drops parameters without a value. TZID is left alone: a time whose
// zone is not known is another matter than one without a zone.
func paramBlank() *Remedy {
	return &Remedy{
		ID:       "param-blank",
		Summary:  "drop a parameter without a value",
		Why:      "Generators write ;ROLE= without a role. Parsers take what follows for the value, or refuse the line.",
		Source:   "Zimbra bug 4941; RFC 5545 §3.2",
		Profiles: []Profile{Standard},
		Run: func(c *Case) {
			each(c.Cal, func(comp *ical.Component) {
				for _, it := range comp.Items {
					if it.Prop == nil || !mayHaveBlank(it.Prop) {
						continue
					}
					names := blankParams(it.Prop)
					if len(names) == 0 || !c.Found(found(Warning, comp, it.Prop.Name(), it.Prop.Text(), "")) {
						continue
					}
					for _, n := range names {
						it.Prop.DelParam(n)
					}
				}
			})
		},
	}
}

// mayHaveBlank is a cheap first look that spares most lines the reading of
// their parameters. An edited line has read them, but not its text.
func mayHaveBlank(l *ical.Line) bool {
	if l.Edited() {
		return true
	}
	head := l.Text()
	head = head[:max(0, len(head)-len(l.Value()))]
	return strings.Contains(head, "=;") || strings.HasSuffix(head, "=:")
}

// blankParams returns the names of the parameters that are all blank.
func blankParams(l *ical.Line) []string {
	var names []string
	for _, p := range l.Params() {
		if !strings.HasSuffix(p.Raw(), "=") || p.Name == "TZID" || p.Name == "CN" {
			continue // for CN see cn-empty
		}
		if first, _ := l.Param(p.Name); first.Value() == "" {
			names = append(names, p.Name)
		}
	}
	return names
}

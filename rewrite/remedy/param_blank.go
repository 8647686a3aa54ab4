package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// paramBlank drops parameters without a value. TZID is left alone: a time whose
// zone is not known is another matter than one without a zone.
func paramBlank() *Remedy {
	return &Remedy{
		ID:       "param-blank",
		Summary:  "remove a parameter without a value",
		Why:      "Generators write ;ROLE= without a role, or a semicolon with nothing after it. Parsers read what follows as the value, or refuse the line.",
		Source:   "Zimbra bug 4941; mailcow-dockerized#677; RFC 5545 §3.2",
		Profiles: []Profile{Standard},
		Looks:    []string{"?blank"},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			c.Cal.Walk(func(comp *ical.Component) {
				for _, it := range comp.Items {
					l := it.Prop
					if l == nil || !mayHaveBlank(l) || hasOddPiece(l) || !hasBlank(l) {
						continue
					}
					c.repair(found(Warning, comp, l.Name(), l.Text(), ""), func() string {
						l.DelParams(isBlankParam)
						return l.Text()
					})
				}
			})
		},
	}
}

// mayHaveBlank is a cheap first look that spares most lines the reading of
// their parameters.
func mayHaveBlank(l *ical.Line) bool {
	h := head(l)
	if len(h) <= len(l.Name())+1 {
		return false
	}
	for i := len(l.Name()); i+1 < len(h); i++ {
		switch next := h[i+1]; h[i] {
		case '=':
			if next == ';' || next == ':' && i+2 == len(h) {
				return true
			}
		case ';':
			if next == ';' || next == ' ' || next == ':' && i+2 == len(h) {
				return true
			}
		}
	}
	return false
}

func hasBlank(l *ical.Line) bool { return slices.ContainsFunc(l.Params(), isBlankParam) }

// isBlankParam reports whether a parameter was written with "=" and nothing after
// it, or is nothing at all. For CN see cn-empty.
func isBlankParam(p ical.Param) bool {
	return strings.Trim(p.Raw(), " \t") == "" || strings.HasSuffix(p.Raw(), "=") && len(p.Values) == 1 && p.Value() == "" && p.Name != "TZID" && p.Name != "CN"
}

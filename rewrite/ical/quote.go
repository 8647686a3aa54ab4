package ical

import (
	"slices"
	"strings"
)

// QuoteParam puts quotes around the values of a parameter, also where none are
// needed (RFC 5545 §3.2 allows them everywhere). Setting the parameter again
// takes them off.
func (l *Line) QuoteParam(name string) {
	if _, ok := l.Param(name); !ok || l.upper == "" {
		return
	}
	l.Touch()
	params := slices.Clone(l.Params())
	for i, p := range params {
		if p.Name == strings.ToUpper(name) && len(p.Values) > 0 {
			params[i].raw = p.Name + `="` + strings.Join(p.Values, `","`) + `"`
		}
	}
	l.params = &params
	l.reread()
}

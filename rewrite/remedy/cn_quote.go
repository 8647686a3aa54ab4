package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// cnQuote puts a name that needs it into quotes (RFC 5545 §3.2), and mends the
// line that was read wrongly because they were missing: a colon in the name
// ends the parameters too early, a comma or semicolon parts the name.
//
// QUIRK(outlook): cn-quote. Names that are not ASCII are quoted too, although
// RFC 5545 does not ask for it: Outlook's parser does.
func cnQuote() *Remedy {
	untidy := ical.WordOf("?untidy")
	return &Remedy{
		ID:       "cn-quote",
		Summary:  "quote a name that contains , ; : \" or is not ASCII",
		Why:      `Exchange 2007, 2010 and generators write a name like "Doe, Jane" without quotes. Receivers cut the name, read a part of it as the address, or refuse the line. Outlook also requires quotes around names that are not ASCII.`,
		Source:   "Zimbra bug 12008; gcalcli#35; RFC 5545 §3.2",
		Profiles: []Profile{Standard},
		Facets:   FacetOrganizer | FacetAttendees, // what was read wrongly is read rightly
		Looks:    []string{";CN"},
		Run: func(c *Object) {
			if plainPeople(c) && !c.Doc.Holds(untidy) {
				return // no colon is where it should not be, and no name is bad
			}
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := person(it)
					if l == nil {
						continue
					}
					colon := lateColon(l, isCN)
					if colon < 0 && !badName(l) {
						continue
					}
					c.repair(found(Warning, ev, l.Name(), l.Text(), ""), func() string {
						splitAt(l, colon)
						quoteName(l)
						// half a quote in the name may have hidden a colon
						splitAt(l, lateColon(l, isCN))
						return l.Text()
					})
				}
			}
		},
	}
}

func isCN(name string) bool { return name == "CN" }

// badName reports whether the CN parameter lacks quotes, or has them inside.
func badName(l *ical.Line) bool {
	if tidy(head(l)) {
		return false
	}
	params := l.Params()
	for i, p := range params {
		if p.Name != "CN" {
			continue
		}
		if halfQuoted(params[:i]) || halfQuoted(params[i+1:]) {
			return false // quoting the name would not make the line readable
		}
		_, v, _ := strings.Cut(p.Raw(), "=")
		if isQuoted(p) {
			return false
		}
		for j := 0; j < len(v); j++ {
			if ch := v[j]; ch == ',' || ch == ':' || ch == '"' || ch < ' ' || ch >= 0x7f {
				return true
			}
		}
		return i+1 < len(params) && isNamePiece(params[i+1])
	}
	return false
}

// tidy reports whether parameters are all written so plainly that no name among
// them can be bad: a quick answer that spares most lines the reading of their
// parameters. What it says of others means nothing.
func tidy(head string) bool {
	named := true // there was a "=" since the last ";"
	for i := 0; i < len(head); i++ {
		switch c := head[i]; {
		case c == ';':
			if !named {
				return false
			}
			named = false
		case c == '=':
			named = true
			if i+1 < len(head) && head[i+1] == '"' {
				n := strings.IndexByte(head[i+2:], '"')
				if n < 0 {
					return false
				}
				if i += n + 2; i+1 < len(head) && head[i+1] != ';' && head[i+1] != ':' {
					return false
				}
			}
		case c == '"', c == ',', c < ' ', c >= 0x7f:
			return false
		}
	}
	return named
}

// isQuoted reports whether the value of a parameter is in quotes as it should.
func isQuoted(p ical.Param) bool {
	_, v, _ := strings.Cut(p.Raw(), "=")
	return len(v) >= 2 && v[0] == '"' && strings.IndexByte(v[1:], '"') == len(v)-2
}

// halfQuoted reports whether there is a quote without its other half.
func halfQuoted(params []ical.Param) bool {
	n := 0
	for _, p := range params {
		n += strings.Count(p.Raw(), `"`)
	}
	return n%2 == 1
}

// isNamePiece reports whether a parameter is what follows a semicolon in a name
// without quotes: it has no "=".
func isNamePiece(p ical.Param) bool {
	return p.Raw() != "" && strings.IndexByte(p.Raw(), '=') < 0 && strings.TrimSpace(p.Raw()) != ""
}

// quoteName puts the pieces of CN together again; the line quotes it.
func quoteName(l *ical.Line) {
	params := l.Params()
	at := slices.IndexFunc(params, func(p ical.Param) bool { return p.Name == "CN" })
	if at < 0 || isQuoted(params[at]) {
		return
	}
	pieces := []string{strings.Join(params[at].Values, ",")}
	for _, p := range params[at+1:] {
		if !isNamePiece(p) {
			break
		}
		pieces = append(pieces, p.Raw())
	}
	name := strings.Join(pieces, ";")
	if strings.Count(name, `"`)%2 == 1 { // an opening or closing quote without the other
		name = strings.TrimSuffix(strings.TrimPrefix(name, `"`), `"`)
	}
	i := -1
	l.DelParams(func(ical.Param) bool { i++; return i > at && i < at+len(pieces) })
	l.SetParam("CN", name)
}

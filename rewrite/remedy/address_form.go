package remedy

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// addressForm finds the one address in the value of an ORGANIZER or ATTENDEE,
// or of a parameter that holds an address, and moves what else stands there
// into the parameters.
func addressForm() *Remedy {
	return &Remedy{
		ID:       "address-form",
		Summary:  "write addresses as mailto:name@domain",
		Why:      "Programs write a space, a name, angle brackets, parameters or a semicolon beside the address. Receivers do not find the account: the person is not invited, and responses are not delivered.",
		Source:   "mangstadt/biweekly#109; RFC 5545 §3.3.3; RFC 6068 §2",
		Profiles: []Profile{Standard},
		Facets:   FacetAttendees | FacetOrganizer, // nobody could read the address before
		Run: func(c *Object) {
			for _, m := range malformed(c) {
				if m.Type != itip.CalAddress && !(m.Type == itip.URI && m.Param == "DIR") {
					continue
				}
				if m.Param != "" {
					repairAddressParam(c, m)
				} else {
					repairAddress(c, m)
				}
			}
		},
	}
}

func repairAddress(c *Object, m itip.Malformed) {
	l := m.Line
	a, ok := readLooseAddress(l.Value())
	if !ok {
		if a.uri, ok = addressOf(c, l); !ok && !isDirectoryName(l.Value()) {
			a.uri, ok = mailtoURI(plainMailbox(l.ParamValue("EMAIL"))) // RFC 7986 §6.2
		}
		if !ok {
			return
		}
	}
	a.params = slices.DeleteFunc(a.params, func(p looseParam) bool {
		_, there := l.Param(p.name)
		return there
	})
	if a.uri == l.Value() && len(a.params) == 0 {
		return // what is wrong with it is not how it is written
	}
	c.repair(found(Error, m.Component, l.Name(), l.Text(), ""), func() string {
		l.SetValue(a.uri)
		for _, p := range a.params {
			l.SetParam(p.name, p.value)
		}
		return l.Text()
	})
}

func repairAddressParam(c *Object, m itip.Malformed) {
	after := strings.Trim(strings.TrimSpace(m.Value), "<>")
	if m.Param != "DIR" {
		a, ok := readLooseAddress(m.Value)
		if !ok {
			return
		}
		after = a.uri
	}
	if after == m.Value {
		return
	}
	c.repair(found(Error, m.Component, m.Line.Name(), m.Line.Text(), ""), func() string {
		m.Line.MapParams(func(name, v string) string {
			if name == m.Param && v == m.Value {
				return after
			}
			return v
		})
		return m.Line.Text()
	})
}

// looseAddress is an address with the parameters that stood in its value.
type looseAddress struct {
	uri    string
	params []looseParam
}

type looseParam struct{ name, value string }

// readLooseAddress finds the one address in a value; ok is false where there is
// none or more than one.
func readLooseAddress(v string) (a looseAddress, ok bool) {
	s := strings.TrimSpace(v)
	if len(s) > 1000 || strings.Count(s, "@") != 1 {
		return a, false
	}
	if len(s) > len(mailtoScheme) && strings.EqualFold(s[:len(mailtoScheme)], mailtoScheme) {
		s = unescapedAround(s)
		if i := strings.IndexByte(s, '?'); i > strings.IndexByte(s, '@') {
			s = s[:i] // header fields of a mail to this person (RFC 6068 §2)
		}
	}
	if i := strings.IndexByte(s, ';'); i >= 0 && strings.Contains(s[i:], "=") && strings.IndexByte(s, '@') < i {
		a.params, ok = readLooseParams(s[i+1:])
		if !ok {
			return a, false
		}
		s = strings.TrimRight(s[:i], `\ `)
	}
	name := ""
	switch open, at := strings.IndexByte(s, '<'), strings.IndexByte(s, '@'); {
	case open >= 0 && open < at:
		name, s = s[:open], s[open+1:]
		s, _, _ = strings.Cut(s, ">")
	case strings.HasSuffix(s, ")") && strings.IndexByte(s, '(') > at:
		s, name, _ = strings.Cut(strings.TrimSuffix(s, ")"), "(")
	}
	s, name = bareOf(s), strings.Trim(bareOf(name), `"' `)
	if i := strings.LastIndexFunc(s, unicode.IsSpace); i >= 0 && name == "" && strings.IndexByte(s[i:], '@') > 1 {
		name, s = strings.Trim(strings.TrimSpace(s[:i]), `"'`), bareOf(s[i:])
	}
	if a.uri, ok = mailtoURI(s); ok && name != "" && !strings.EqualFold(name, s) {
		a.params = append(a.params, looseParam{"CN", name})
	}
	return a, ok
}

// unescapedAround decodes what stands around an address and is no part of one: a
// space, a tab, angle brackets, quotes.
func unescapedAround(uri string) string {
	if strings.IndexByte(uri, '%') < 0 {
		return uri
	}
	return strings.NewReplacer("%20", " ", "%09", "\t", "%3C", "<", "%3c", "<", "%3E", ">", "%3e", ">", "%22", `"`).Replace(uri)
}

// bareOf takes the scheme, however often it is there, and what stands around an
// address off it.
func bareOf(s string) string {
	for {
		before := s
		s = strings.TrimLeft(strings.TrimSpace(s), `<"'/`)
		s = strings.TrimRight(s, ">\"';,.\\ \t")
		for _, scheme := range [...]string{mailtoScheme, "smtp:"} {
			if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
				s = s[len(scheme):]
			}
		}
		if s == before {
			return s
		}
	}
}

// readLooseParams reads parameters that are after an address, their
// semicolons escaped or not.
func readLooseParams(s string) (list []looseParam, ok bool) {
	for p := range strings.SplitSeq(s, ";") {
		if p = strings.TrimRight(p, `\ `); p == "" {
			continue
		}
		name, value, _ := strings.Cut(p, "=")
		name = strings.ToUpper(strings.TrimSpace(name))
		value = strings.Trim(strings.TrimSpace(value), `"`)
		if !itip.IsParameter(name) || value == "" || strings.ContainsAny(value, `"=`) {
			return nil, false
		}
		list = append(list, looseParam{name, value})
	}
	return list, true
}

// addressOf returns the address of a person whom a property names by a word
// only: by the name or the first half of one address that the mail knows.
func addressOf(c *Object, l *ical.Line) (uri string, ok bool) {
	word := bareOf(l.Value())
	if word == "" || strings.ContainsAny(word, "@/:=%\\") {
		return "", false
	}
	found := ""
	for _, list := range [][]*mail.Address{c.Mail.From, c.Mail.To, c.Mail.Cc} {
		for _, a := range list {
			local, _, _ := strings.Cut(a.Address, "@")
			if !strings.EqualFold(local, word) && !strings.EqualFold(a.Name, word) {
				continue
			}
			if found != "" && !strings.EqualFold(found, a.Address) {
				return "", false
			}
			found = a.Address
		}
	}
	return mailtoURI(found)
}

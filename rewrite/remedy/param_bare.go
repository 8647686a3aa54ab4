package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// paramBare writes the name before a parameter that is nothing but its
// value, as vCalendar 1.0 allows, where the property has one parameter only that
// can have that value: DTSTART;DATE, ATTENDEE;ACCEPTED. RSVP without a value asks
// for an answer. For QUOTED-PRINTABLE see qp-property.
func paramBare() *Remedy {
	return &Remedy{
		ID:       "param-bare",
		Summary:  "add the name of a parameter that has only a value, as in DTSTART;DATE",
		Why:      "vCalendar allowed a parameter value without its name. Strict programs refuse the line; others read the date as a time or miss the response.",
		Source:   "vCalendar 1.0 §2.1.2; RFC 5545 §3.2",
		Profiles: []Profile{Standard},
		Facets:   FacetAttendees | FacetAttachments | FacetAlarms | FacetOccurrences | FacetAllDay | FacetRecurrence,
		Looks:    []string{"?bare"},
		Run: func(c *Object) {
			if c.Cal == nil || oldCalendar(c) {
				return
			}
			c.Cal.Walk(func(comp *ical.Component) {
				for _, it := range comp.Items {
					if l := it.Prop; l != nil && mayBeBare(l) && bareIn(l.Name()) != nil && !quoteOpen(l) {
						nameBare(c, comp, l)
					}
				}
			})
		},
	}
}

// mayBeBare is a cheap first look: it reports whether a piece before the value
// has no "=".
func mayBeBare(l *ical.Line) bool {
	h := head(l)
	for {
		n := strings.IndexByte(h, ';')
		if n < 0 {
			return false
		}
		h = h[n+1:]
		end := strings.IndexByte(h, ';')
		if end < 0 {
			end = len(h)
		}
		if strings.IndexByte(h[:end], '=') < 0 {
			return true
		}
	}
}

// nameBare gives all bare values of a property their names, or none.
func nameBare(c *Object, comp *ical.Component, l *ical.Line) {
	words := bareIn(l.Name())
	var add []looseParam
	for _, p := range l.Params() {
		word := strings.ToUpper(strings.TrimSpace(p.Raw()))
		if len(p.Values) > 0 || word == "" {
			continue
		}
		name, ok := words[word]
		if _, there := l.Param(name); !ok || name != word && there || slices.ContainsFunc(add, func(q looseParam) bool { return q.name == name }) {
			return // value-form says so
		}
		if name == "RSVP" {
			word = "TRUE"
		}
		add = append(add, looseParam{name, word})
	}
	if len(add) == 0 {
		return
	}
	after := clone(l)
	after.DelParams(func(p ical.Param) bool { return len(p.Values) == 0 })
	for _, p := range add {
		after.SetParam(p.name, p.value)
	}
	if !bareFits(after) {
		return
	}
	c.repair(found(Warning, comp, l.Name(), l.Text(), ""), func() string {
		l.DelParams(func(p ical.Param) bool { return len(p.Values) == 0 })
		for _, p := range add {
			l.SetParam(p.name, p.value)
		}
		return l.Text()
	})
}

// bareFits reports whether a value is of the type that a property names.
func bareFits(l *ical.Line) bool {
	kind := l.ParamValue("VALUE")
	_, length := ical.ParseDuration(l.Value())
	switch {
	case kind == "DATE":
		return allForms(l, ical.Date)
	case kind == "DATE-TIME":
		return allForms(l, ical.UTC) || allForms(l, ical.Local)
	case kind == "DURATION" || l.ParamValue("RELATED") != "":
		return length
	case l.ParamValue("ENCODING") == "BASE64":
		return isBase64(l.Value())
	case l.Name() == "ATTACH":
		return strings.IndexByte(l.Value(), ':') > 0
	}
	return true
}

// bareIn returns the values of parameters that need no name in a property, each
// with that name; nil where there are none.
func bareIn(property string) map[string]string {
	switch property {
	case "DTSTART", "DTEND", "DUE", "EXDATE":
		return map[string]string{"DATE": "VALUE", "DATE-TIME": "VALUE"}
	case "RDATE":
		return map[string]string{"DATE": "VALUE", "DATE-TIME": "VALUE", "PERIOD": "VALUE"}
	case "RECURRENCE-ID":
		return map[string]string{"DATE": "VALUE", "DATE-TIME": "VALUE", "THISANDFUTURE": "RANGE"}
	case "TRIGGER":
		return map[string]string{"DURATION": "VALUE", "DATE-TIME": "VALUE", "START": "RELATED", "END": "RELATED"}
	case "ATTACH":
		return map[string]string{"BASE64": "ENCODING", "URI": "VALUE", "BINARY": "VALUE"}
	case "FREEBUSY":
		return map[string]string{"FREE": "FBTYPE", "BUSY": "FBTYPE", "BUSY-UNAVAILABLE": "FBTYPE", "BUSY-TENTATIVE": "FBTYPE"}
	case "RELATED-TO":
		return map[string]string{"PARENT": "RELTYPE", "CHILD": "RELTYPE", "SIBLING": "RELTYPE"}
	case "ATTENDEE":
		return map[string]string{
			"ACCEPTED": "PARTSTAT", "DECLINED": "PARTSTAT", "TENTATIVE": "PARTSTAT", "NEEDS-ACTION": "PARTSTAT", "DELEGATED": "PARTSTAT",
			"CHAIR": "ROLE", "REQ-PARTICIPANT": "ROLE", "OPT-PARTICIPANT": "ROLE", "NON-PARTICIPANT": "ROLE",
			"INDIVIDUAL": "CUTYPE", "GROUP": "CUTYPE", "RESOURCE": "CUTYPE", "ROOM": "CUTYPE", "RSVP": "RSVP",
		}
	}
	return nil
}

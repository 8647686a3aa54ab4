package remedy

import (
	"slices"
	"strings"
	"unicode"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// tzParamColon finds the value of a date after a TZID that should have been
// quoted: it has a colon, commas or semicolons in it; or inside the quotes,
// when the second one is after the value.
func tzParamColon() *Remedy {
	return &Remedy{
		ID:       "tz-param-colon",
		Summary:  "quote a TZID parameter that contains a colon, comma or semicolon, close its quotes before the value",
		Why:      "Without quotes the value seems to start at the colon inside the zone's name. Parsers fail or read a wrong date.",
		Source:   "libical, icalparser.c; RFC 5545 §3.2.19",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences | FacetAllDay | FacetRecurrence, // nobody could read the date before
		Looks:    []string{";TZID"},
		Run: func(c *Object) {
			closeZoneQuotes(c)
			eachTime(c, func(comp *ical.Component, l *ical.Line) {
				colon, tzid := splitZone(l)
				if tzid == "" || !c.Found(found(Error, comp, l.Name(), l.Text(), tzid)) {
					return
				}
				l.SplitAt(colon, func() {
					l.DelParams(isPiece)
					l.SetParam("TZID", tzid)
				})
			})
		},
	}
}

// splitZone returns the colon before the value and the whole zone name of a
// line that has been split wrongly, "" for a good one.
func splitZone(l *ical.Line) (colon int, tzid string) {
	p, ok := l.Param("TZID")
	if !ok {
		return 0, ""
	}
	_, dated := ical.ParseDateTime(firstOf(l.Value()))
	if dated && len(p.Values) < 2 && !slices.ContainsFunc(l.Params(), isPiece) {
		return 0, ""
	}
	text := l.Text()
	colon = len(text) - len(l.Value()) - 1
	if dated {
		// the value is whole, the name is in pieces
	} else if last := strings.LastIndexByte(text, ':'); last > colon {
		if _, ok := ical.ParseDateTime(firstOf(text[last+1:])); !ok {
			return 0, ""
		}
		colon = last
	} else {
		return 0, ""
	}
	_, rest, ok := strings.Cut(text[:colon], "TZID=")
	if !ok || strings.ContainsAny(rest, `="`) {
		return 0, "" // other parameters follow: where the name ends is not certain
	}
	return colon, strings.TrimSpace(rest)
}

// closeZoneQuotes takes the value out of the quotes of a TZID. Other remedies
// leave lines with an open quote alone.
func closeZoneQuotes(c *Object) {
	if c.Cal == nil || c.Doc.Faults()&ical.FaultSyntax == 0 {
		return
	}
	each(c.Cal, func(comp *ical.Component) {
		for _, it := range comp.Items {
			l := it.Prop
			if l == nil || !isTime(l.Name()) || !quoteOpen(l) {
				continue
			}
			if tzid, value := quotedWithValue(l); tzid != "" && c.Found(found(Error, comp, l.Name(), l.Text(), tzid)) {
				l.SetParam("TZID", tzid)
				l.SetValue(value)
			}
		}
	})
}

// quotedWithValue returns the two halves of TZID="zone:value", "" for anything
// else. Only where no third quote and no other sign of parameters occurs is it
// certain where the name ends.
func quotedWithValue(l *ical.Line) (tzid, value string) {
	value, ok := strings.CutSuffix(l.Value(), `"`)
	if !ok || len(l.Params()) != 1 {
		return "", ""
	}
	for v := range strings.SplitSeq(value, ",") {
		if _, ok := ical.ParseDateTime(v); !ok {
			return "", ""
		}
	}
	tzid, ok = strings.CutPrefix(l.Params()[0].Raw(), `TZID="`)
	if !ok || strings.ContainsAny(tzid, `"=,;`) || strings.ContainsFunc(tzid, unicode.IsControl) {
		return "", ""
	}
	return strings.TrimSpace(tzid), value
}

// isPiece reports whether a parameter has no "=": it is a piece of the zone's
// name after a semicolon.
func isPiece(p ical.Param) bool { return !strings.Contains(p.Raw(), "=") }

func firstOf(list string) string {
	v, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(v)
}

// tzEscapeMismatch brings the two spellings of a TZID together: as a property
// its commas are escaped, as a parameter they are not (RFC 5545 §3.3.11 and
// §3.2), and strict receivers compare the octets.
//
// QUIRK(exchange2007): tz-escape-mismatch. Most of these zones get their IANA
// name and never come here. A pair that says the same, each in its own spelling,
// stays; the others get a name that has nothing to escape.
func tzEscapeMismatch() *Remedy {
	return &Remedy{
		ID:       "tz-escape-mismatch",
		Summary:  "write a TZID the same way in VTIMEZONE and parameters",
		Why:      "Exchange 2007 escapes the commas of a zone's name in only one of the two places. Receivers that compare the text find no such zone.",
		Source:   "Yandex calendar tests; DavMail VCalendar",
		Profiles: []Profile{Standard},
		Looks:    []string{"BEGIN:VTIMEZONE ;TZID"},
		Run: func(c *Object) {
			if noZones(c) || !zonesSpeltTwice(c) {
				return
			}
			renamed := false
			for _, u := range usedZones(c) {
				if u.declared == nil || len(u.lines) == 0 || u.spelledAlike() {
					continue
				}
				name := unescapedName(u.name)
				f := found(Warning, u.declared.Component, "TZID", u.declared.TZID, name)
				if other := c.Zones.Declared(name); other != nil && other != u.declared {
					c.leave(f, "without the characters that must be escaped, the name would be that of another zone")
				} else if c.Found(f) {
					u.setZone(name)
					renamed = true
				}
			}
			if renamed {
				c.ResetZones()
			}
		},
	}
}

// unescapedName is the name of a zone without what has to be escaped in a TEXT
// (RFC 5545 §3.3.11).
func unescapedName(name string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch r {
		case ',', ';', '\\':
			return ' '
		}
		return r
	}, name)), " ")
}

// zonesSpeltTwice reports whether any TZID parameter differs from the TZID that it
// refers to: nearly always there is none, and nothing to list.
func zonesSpeltTwice(c *Object) (twice bool) {
	last := ""
	eachZoned(c, func(_ *ical.Component, _ *ical.Line, tzid string) {
		if twice || tzid == last {
			return
		}
		last = tzid
		d := c.Zones.Declared(tzid)
		twice = d != nil && d.TZID != tzid
	})
	return twice
}

func (u *usedZone) spelledAlike() bool {
	for _, l := range u.lines {
		if p := l.ParamValue("TZID"); p != u.declared.TZID && ical.EscapeText(p) != u.declared.TZID {
			return false
		}
	}
	return true
}

// dtZuluAndTZID drops the TZID of a time in UTC (RFC 5545 §3.2.19 forbids it).
func dtZuluAndTZID() *Remedy {
	return &Remedy{
		ID:       "dt-zulu-and-tzid",
		Summary:  "remove TZID from times in UTC",
		Why:      "A time cannot be both in UTC and in a zone. Some receivers read it as UTC, some as local time.",
		Source:   "Kopano 71caa6d17; RFC 5545 §3.2.19",
		Profiles: []Profile{Standard},
		Looks:    []string{";TZID"},
		Run: func(c *Object) {
			eachTime(c, func(comp *ical.Component, l *ical.Line) {
				if !strings.HasSuffix(strings.TrimSpace(l.Value()), "Z") {
					return
				}
				if _, ok := l.Param("TZID"); !ok || !allForms(l, ical.UTC) {
					return
				}
				if c.Found(found(Error, comp, l.Name(), l.Text(), l.Name()+":"+l.Value())) {
					l.DelParam("TZID")
				}
			})
		},
	}
}

// allForms reports whether every value of the property has that form.
func allForms(l *ical.Line, form ical.Form) bool {
	for v := range strings.SplitSeq(l.Value(), ",") {
		if d, ok := ical.ParseDateTime(strings.TrimSpace(v)); !ok || d.Form != form {
			return false
		}
	}
	return true
}

// tzXpropTZID drops a TZID that nobody knows from X- properties.
func tzXpropTZID() *Remedy {
	return &Remedy{
		ID:       "tz-xprop-tzid",
		Summary:  "remove an unknown TZID from X- properties",
		Why:      "Some parsers refuse the whole meeting because of a zone that only a vendor's own property names.",
		Source:   "Zimbra bug 45799",
		Profiles: []Profile{Standard},
		Looks:    []string{";TZID"},
		Run: func(c *Object) {
			eachZoned(c, func(comp *ical.Component, l *ical.Line, tzid string) {
				if !strings.HasPrefix(l.Name(), "X-") || c.Zones.Declared(tzid) != nil {
					return
				}
				if _, ok := zone.Lookup(tzid, zone.Hints{}); !ok && c.Found(found(Warning, comp, l.Name(), tzid, "")) {
					l.DelParam("TZID")
				}
			})
		},
	}
}

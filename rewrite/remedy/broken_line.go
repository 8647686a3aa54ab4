package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// brokenLine joins a property that was broken without the blank that marks a
// fold, where only one whole is possible: no line begins with one of ; : = and ,
// (colon-on-next-line does the colon of people and texts); a line with
// parameters and no colon has lost its end; an identity or an address has no
// line break in it.
func brokenLine() *Remedy {
	// a line that begins with the scheme of an address, or with the rest of one,
	// looks like a property
	torn := ical.WordOf("?torn")
	return &Remedy{
		ID:       "broken-line",
		Summary:  "join a line that was broken without the space of a fold, where the result is certain",
		Why:      "Notes breaks an attendee before a parameter, and gateways break long lines and lose the space that marks a continuation. Strict programs refuse the calendar; others miss the attendee, or read half an identifier.",
		Source:   "HCL forum 152624; RFC 5545 §3.1",
		Profiles: []Profile{Standard},
		Facets:   facetAll &^ (FacetComponents | FacetMethod),
		Run: func(c *Object) {
			if !c.readable() || c.Doc.Faults()&ical.FaultSyntax == 0 && !c.Doc.Holds(torn) {
				return
			}
			joinLinesOf(c, Error, func(_ *ical.Component, front *ical.Line, behind []ical.Item) (whole *ical.Line, n int) {
				if front.Name() == "" {
					if whole, n = joinSigns(front, behind); whole != nil {
						front = whole
					}
				}
				for n < len(behind) && n < maxJoined {
					back := behind[n].Prop
					if back == nil || back.Name() == "END" {
						break
					}
					next := joinBroken(front, back)
					if next == nil {
						break
					}
					whole, front = next, next
					n++
				}
				return whole, n
			})
		},
	}
}

// joinBroken returns the property that two lines make, nil when it is not
// certain that they are one.
func joinBroken(front, back *ical.Line) *ical.Line {
	text := back.Text()
	if text == "" || back.Faults()&ical.FaultControl != 0 {
		return nil
	}
	switch name := front.Name(); {
	case startsWithSign(text):
		return joinAtSign(front, text)
	case name == "":
		return joinHead(front, back)
	case strings.ContainsAny(text, " \t") || writtenProperty(back):
		return nil
	case name == "ATTENDEE" || name == "ORGANIZER":
		return joinAddress(front, text)
	case name == "UID":
		if isHex(front.Value()) && isHex(text) && strings.HasPrefix(front.Value(), goidPrefix) || mayBeFull(lastOctets(front)) {
			return readLine(front.Text() + text)
		}
	case name == "URL" || name == "SOURCE" || name == "CONFERENCE" || name == "ATTACH" && front.ParamValue("ENCODING") == "":
		if mayBeFull(lastOctets(front)) && strings.Contains(front.Value(), ":") {
			return readLine(front.Text() + text)
		}
	}
	return nil
}

// joinSigns joins a line without a colon and those behind it that begin with a
// sign that no line begins with, up to the one that has the colon.
func joinSigns(front *ical.Line, behind []ical.Item) (whole *ical.Line, n int) {
	if _, ok := knownHead(strings.TrimRight(front.Text(), " \t")); !ok || hasBareColon(front.Text()) {
		return nil, 0
	}
	text := strings.TrimRight(front.Text(), " \t")
	for n < len(behind) && n < maxJoined {
		l := behind[n].Prop
		if l == nil || l.Name() != "" || !startsWithSign(l.Text()) {
			return nil, 0
		}
		text += l.Text()
		if n++; hasBareColon(text) {
			if whole = sound(text); whole == nil {
				n = 0
			}
			return whole, n
		}
	}
	return nil, 0
}

func startsWithSign(text string) bool {
	return text != "" && strings.IndexByte(";:=,", text[0]) >= 0
}

// joinAtSign joins a property and a line that begins with a sign that none
// begins with.
func joinAtSign(front *ical.Line, text string) *ical.Line {
	name := front.Name()
	list := text[0] == ',' && (name == "EXDATE" || name == "RDATE" || name == "FREEBUSY" || name == "CATEGORIES" || name == "RESOURCES")
	part := (text[0] == ';' || text[0] == ',') && (name == "RRULE" || name == "EXRULE") || text[0] == ';' && name == "GEO"
	scheme := text[0] == ':' && (strings.EqualFold(front.Value(), "mailto") || name == "URL" && (front.Value() == "http" || front.Value() == "https"))
	if !list && !part && !scheme {
		return nil
	}
	return sound(front.Text() + text)
}

// joinHead joins a line that has parameters but no colon with the one that holds
// the rest. That one may look like a property of its own: "ACTION;RSVP=TRUE:…".
func joinHead(front, back *ical.Line) *ical.Line {
	name, ok := knownHead(front.Text())
	if !ok || !strings.Contains(front.Text(), ";") || back.Name() == name {
		return nil
	}
	whole := sound(front.Text() + back.Text())
	if whole == nil || !isTime(name) && name != "ATTENDEE" && name != "ORGANIZER" && writtenProperty(back) {
		return nil
	}
	for _, p := range whole.Params() {
		if len(p.Values) == 0 || !knownParam(p.Name) && !strings.HasPrefix(p.Name, "X-") {
			return nil // what was put together is no parameter
		}
	}
	return whole
}

// joinAddress joins an address that was broken. A whole one is broken only where
// its line is full.
func joinAddress(front *ical.Line, text string) *ical.Line {
	if addr, ok := mailbox(front.Value()); ok && bareAddress(addr) && !mayBeFull(lastOctets(front)) {
		return nil
	}
	v := strings.ToLower(front.Value())
	if !strings.HasPrefix(v, mailtoScheme) && !strings.HasPrefix(mailtoScheme, v) {
		return nil
	}
	return sound(front.Text() + text)
}

// sound is readLine for a property whose value is what its type wants.
func sound(text string) *ical.Line {
	if l := readLine(text); l != nil && wellFormed(l) {
		return l
	}
	return nil
}

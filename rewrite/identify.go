package rewrite

import (
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/notice"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Identity tells which meeting a component of a message is about.
type Identity struct {
	Details
	component *ical.Component
}

// Language returns the language that it is written in.
func (i Identity) Language() notice.Language { return languageOf(i.component) }

// maxIdentities bounds what Identify returns: more stand in nothing but feeds of whole
// calendars.
const maxIdentities = 100

// Identify returns the meetings of a message, those in a winmail.dat included, without
// looking for defects and without repairing anything. Calendars that cannot be read,
// and those of enclosed messages, are left out.
func Identify(source Source, lim Limits) (list []Identity, err error) {
	defer contain(&err)
	lim = Options{Limits: lim}.withDefaults().Limits
	m, err := readMessage(source, nil, lim)
	if err != nil {
		return nil, err
	}
	wrapped, calendars := false, 0
	for _, p := range m.tree.Parts {
		switch {
		case p.Enclosed:
		case isTNEF(p):
			wrapped = true
		case isCalendarPart(p) && calendars < lim.Calendars:
			calendars++
			list = append(list, identitiesOf(m, p)...)
		}
	}
	if len(list) == 0 && wrapped {
		list, err = wrappedIdentities(source, lim)
	}
	return list[:min(len(list), maxIdentities)], err
}

func identitiesOf(m *message, p *mime.Part) []Identity {
	body, why, err := m.decode(p, m.lim.Calendar)
	if err != nil || why != "" {
		return nil
	}
	return identities(&remedy.Object{Octets: body, Part: partHeader(p)}, p.Params.Get("method"))
}

// identities returns those of one calendar.
func identities(c *remedy.Object, method string) (list []Identity) {
	if parse(c) != nil {
		return nil
	}
	c.ResetZones()
	for _, it := range itemsOf(c.Doc) {
		d := viewOf(c, it).details()
		if d.Method == "" {
			d.Method = method
		}
		if d.UID != "" && len(list) < maxIdentities {
			list = append(list, Identity{d, it})
		}
	}
	return list
}

// wrappedIdentities returns those of winmail.dat parts.
func wrappedIdentities(source Source, lim Limits) (list []Identity, err error) {
	found, err := Envelopes(source, lim)
	for _, e := range found {
		if e.Meeting != nil {
			list = append(list, identities(&remedy.Object{Octets: e.Meeting.Calendar}, e.Meeting.Method)...)
		}
	}
	return list, err
}

package tnef

import (
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// eventZone is a time zone of the calendar; nil means UTC.
type eventZone struct {
	tzid      string
	rules     zone.Rules
	component *ical.Component
}

// customZone is the name under which receivers look at nothing but the rules.
const customZone = "Customized Time Zone"

// Spans in years. For a series without an end the law of the blob has to be
// that of the name for some years, for one with an end up to there, within
// reason; a VTIMEZONE serves some years more. What parliaments decide after
// that is in no blob.
const (
	lawSpan  = 3
	farSpan  = 30
	moreSpan = 7
)

// chooseZone gives the zone of one of the definitions, the first that can be
// read, at last that of an index; known is false when the stream has none.
//
// PidLidTimeZoneStruct wins over the definition of a series where the two
// disagree ([MS-OXOCAL] §2.2.1.39, §2.2.1.41): old clients only write the one.
func (b *builder) chooseZone(from, to time.Time, lids ...uint32) (z *eventZone, known bool) {
	reg, noReg := parseTZReg(b.blob(lidZoneStruct))
	description := words(b.m.Props.Named(SetAppointment, lidZoneName))
	for _, lid := range lids {
		key, rule, err := parseTZDefinition(b.blob(lid))
		if err != nil {
			continue
		}
		if lid == lidZoneRecur && noReg == nil && !rule.same(reg) {
			rule = reg
		}
		if z, err := nameZone(rule, from, to, key, description); err == nil {
			return z, true
		}
	}
	if noReg == nil {
		if z, err := nameZone(reg, from, to, description); err == nil {
			return z, true
		}
	}
	index := integer(b.m.Props.Named(SetMeeting, lidZoneIndex), 0)
	if rule, ok := indexedRule(index); ok {
		if z, err := nameZone(rule, from, to, description); err == nil {
			return z, true
		}
	}
	return nil, false
}

func (b *builder) blob(lid uint32) []byte {
	v, _ := b.m.Props.Named(SetAppointment, lid).Bytes()
	return v
}

// nameZone gives the rule the IANA name that one of the names means, when
// that zone has the same offsets over the span; otherwise it stays as it is,
// under a name that means nothing.
func nameZone(rule tzRule, from, to time.Time, names ...string) (*eventZone, error) {
	c, err := rule.component(customZone, max(from.Year()-1, 1970))
	if err != nil {
		return nil, err
	}
	rules, err := zone.Evaluate(c)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		for _, iana := range zone.Candidates(name, zone.Hints{}) {
			iana = zone.Canonical(iana)
			if !zone.Agree(rules, iana, from, to) {
				continue
			}
			if iana == "Etc/UTC" {
				return nil, nil
			}
			return &eventZone{iana, zone.Load(iana), zone.Generate(iana, from, to.AddDate(moreSpan, 0, 0))}, nil
		}
	}
	return &eventZone{customZone, rules, c}, nil
}

// wall gives the wall-clock time of an instant.
func (z *eventZone) wall(t time.Time) time.Time {
	if z == nil {
		return t
	}
	return z.rules.Wall(t)
}

// instant gives the instant of a wall-clock time.
func (z *eventZone) instant(wall time.Time) time.Time {
	if z == nil {
		return wall
	}
	return wall.Add(-z.rules.OffsetAt(wall))
}

// stamp is the value of a DATE or DATE-TIME property: the digits of wall, in
// a zone, in UTC without one, or a date.
type stamp struct {
	wall time.Time
	zone *eventZone
	date bool
}

// stampAt gives an instant in a zone; in UTC when its wall-clock time comes
// twice and would mean the other one (RFC 5545 §3.3.5).
func stampAt(t time.Time, z *eventZone) stamp {
	if wall := z.wall(t); z.instant(wall).Equal(t) {
		return stamp{wall: wall, zone: z}
	}
	return stamp{wall: t}
}

// instant is what the stamp means; a date is midnight in time.UTC.
func (s stamp) instant() time.Time {
	if s.date {
		return s.wall
	}
	return s.zone.instant(s.wall)
}

func (s stamp) line(name string) *ical.Line {
	switch {
	case s.date:
		return ical.NewLine(name, s.wall.Format("20060102"), ical.Param{Name: "VALUE", Values: []string{"DATE"}})
	case s.zone == nil:
		return ical.NewLine(name, utcText(s.wall))
	}
	return ical.NewLine(name, s.wall.Format("20060102T150405"), ical.Param{Name: "TZID", Values: []string{s.zone.tzid}})
}

func utcText(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

package tnef

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// times writes the times, the zones and the identity.
func (p *packer) times() error {
	e := p.event
	var err error
	if p.start, p.allDay, err = p.instant(e.First("DTSTART")); err != nil {
		return err
	}
	if p.end, err = p.endOf(e, p.start, p.allDay); err != nil {
		return err
	}
	if p.tzid = e.First("DTSTART").ParamValue("TZID"); p.allDay {
		if all := p.zones.All(); len(all) > 0 {
			p.tzid = all[0].TZID
		}
		p.zone = p.zones.Rules(p.tzid)
		p.start, p.end = p.toInstant(p.start), p.toInstant(p.end)
	} else {
		p.zone = p.zones.Rules(p.tzid)
	}
	if err := p.writeZones(); err != nil {
		return err
	}
	start, end := p.start, p.end
	if p.method == "COUNTER" {
		p.appointment(lidCounterProposal, true)
		p.appointment(lidProposedStart, start)
		p.appointment(lidProposedEnd, end)
		start, end = p.originally("X-MS-OLK-ORIGINALSTART", start), p.originally("X-MS-OLK-ORIGINALEND", end)
	}
	p.appointment(lidStartWhole, start)
	p.appointment(lidEndWhole, end)
	p.appointment(lidSubType, p.allDay)
	n, _ := strconv.ParseInt(strings.TrimSpace(e.Value("SEQUENCE")), 10, 32)
	p.appointment(lidSequence, int32(n))
	stamp, ok := ical.ParseDateTime(e.Value("DTSTAMP"))
	if !ok {
		return fmt.Errorf("DTSTAMP:%s", e.Value("DTSTAMP"))
	}
	p.name(SetMeeting, choose[uint32](p.isResponse(), lidAttendeeChange, lidOwnerChange), stamp.Wall)
	return p.identity()
}

func (p *packer) originally(name string, otherwise time.Time) time.Time {
	if d, ok := ical.ParseDateTime(p.event.Value(name)); ok {
		return d.Wall
	}
	return otherwise
}

// instant reads a DATE or DATE-TIME property; a date is midnight in time.UTC.
func (p *packer) instant(l *ical.Line) (t time.Time, date bool, err error) {
	d, ok := ical.ParseDateTime(strings.TrimSpace(l.Value()))
	if !ok {
		return time.Time{}, false, fmt.Errorf("%s is not a time", l.Text())
	}
	if d.Form == ical.Date {
		return d.Wall, true, nil
	}
	if t, ok = p.zones.Instant(d, l.ParamValue("TZID")); !ok {
		return time.Time{}, false, fmt.Errorf("%s has no known time zone", l.Text())
	}
	return t, false, nil
}

// endOf reads DTEND or DURATION.
func (p *packer) endOf(e *ical.Component, start time.Time, date bool) (time.Time, error) {
	if l := e.First("DTEND"); l != nil {
		t, _, err := p.instant(l)
		return t, err
	}
	if d, ok := ical.ParseDuration(e.Value("DURATION")); ok {
		return d.After(start), nil
	}
	if date {
		return start.AddDate(0, 0, 1), nil
	}
	return start, nil
}

// toInstant and toWall convert between instants and the zone of the event.
func (p *packer) toInstant(wall time.Time) time.Time {
	if p.zone == nil {
		return wall
	}
	return wall.Add(-p.zone.OffsetAt(wall))
}

func (p *packer) toWall(t time.Time) time.Time {
	if p.zone == nil {
		return t
	}
	return p.zone.Wall(t)
}

// writeZones writes the blobs for the zone of the start, which serve for the
// end too: the instant is what counts.
func (p *packer) writeZones() error {
	rule, key := tzRule{}, "UTC"
	if p.zone != nil {
		key = p.tzid
		var c *ical.Component
		if d := p.zones.Declared(p.tzid); d != nil && d.Rules != nil {
			c = d.Component
		} else if iana, ok := zone.Lookup(p.tzid, zone.Hints{}); ok {
			c = zone.Generate(iana, p.start, p.end)
		}
		if c == nil {
			return fmt.Errorf("unknown time zone %s", p.tzid)
		}
		var err error
		if rule, err = ruleOf(c); err != nil {
			return fmt.Errorf("%s: %w", p.tzid, err)
		}
	}
	blob := rule.definition(key)
	p.appointment(lidZoneStart, blob)
	p.appointment(lidZoneEnd, blob)
	if p.event.Has("RRULE") || p.event.Has("RECURRENCE-ID") {
		p.appointment(lidZoneStruct, rule.reg())
		p.appointment(lidZoneName, key)
		p.appointment(lidZoneRecur, blob)
	}
	return nil
}

// identity writes the global object ids, and which occurrence is meant.
func (p *packer) identity() error {
	uid := ical.UnescapeText(p.event.Value("UID"))
	var day time.Time
	if l := p.event.First("RECURRENCE-ID"); l != nil {
		t, date, err := p.instant(l)
		if err != nil {
			return err
		}
		if date {
			t = p.toInstant(t)
		}
		wall := p.toWall(t)
		day = wall.Truncate(24 * time.Hour)
		hour, minute, second := wall.Clock()
		p.name(SetMeeting, lidIsException, true)
		p.appointment(lidReplaceTime, t)
		p.name(SetMeeting, lidStartRecurTime, int32(hour<<12|minute<<6|second))
	}
	p.name(SetMeeting, lidGlobalID, goidOf(uid, day))
	p.name(SetMeeting, lidCleanGlobalID, goidOf(uid, time.Time{}))
	return nil
}

package tnef

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// FromCalendar makes the message in which Exchange would send a meeting, from
// an iCalendar text. Outer gives the subject and the text of the mail around
// it; where these are empty the calendar's are taken. It fails for what
// Exchange cannot say in this form: times without a zone, rules that Outlook
// does not have, several occurrences without their series.
func FromCalendar(text []byte, o Outer) (*Message, error) {
	doc, err := ical.Parse(text, ical.Limits{})
	if err != nil {
		return nil, err
	}
	cals := doc.Calendars()
	if len(cals) == 0 {
		return nil, errors.New("no VCALENDAR")
	}
	p := &packer{o: o, cal: cals[0], zones: zone.NewSet(cals[0]), m: &Message{Codepage: defaultCodepage}}
	if err := p.pack(); err != nil {
		return nil, err
	}
	return p.m, nil
}

// packer makes a message from a calendar.
type packer struct {
	o       Outer
	cal     *ical.Component
	zones   *zone.Set
	m       *Message
	method  string
	event   *ical.Component // the series, the single event or the one occurrence
	changed []*ical.Component
	tzid    string // of the start
	zone    zone.Rules
	allDay  bool
	start   time.Time
	end     time.Time
}

// packClasses are the message classes by method and PARTSTAT: the one of MAPI,
// and the one that Exchange still writes in attMessageClass.
var packClasses = map[string][2]string{
	"REQUEST":   {"IPM.Schedule.Meeting.Request", "IPM.Microsoft Schedule.MtgReq"},
	"CANCEL":    {"IPM.Schedule.Meeting.Canceled", "IPM.Microsoft Schedule.MtgCncl"},
	"ACCEPTED":  {"IPM.Schedule.Meeting.Resp.Pos", "IPM.Microsoft Schedule.MtgRespP"},
	"DECLINED":  {"IPM.Schedule.Meeting.Resp.Neg", "IPM.Microsoft Schedule.MtgRespN"},
	"TENTATIVE": {"IPM.Schedule.Meeting.Resp.Tent", "IPM.Microsoft Schedule.MtgRespA"},
	"PUBLISH":   {"IPM.Appointment", "IPM.Appointment"},
}

func (p *packer) pack() error {
	p.method = strings.ToUpper(strings.TrimSpace(p.cal.Value("METHOD")))
	if p.method == "" {
		p.method = "PUBLISH"
	}
	for _, step := range []func() error{p.chooseEvent, p.class, p.times, p.people, p.texts, p.series} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// chooseEvent finds the event, and the changed occurrences of a series.
func (p *packer) chooseEvent() error {
	for _, e := range p.cal.Children("VEVENT") {
		switch {
		case e.Has("RECURRENCE-ID"):
			p.changed = append(p.changed, e)
		case p.event != nil:
			return errors.New("more than one event")
		default:
			p.event = e
		}
	}
	if p.event == nil {
		if len(p.changed) != 1 {
			return fmt.Errorf("%d occurrences without their series", len(p.changed))
		}
		p.event, p.changed = p.changed[0], nil
	}
	for _, name := range []string{"UID", "DTSTART", "DTSTAMP"} {
		if p.event.Value(name) == "" {
			return fmt.Errorf("the event has no %s", name)
		}
	}
	return nil
}

func (p *packer) class() error {
	key := p.method
	if p.method == "REPLY" || p.method == "COUNTER" {
		l := p.event.First("ATTENDEE")
		if l == nil {
			return fmt.Errorf("%s without an attendee", p.method)
		}
		if key = strings.ToUpper(l.ParamValue("PARTSTAT")); key == "" && p.method == "COUNTER" {
			key = "TENTATIVE"
		}
	}
	class, ok := packClasses[key]
	if !ok {
		return fmt.Errorf("no message class stands for %s %s", p.method, key)
	}
	p.m.Class = class[1]
	p.tag(PidTagMessageClass, class[0])
	return nil
}

func (p *packer) tag(id uint16, v any) { p.m.Props = append(p.m.Props, Prop{ID: id, Value: v}) }

// name adds a named property. The ids of these are arbitrary, and each gets
// one of its own.
func (p *packer) name(set GUID, lid uint32, v any) {
	p.m.Props = append(p.m.Props, Prop{ID: 0x8000 + uint16(len(p.m.Props)), Named: &Name{Set: set, LID: lid}, Value: v})
}

func (p *packer) appointment(lid uint32, v any) { p.name(SetAppointment, lid, v) }

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

func (p *packer) isResponse() bool { return p.method == "REPLY" || p.method == "COUNTER" }

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
		return time.Time{}, false, fmt.Errorf("%s is no time", l.Text())
	}
	if d.Form == ical.Date {
		return d.Wall, true, nil
	}
	if t, ok = p.zones.Instant(d, l.ParamValue("TZID")); !ok {
		return time.Time{}, false, fmt.Errorf("%s has no time zone that is known", l.Text())
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
			return fmt.Errorf("time zone %s is not known", p.tzid)
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

// texts writes what people read and how the time is shown.
func (p *packer) texts() error {
	e := p.event
	text := func(c *ical.Component, name string) string { return ical.UnescapeText(c.Value(name)) }
	summary := text(e, "SUMMARY")
	p.tag(PidTagSubject, choose(p.o.Subject != "", p.o.Subject, summary))
	p.tag(pidTagNormalizedSubject, summary)
	body := p.o.Text
	if body == "" {
		body = text(e, choose(p.isResponse(), "COMMENT", "DESCRIPTION"))
	}
	if body != "" {
		p.tag(PidTagBody, strings.ReplaceAll(body, "\n", "\r\n"))
	}
	if html := text(e, "X-ALT-DESC"); html != "" {
		p.tag(PidTagHTML, []byte(html))
		p.tag(PidTagInternetCodepage, int32(codepageUTF8))
	}
	p.appointment(lidLocation, text(e, "LOCATION"))
	busy, intended := p.busy(e)
	p.appointment(lidBusyStatus, int32(busy))
	p.appointment(lidIntendedStatus, int32(intended))
	p.tag(pidTagSensitivity, int32(max(slices.Index([]string{"PUBLIC", "X-PERSONAL", "PRIVATE", "CONFIDENTIAL"}, strings.ToUpper(e.Value("CLASS"))), 0)))
	importance := int32(1)
	if n, err := strconv.Atoi(e.Value("PRIORITY")); err == nil && n > 0 {
		importance = choose[int32](n < 5, 2, choose[int32](n > 5, 0, 1))
	}
	p.tag(PidTagImportance, importance)
	if id, err := strconv.ParseInt(e.Value("X-MICROSOFT-CDO-OWNERAPPTID"), 10, 32); err == nil {
		p.tag(pidTagOwnerAppointment, int32(id))
	}
	minutes, alarmed := reminderOf(e)
	p.name(SetCommon, lidReminderSet, alarmed)
	p.name(SetCommon, lidReminderDelta, minutes)
	if l := e.First("CATEGORIES"); l != nil {
		list := ical.SplitList(l.Value())
		for i := range list {
			list[i] = ical.UnescapeText(list[i])
		}
		p.m.Props = append(p.m.Props, Prop{ID: 0x8000 + uint16(len(p.m.Props)), Named: &Name{Set: SetPublicStrings, Text: "Keywords"}, Value: list})
	}
	return nil
}

// busy gives the status that is shown and the one that is intended.
func (p *packer) busy(e *ical.Component) (busy, intended int) {
	intended = choose(strings.EqualFold(e.Value("TRANSP"), "TRANSPARENT") || p.method == "CANCEL", 0, 2)
	if strings.EqualFold(e.Value("STATUS"), "TENTATIVE") {
		intended = 1
	}
	if i := slices.Index(busyNames, strings.ToUpper(e.Value("X-MICROSOFT-CDO-INTENDEDSTATUS"))); i >= 0 {
		intended = i
	}
	busy = intended
	if p.method == "REQUEST" && intended != 0 {
		busy = 1
	}
	if i := slices.Index(busyNames, strings.ToUpper(e.Value("X-MICROSOFT-CDO-BUSYSTATUS"))); i >= 0 {
		busy = i
	}
	return busy, intended
}

// reminderOf gives the minutes of the first alarm before the start.
func reminderOf(e *ical.Component) (minutes int32, ok bool) {
	for _, a := range e.Children("VALARM") {
		d, good := ical.ParseDuration(a.Value("TRIGGER"))
		if n := time.Duration(d.Days)*24*time.Hour + d.Clock; good && (d.Negative || n == 0) {
			return int32(n / time.Minute), true
		}
	}
	return defaultReminder, false
}

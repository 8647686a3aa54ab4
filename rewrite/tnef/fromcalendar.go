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

// FromCalendar returns the message in which Exchange would send the meeting of an
// iCalendar text. Outer has the subject and the text of the message around it; if
// these are empty, those of the calendar are used. It fails for what Exchange cannot
// express in this format: times without a zone, rules that Outlook does not have,
// several occurrences without their series.
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
		return fmt.Errorf("no message class for %s %s", p.method, key)
	}
	p.m.Class = class[1]
	p.tag(PidTagMessageClass, class[0])
	return nil
}

func (p *packer) isResponse() bool { return p.method == "REPLY" || p.method == "COUNTER" }

func (p *packer) tag(id uint16, v any) { p.m.Props = append(p.m.Props, Prop{ID: id, Value: v}) }

// name adds a named property. The ids of these are arbitrary, and each gets
// one of its own.
func (p *packer) name(set GUID, lid uint32, v any) {
	p.m.Props = append(p.m.Props, Prop{ID: 0x8000 + uint16(len(p.m.Props)), Named: &Name{Set: set, LID: lid}, Value: v})
}

func (p *packer) appointment(lid uint32, v any) { p.name(SetAppointment, lid, v) }

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
	p.tag(pidTagImportance, importance)
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

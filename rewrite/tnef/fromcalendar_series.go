package tnef

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// exceptionClass is the class of the message that is attached for a changed
// occurrence ([MS-OXOCAL] §2.2.10.1).
const exceptionClass = "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}"

// series writes the pattern, the days left out and the changed occurrences.
func (p *packer) series() error {
	rule := strings.TrimSpace(p.event.Value("RRULE"))
	if rule != "" && p.event.Has("RECURRENCE-ID") {
		return errors.New("RRULE beside RECURRENCE-ID")
	}
	p.appointment(lidRecurring, rule != "")
	p.name(SetMeeting, 0x0005, rule != "" || p.event.Has("RECURRENCE-ID")) // PidLidIsRecurring
	if rule == "" {
		if len(p.changed) > 0 || p.event.Has("RDATE") {
			return errors.New("occurrences without a rule")
		}
		return nil
	}
	if p.event.Has("RDATE") {
		return errors.New("Outlook does not support RDATE")
	}
	r, err := p.pattern(rule)
	if err != nil {
		return err
	}
	if err := p.leaveOut(r); err != nil {
		return err
	}
	for _, c := range p.changed {
		if err := p.change(r, c); err != nil {
			return err
		}
	}
	slices.Sort(r.deleted)
	r.deleted = slices.Compact(r.deleted)
	slices.Sort(r.modified)
	p.appointment(lidRecur, r.bytes(codepage(p.m.Codepage)))
	return nil
}

func (p *packer) pattern(rule string) (*recurrence, error) {
	var until time.Time
	if v := ruleParts(rule)["UNTIL"]; v != "" {
		d, ok := ical.ParseDateTime(v)
		if !ok {
			return nil, fmt.Errorf("UNTIL=%s", v)
		}
		switch until = d.Wall; d.Form {
		case ical.UTC:
			until = p.toWall(d.Wall)
		case ical.Date:
			until = d.Wall.Add(24*time.Hour - time.Second)
		}
	}
	wall := p.toWall(p.start)
	r, err := recurrenceOf(rule, wall, until)
	if err != nil {
		return nil, err
	}
	r.startOffset = wallMinutes(wall) - r.startDate
	r.endOffset = r.startOffset + uint32(p.toWall(p.end).Sub(wall)/time.Minute)
	return r, nil
}

// leaveOut notes the days of EXDATE.
func (p *packer) leaveOut(r *recurrence) error {
	for _, l := range p.event.Lines("EXDATE") {
		for _, v := range strings.Split(l.Value(), ",") {
			wall, err := p.wallOf(v, l.ParamValue("TZID"))
			if err != nil {
				return fmt.Errorf("EXDATE: %w", err)
			}
			r.deleted = append(r.deleted, wallMinutes(wall.Truncate(24*time.Hour)))
		}
	}
	return nil
}

// wallOf reads a time as the wall-clock time of the series.
func (p *packer) wallOf(value, tzid string) (time.Time, error) {
	d, ok := ical.ParseDateTime(strings.TrimSpace(value))
	if ok && d.Form == ical.Date {
		return d.Wall, nil
	}
	t, known := p.zones.Instant(d, tzid)
	if !ok || !known {
		return time.Time{}, fmt.Errorf("%q is not a known time", value)
	}
	return p.toWall(t), nil
}

func (p *packer) wallOfLine(l *ical.Line) (time.Time, error) {
	return p.wallOf(l.Value(), l.ParamValue("TZID"))
}

// change notes a changed occurrence.
func (p *packer) change(r *recurrence, c *ical.Component) error {
	if c.First("DTSTART") == nil || c.First("DTEND") == nil {
		return errors.New("a changed occurrence without DTSTART and DTEND")
	}
	var at [3]time.Time
	for i, name := range []string{"RECURRENCE-ID", "DTSTART", "DTEND"} {
		wall, err := p.wallOfLine(c.First(name))
		if err != nil {
			return err
		}
		at[i] = wall
	}
	x := exception{original: wallMinutes(at[0]), start: wallMinutes(at[1]), end: wallMinutes(at[2])}
	if s := ical.UnescapeText(c.Value("SUMMARY")); s != ical.UnescapeText(p.event.Value("SUMMARY")) {
		x.flags, x.subject = x.flags|changedSubject, s
	}
	if s := ical.UnescapeText(c.Value("LOCATION")); s != ical.UnescapeText(p.event.Value("LOCATION")) {
		x.flags, x.location = x.flags|changedLocation, s
	}
	_, status := p.busy(c)
	if _, before := p.busy(p.event); status != before {
		x.flags, x.busy = x.flags|changedBusy, uint32(status)
	}
	if date := len(c.Value("DTSTART")) == 8; date != p.allDay {
		x.flags, x.allDay = x.flags|changedAllDay, date
	}
	minutes, alarmed := reminderOf(c)
	before, wasAlarmed := reminderOf(p.event)
	if alarmed != wasAlarmed {
		x.flags, x.reminderSet = x.flags|changedReminderSet, alarmed
	}
	if minutes != before && alarmed {
		x.flags, x.reminder = x.flags|changedReminder, uint32(minutes)
	}
	if body := ical.UnescapeText(c.Value("DESCRIPTION")); body != ical.UnescapeText(p.event.Value("DESCRIPTION")) {
		x.flags |= changedBody
		p.attachText(p.toInstant(at[0]), body)
	}
	r.exceptions = append(r.exceptions, x)
	r.deleted = append(r.deleted, wallMinutes(at[0].Truncate(24*time.Hour)))
	r.modified = append(r.modified, wallMinutes(at[1].Truncate(24*time.Hour)))
	return nil
}

// attachText attaches the message that holds the text of a changed
// occurrence.
func (p *packer) attachText(replaces time.Time, body string) {
	in := &Message{Class: exceptionClass, Codepage: p.m.Codepage, Props: Props{
		{ID: PidTagMessageClass, Value: exceptionClass},
		{ID: PidTagBody, Value: strings.ReplaceAll(body, "\n", "\r\n")},
		{ID: 0x8000, Named: &Name{Set: SetAppointment, LID: lidReplaceTime}, Value: replaces},
	}}
	p.m.Attachments = append(p.m.Attachments, Attachment{
		Embedded: in,
		Props:    Props{{ID: pidTagReplaceTime, Value: replaces}, {ID: PidTagAttachmentHidden, Value: true}},
	})
}

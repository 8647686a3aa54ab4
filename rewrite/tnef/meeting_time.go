package tnef

import (
	"errors"
	"fmt"
	"time"
)

// times finds start, end, zone and recurrence.
func (b *builder) times() error {
	appt := func(lid uint32) *Prop { return b.m.Props.Named(SetAppointment, lid) }
	common := func(lid uint32) *Prop { return b.m.Props.Named(SetCommon, lid) }
	start, ok := moment(appt(lidStartWhole), common(lidCommonStart), b.m.Props.Get(pidTagStartDate))
	if !ok {
		return errors.New("it has no start")
	}
	end, ok := moment(appt(lidEndWhole), common(lidCommonEnd), b.m.Props.Get(pidTagEndDate))
	if minutes := integer(appt(lidDuration), -1); !ok && minutes >= 0 && minutes < 100*366*dayLength {
		end, ok = start.Add(time.Duration(minutes)*time.Minute), true
	}
	if !ok {
		end = start
	}
	if end.Before(start) {
		return fmt.Errorf("it ends at %s, before it starts at %s", utcText(end), utcText(start))
	}
	allDay := b.m.flag(SetAppointment, lidSubType)
	if b.class.method == "COUNTER" {
		b.original = [2]time.Time{start, end}
		var noStart, noEnd bool
		start, noStart = moment(appt(lidProposedStart))
		end, noEnd = moment(appt(lidProposedEnd))
		if !noStart || !noEnd || end.Before(start) {
			return errors.New("a counter-proposal without the proposed time")
		}
	}
	if err := readRecurrence(b); err != nil {
		return err
	}
	if b.recur != nil && (b.class.method == "REQUEST" || b.class.method == "PUBLISH") {
		return seriesTimes(b, start, end, allDay)
	}
	b.recur = nil
	if err := singleTimes(b, start, end, allDay); err != nil {
		return err
	}
	return replaces(b)
}

// readRecurrence reads the pattern of a series. A message about one
// occurrence may carry the pattern too: RRULE has no place beside a
// RECURRENCE-ID.
func readRecurrence(b *builder) error {
	recurring, said := b.m.Props.Named(SetAppointment, lidRecurring).boolean()
	blob := b.blob(lidRecur)
	if b.exception || said && !recurring {
		return nil
	}
	if len(blob) == 0 {
		if recurring && b.class.method == "REQUEST" {
			return errors.New("a series without its pattern")
		}
		return nil
	}
	r, err := parseRecurrence(blob, codepage(b.m.Codepage))
	if err == nil {
		err = r.check()
	}
	if err != nil && b.class.method != "REQUEST" && b.class.method != "PUBLISH" {
		return nil // the pattern is not needed
	}
	b.recur = r
	return err
}

// singleTimes sets start and end of what is no series here. Responses are
// written in UTC: the zone in them is the one of the responder's program.
func singleTimes(b *builder, start, end time.Time, allDay bool) error {
	lids := []uint32{lidZoneStart, lidZoneRecur}
	if b.exception {
		lids = []uint32{lidZoneRecur, lidZoneStart}
	}
	z, known := b.chooseZone(start, end, lids...)
	b.zone = z
	if allDay {
		first, err := midnight(start, z, known)
		if err != nil {
			return err
		}
		last, err := midnight(end, z, known)
		if err != nil {
			return err
		}
		setDays(b, first, last)
		return nil
	}
	if b.class.partstat != "" {
		b.zone = nil
	}
	b.master.start, b.master.end = stampAt(start, b.zone), stampAt(end, b.zone)
	if b.zone == nil || b.exception {
		return nil
	}
	if key, rule, err := parseTZDefinition(b.blob(lidZoneEnd)); err == nil {
		// a custom zone would need another name of its own; the instant is the
		// same in the zone of the start
		if other, err := nameZone(rule, start, end, key); err == nil && other != nil && other.tzid != customZone {
			b.master.end = stampAt(end, other)
		}
	}
	return nil
}

// setDays makes the event one of whole days (RFC 5545 §3.6.1).
func setDays(b *builder, first, last time.Time) {
	if !last.After(first) {
		last = first.AddDate(0, 0, 1)
	}
	b.master.start, b.master.end = stamp{wall: first, date: true}, stamp{wall: last, date: true}
}

// midnight gives the day that starts at an instant. The instant is midnight
// in the zone of the one who made the event, and may be hours beside it in
// another: the nearest midnight is meant. Without a zone the instant tells
// the day but where the far ends of the earth meet.
func midnight(t time.Time, z *eventZone, known bool) (time.Time, error) {
	if hour := t.Hour(); !known && hour >= 10 && hour < 14 {
		return time.Time{}, fmt.Errorf("an all-day event from %s without a time zone", utcText(t))
	}
	return z.wall(t).Add(12 * time.Hour).Truncate(24 * time.Hour), nil
}

// seriesTimes sets start, end and rule of a series. The pattern is written in
// wall-clock time, start and end in UTC: the zone is right when the two agree.
func seriesTimes(b *builder, start, end time.Time, allDay bool) error {
	r := b.recur
	to := start.AddDate(lawSpan, 0, 0)
	if last, ok := r.lastDay(); ok {
		to = last.AddDate(0, 0, 2)
		if far := start.AddDate(farSpan, 0, 0); to.After(far) {
			to = far
		}
	}
	if to.Before(end) {
		to = end
	}
	named := false
	for _, lid := range []uint32{lidZoneRecur, lidZoneStart} {
		z, known := b.chooseZone(start, to, lid)
		if !known {
			continue // UTC would be right for half of the year
		}
		named = true
		wall := z.wall(start)
		if allDay {
			day, err := midnight(start, z, true)
			if err != nil {
				return err
			}
			wall = day.Add(time.Duration(r.startOffset) * time.Minute)
		}
		if int(wall.Sub(wall.Truncate(24*time.Hour))/time.Minute) != int(r.startOffset) {
			continue
		}
		if err := startOn(b, wall); err != nil {
			return err
		}
		b.zone = z
		if allDay {
			setDays(b, wall.Truncate(24*time.Hour), z.wall(end).Add(12*time.Hour).Truncate(24*time.Hour))
		} else {
			b.master.start, b.master.end = stamp{wall: wall, zone: z}, stampAt(end, z)
		}
		return repeat(b)
	}
	if utc := start.UTC(); !named && utc.Equal(utc.Truncate(24*time.Hour).Add(time.Duration(r.startOffset)*time.Minute)) {
		return seriesInUTC(b, utc, end, allDay)
	}
	return fmt.Errorf("its pattern starts %d minutes after midnight, which is %s in none of the time zones in the stream", r.startOffset, utcText(start))
}

// seriesInUTC is a series without a zone whose pattern starts at the time that
// its start has in UTC: the pattern is in UTC, and nothing else can be meant.
func seriesInUTC(b *builder, start, end time.Time, allDay bool) error {
	if err := startOn(b, start); err != nil {
		return err
	}
	if allDay {
		setDays(b, start.Truncate(24*time.Hour), end.Add(12*time.Hour).Truncate(24*time.Hour))
	} else {
		b.master.start, b.master.end = stampAt(start, nil), stampAt(end, nil)
	}
	return repeat(b)
}

// startOn lets the pattern start on the day of the first occurrence. Some
// writers leave the day on which the series was entered in the pattern; a
// count would count from there, and so cannot be kept.
func startOn(b *builder, wall time.Time) error {
	r := b.recur
	day := wallMinutes(wall) - r.startOffset
	if day < r.startDate || !r.occurs(wallTime(day)) {
		return fmt.Errorf("it starts on %s, which is not a day of its pattern", wall.Format(time.DateOnly))
	}
	if day > r.startDate && r.end == endAfter {
		return fmt.Errorf("it starts on %s, after the start of its pattern, and has a count", wall.Format(time.DateOnly))
	}
	r.startDate = day
	return nil
}

// repeat sets the rule, the days left out and the occurrences that were
// changed.
func repeat(b *builder) error {
	r := b.recur
	allDay := b.master.start.date
	at := func(minutes uint32) stamp {
		if allDay {
			return stamp{wall: wallTime(minutes - minutes%dayLength), date: true}
		}
		return stamp{wall: wallTime(minutes), zone: b.zone}
	}
	b.master.kind = kindMaster
	removed := r.removed()
	if b.out.Listed = r.hijri(); b.out.Listed {
		removed = b.list(removed, at)
	} else {
		b.master.rule = rule(b, at)
	}
	for _, d := range removed {
		b.master.exdates = append(b.master.exdates, at(d))
	}
	for i := range r.exceptions {
		e, err := override(b, &r.exceptions[i], at)
		if err != nil {
			return err
		}
		b.overrides = append(b.overrides, e)
	}
	return nil
}

// rule writes the RRULE of the series.
func rule(b *builder, at func(uint32) stamp) string {
	r, until := b.recur, ""
	if r.end == endByDate && r.endDate != noEndDate {
		// UNTIL has the form of DTSTART, in UTC (RFC 5545 §3.3.10)
		last := at(r.endDate - r.endDate%dayLength + r.startOffset)
		until = ";UNTIL=" + utcText(last.instant())
		if last.date {
			until = ";UNTIL=" + last.wall.Format("20060102")
		}
	}
	return r.rule(until)
}

// override makes the component of an occurrence that was changed. It has a
// RECURRENCE-ID also when it was only moved: as an EXDATE with an RDATE it
// would lose its identity.
func override(b *builder, x *exception, at func(uint32) stamp) (*event, error) {
	if x.end < x.start {
		return nil, fmt.Errorf("%w: a changed occurrence ends before it starts", errRecurrence)
	}
	e := *b.master
	e.kind, e.rule, e.rdates, e.exdates = kindException, "", nil, nil
	id := at(x.original - x.original%dayLength + b.recur.startOffset)
	e.recurrenceID = &id
	e.start, e.end = stamp{wall: wallTime(x.start), zone: b.zone}, stamp{wall: wallTime(x.end), zone: b.zone}
	if b.master.start.date && x.flags&changedAllDay == 0 || x.allDay {
		first, last := e.start.wall.Truncate(24*time.Hour), e.end.wall.Add(12*time.Hour).Truncate(24*time.Hour)
		if !last.After(first) {
			last = first.AddDate(0, 0, 1)
		}
		e.start, e.end = stamp{wall: first, date: true}, stamp{wall: last, date: true}
	}
	if x.flags&changedSubject != 0 {
		e.summary = x.subject
	}
	if x.flags&changedLocation != 0 {
		e.location = x.location
	}
	if x.flags&changedBusy != 0 {
		e.busy, e.intended = int64(x.busy), int64(x.busy)
	}
	if x.flags&changedReminderSet != 0 && !x.reminderSet {
		e.reminder = -1
	} else if x.flags&changedReminder != 0 && (e.reminder >= 0 || x.reminderSet) {
		e.reminder = reminderMinutes(int64(x.reminder))
	}
	if x.flags&changedBody != 0 {
		changedText(b, &e, id)
	}
	return &e, nil
}

// changedText takes the text of a changed occurrence from the message that is
// attached for it.
func changedText(b *builder, e *event, id stamp) {
	if b.changed == nil {
		b.changed = map[int64]*Message{}
		for i := range b.m.Attachments {
			a := &b.m.Attachments[i]
			if a.Embedded == nil {
				continue
			}
			t, ok := moment(a.Embedded.Props.Named(SetAppointment, lidReplaceTime), a.Props.Get(pidTagReplaceTime), a.Embedded.Props.Get(pidTagReplaceTime))
			if ok && b.changed[t.Unix()] == nil {
				b.changed[t.Unix()] = a.Embedded
			}
		}
	}
	if in := b.changed[b.zone.instant(id.wall).Unix()]; in != nil {
		e.text, e.html = in.Body()
		return
	}
	b.warn("the text of a changed occurrence is not in the stream")
}

// replaces finds which occurrence a message about one occurrence means
// ([MS-OXOCAL] §2.2.1.28 and the day in the global object id).
func replaces(b *builder) error {
	if !b.exception {
		return nil
	}
	b.master.kind = kindException
	id := stamp{wall: b.goidDay, date: true}
	z := b.zone
	if z == nil { // a response is written in UTC, but the day in it is local
		z, _ = b.chooseZone(b.master.start.wall, b.master.end.wall, lidZoneRecur, lidZoneStart)
	}
	clock := integer(b.m.Props.Named(SetMeeting, lidStartRecurTime), -1)
	t, ok := moment(b.m.Props.Named(SetAppointment, lidReplaceTime), b.m.Props.Get(pidTagReplaceTime))
	switch {
	case ok && b.master.start.date:
		id.wall = z.wall(t).Add(12 * time.Hour).Truncate(24 * time.Hour)
	case ok:
		id = stampAt(t, b.zone)
	case b.goidDay.IsZero():
		return errors.New("it does not name the occurrence")
	case clock >= 0 && z != nil && !b.master.start.date:
		wall := b.goidDay.Add(time.Duration(clock>>12&31)*time.Hour + time.Duration(clock>>6&63)*time.Minute + time.Duration(clock&63)*time.Second)
		id = stampAt(z.instant(wall), b.zone)
	}
	b.master.recurrenceID = &id
	return nil
}

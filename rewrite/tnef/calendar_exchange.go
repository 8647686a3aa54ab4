package tnef

import "strconv"

// forExchange writes the properties that another Exchange reads first.
func (b *builder) forExchange(add func(name, value string)) {
	appt := func(lid uint32) *Prop { return b.m.Props.Named(SetAppointment, lid) }
	add("X-MICROSOFT-CDO-APPT-SEQUENCE", strconv.FormatInt(b.out.Sequence, 10))
	if id, ok := b.m.Props.Get(pidTagOwnerAppointment).Int(); ok {
		add("X-MICROSOFT-CDO-OWNERAPPTID", strconv.FormatInt(int64(int32(id)), 10))
	}
	if v, ok := appt(lidNotAllowPropose).boolean(); ok && b.class.method == "REQUEST" {
		add("X-MICROSOFT-DISALLOW-COUNTER", choose(v, "TRUE", "FALSE"))
	}
	if t, ok := moment(appt(lidReplyTime)); ok && b.class.partstat != "" {
		add("X-MICROSOFT-CDO-REPLYTIME", utcText(t))
	}
	if b.class.partstat != "" {
		criticalChanges(b, add)
	}
	if b.class.method == "COUNTER" {
		add("X-MS-OLK-ORIGINALSTART", utcText(b.original[0]))
		add("X-MS-OLK-ORIGINALEND", utcText(b.original[1]))
	}
}

// criticalChanges writes when a response was given, and to which state of the
// meeting.
//
// QUIRK(cdo-critical-change-missing): Exchange 2003 does not look at DTSTAMP.
// Without the first property it files the answer under the year 1601, and the
// next update of the meeting never leaves its queue.
func criticalChanges(b *builder, add func(name, value string)) {
	add("X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE", utcText(b.dtstamp))
	if t, ok := moment(b.m.Props.Named(SetMeeting, lidOwnerChange)); ok {
		add("X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE", utcText(t))
	}
}

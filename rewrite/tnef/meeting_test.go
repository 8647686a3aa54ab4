package tnef

import (
	"errors"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"
)

// request is a stream as Outlook writes it for a meeting on Monday, 2 March
// 2026, from 9:00 to 10:00 in Berlin.
func request(more ...Prop) *Message {
	m := &Message{Class: "IPM.Microsoft Schedule.MtgReq", Codepage: 1252}
	m.Props = append(Props(nil), more...)
	for _, p := range []Prop{
		namedProp(SetMeeting, lidCleanGlobalID, goidOf("1@example.com", time.Time{})),
		namedProp(SetMeeting, lidOwnerChange, time.Date(2026, 2, 1, 10, 11, 12, 999, time.UTC)),
		namedProp(SetAppointment, lidStartWhole, berlin9),
		namedProp(SetAppointment, lidEndWhole, berlin9.Add(time.Hour)),
		namedProp(SetAppointment, lidZoneStart, europe.definition("W. Europe Standard Time")),
		{ID: pidTagConversationTopic, Value: "Jour fixe"},
	} {
		m.Props = append(m.Props, p)
	}
	return m
}

var berlin9 = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func namedProp(set GUID, lid uint32, v any) Prop {
	return Prop{ID: 0x8000, Named: &Name{Set: set, LID: lid}, Value: v}
}

func appointmentProp(lid uint32, v any) Prop { return namedProp(SetAppointment, lid, v) }

// respond makes the stream a response.
func respond(class string, more ...Prop) *Message {
	m := request(append(more,
		namedProp(SetMeeting, lidAttendeeChange, time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)),
		Prop{ID: pidTagSentName, Value: "Dee"}, Prop{ID: pidTagSentType, Value: "SMTP"}, Prop{ID: pidTagSentAddress, Value: "dee@example.org"})...)
	m.Class = class
	return m
}

func classed(m *Message, class string) *Message { m.Class = class; return m }

func with(change func(*Outer)) Outer {
	o := outer
	change(&o)
	return o
}

func TestMeeting(t *testing.T) {
	day := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	row := func(kind int32, name, smtp string, more ...Prop) Props {
		return append(Props{{ID: pidTagRecipientType, Value: kind}, {ID: PidTagDisplayName, Value: name}, {ID: pidTagSMTPAddress, Value: smtp}}, more...)
	}
	table := func(m *Message, rows ...Props) *Message { m.Recipients = rows; return m }
	for _, tc := range []struct {
		name string
		m    *Message
		o    Outer
		want string // lines that are there; with a "-" in front: that the event does not have
	}{
		{"request", request(), outer, `
METHOD:REQUEST
UID:1@example.com
DTSTAMP:20260201T101112Z
DTSTART;TZID=Europe/Berlin:20260302T090000
DTEND;TZID=Europe/Berlin:20260302T100000
SUMMARY:Jour fixe
STATUS:CONFIRMED
SEQUENCE:0
-X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE
-RRULE
-RECURRENCE-ID`},
		{"without a zone", classed(&Message{Props: request().Props[:4]}, "IPM.Schedule.Meeting.Request.MyForm"), with(func(o *Outer) { o.Subject = "Updated: x" }), `
DTSTART:20260302T080000Z
SUMMARY:Updated: x`},
		{"the prefix of the subject", request(Prop{ID: PidTagSubject, Value: "Aktualisiert: Jour fixe, neu"}, Prop{ID: pidTagSubjectPrefix, Value: "Aktualisiert: "}), outer, `
SUMMARY:Jour fixe\, neu`},
		{"the outer subject with a prefix", request(), with(func(o *Outer) { o.Subject = "Updated: Jour fixe" }), `
SUMMARY:Jour fixe`},
		{"cancellation", classed(request(appointmentProp(lidSequence, int32(3)), namedProp(SetCommon, lidReminderSet, true), appointmentProp(lidRecur, []byte("damaged"))), "ipm.schedule.meeting.canceled"), outer, `
METHOD:CANCEL
STATUS:CANCELLED
SEQUENCE:3
X-MICROSOFT-CDO-APPT-SEQUENCE:3
ATTENDEE;CN=Bob;ROLE=REQ-PARTICIPANT:mailto:bob@example.net
-BEGIN:VALARM
-RRULE`},
		{"cancellation of one occurrence", classed(request(namedProp(SetMeeting, lidGlobalID, goidOf("1@example.com", day)), appointmentProp(lidReplaceTime, berlin9.AddDate(0, 0, 7)), appointmentProp(lidZoneRecur, europe.definition("W. Europe Standard Time"))), "IPM.Microsoft Schedule.MtgCncl"), outer, `
UID:1@example.com
RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000
X-MICROSOFT-CDO-INSTTYPE:3`},
		{"one occurrence by day and clock", request(namedProp(SetMeeting, lidGlobalID, goidOf("1@example.com", day)), namedProp(SetMeeting, lidStartRecurTime, int32(8<<12|30<<6))), outer, `
RECURRENCE-ID;TZID=Europe/Berlin:20260309T083000`},
		{"one occurrence by day alone", request(namedProp(SetMeeting, lidGlobalID, goidOf("1@example.com", day))), outer, `
RECURRENCE-ID;VALUE=DATE:20260309`},
		{"one occurrence beside the pattern of the series", request(namedProp(SetMeeting, lidIsException, true), appointmentProp(lidReplaceTime, berlin9), appointmentProp(lidRecur, []byte("whatever"))), outer, `
RECURRENCE-ID;TZID=Europe/Berlin:20260302T090000
-RRULE`},
		{"a whole day", request(appointmentProp(lidSubType, true), appointmentProp(lidStartWhole, time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC)), appointmentProp(lidEndWhole, time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC))), outer, `
DTSTART;VALUE=DATE:20260329
DTEND;VALUE=DATE:20260330
X-MICROSOFT-CDO-ALLDAYEVENT:TRUE
-TZID`},
		{"a day of 24 hours is none", request(appointmentProp(lidSubType, false), appointmentProp(lidStartWhole, berlin9.Add(-9*time.Hour)), appointmentProp(lidEndWhole, berlin9.Add(15*time.Hour))), outer, `
DTSTART;TZID=Europe/Berlin:20260302T000000`},
		{"an hour that comes twice", request(appointmentProp(lidStartWhole, time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)), appointmentProp(lidEndWhole, time.Date(2026, 10, 25, 2, 30, 0, 0, time.UTC))), outer, `
DTSTART:20261025T013000Z
DTEND;TZID=Europe/Berlin:20261025T033000`},
		{"end by duration", request(appointmentProp(lidEndWhole, time.Date(4501, 1, 1, 0, 0, 0, 0, time.UTC)), namedProp(SetCommon, lidCommonEnd, time.Date(4501, 1, 1, 0, 0, 0, 0, time.UTC)), appointmentProp(lidDuration, int32(45))), outer, `
DTEND;TZID=Europe/Berlin:20260302T094500`},
		{"accepted", respond("IPM.Microsoft Schedule.MtgRespP"), outer, `
METHOD:REPLY
DTSTAMP:20260203T040506Z
DTSTART:20260302T080000Z
ORGANIZER;CN=Bob:mailto:bob@example.net
ATTENDEE;CN=Dee;PARTSTAT=ACCEPTED;SENT-BY="mailto:ann@example.com":mailto:dee@example.org
COMMENT:I will be there
X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE:20260203T040506Z
X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE:20260201T101112Z
-DESCRIPTION
-mailto:cy@example.net
-STATUS`},
		{"declined", respond("IPM.Schedule.Meeting.Resp.Neg"), outer, `
ATTENDEE;CN=Dee;PARTSTAT=DECLINED;SENT-BY="mailto:ann@example.com":mailto:dee@example.org`},
		{"answered for one in the organization", respond("IPM.Schedule.Meeting.Resp.Pos", Prop{ID: pidTagReceivedType, Value: "SMTP"}, Prop{ID: pidTagReceivedAddress, Value: "eve@example.org"}), outer, `
ORGANIZER:mailto:eve@example.org`},
		{"counter-proposal", respond("IPM.Schedule.Meeting.Resp.Tent", appointmentProp(lidCounterProposal, true), appointmentProp(lidProposedStart, berlin9.Add(2*time.Hour)), appointmentProp(lidProposedEnd, berlin9.Add(3*time.Hour))), outer, `
METHOD:COUNTER
DTSTART:20260302T100000Z
DTEND:20260302T110000Z
X-MS-OLK-ORIGINALSTART:20260302T080000Z
X-MS-OLK-ORIGINALEND:20260302T090000Z
X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE:20260203T040506Z
ATTENDEE;CN=Dee;PARTSTAT=TENTATIVE;SENT-BY="mailto:ann@example.com":mailto:dee@example.org`},
		{"recipient table", table(request(namedProp(SetMeeting, lidResources, "Room 1")),
			row(1, "Ann", "ann@example.com", Prop{ID: pidTagRecipientFlags, Value: int32(3)}),
			row(1, "Flo", "flo@example.org", Prop{ID: pidTagTrackStatus, Value: int32(3)}),
			row(2, "Gil", "gil@example.org"), row(3, "Room 1", "room1@example.org"), row(3, "Hal", "hal@example.org"),
			row(1, "Ida", "ida@example.org", Prop{ID: pidTagRecipientFlags, Value: int32(0x21)}),
			row(1, "Bob", "/o=Org/cn=bob"), row(1, "Flo", "FLO@example.org")), outer, `
ATTENDEE;CN=Flo;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:flo@example.org
ATTENDEE;CN=Gil;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:gil@example.org
ATTENDEE;CN=Room 1;CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:room1@example.org
ATTENDEE;CN=Bob;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.net
-hal@example.org
-ida@example.org
-ATTENDEE;CN=Ann
-FLO@example.org`},
		{"names that only the stream knows", request(appointmentProp(lidCcAttendees, "Cy Lee (cy@example.net)")), outer, `
ATTENDEE;CN=Cy Lee;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:cy@example.net`},
		{"addresses that only the stream knows", request(appointmentProp(lidToAttendees, "Cy (cy@example.net); Dee")), with(func(o *Outer) { o.To, o.Cc = nil, nil }), `
ATTENDEE;CN=Cy;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:cy@example.net`},
		{"sent by a delegate", request(), with(func(o *Outer) { o.Sender = &mail.Address{Address: "sec@example.com"} }), `
ORGANIZER;CN=Ann Lee;SENT-BY="mailto:sec@example.com":mailto:ann@example.com`},
		{"an organizer known by his X.500 name", request(Prop{ID: pidTagSentName, Value: "Ann"}, Prop{ID: pidTagSentType, Value: "EX"}, Prop{ID: pidTagSentAddress, Value: "/o=x/cn=ann"}), outer, `
ORGANIZER;CN=Ann Lee:mailto:ann@example.com`},
		{"kinds of time", request(appointmentProp(lidBusyStatus, int32(1)), appointmentProp(lidIntendedStatus, int32(0)), Prop{ID: pidTagSensitivity, Value: int32(2)}, Prop{ID: pidTagImportance, Value: int32(2)},
			namedProp(SetCommon, lidReminderSet, true), namedProp(SetCommon, lidReminderDelta, int32(defaultReminder)), Prop{ID: pidTagOwnerAppointment, Value: int32(-7)}), outer, `
TRANSP:TRANSPARENT
X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE
X-MICROSOFT-CDO-INTENDEDSTATUS:FREE
CLASS:PRIVATE
PRIORITY:1
X-MICROSOFT-CDO-IMPORTANCE:2
X-MICROSOFT-CDO-OWNERAPPTID:-7
TRIGGER;RELATED=START:-PT15M`},
		{"intended but not said", request(appointmentProp(lidBusyStatus, int32(2)), appointmentProp(lidIntendedStatus, int32(-1))), outer, `
TRANSP:OPAQUE
-INTENDEDSTATUS`},
		{"no answer wanted", request(Prop{ID: pidTagResponseRequested, Value: false}), outer, `
-RSVP`},
		{"control characters", request(appointmentProp(lidLocation, "Room\x00 1\x0b,\r\nfirst floor\u0085")), outer, `
LOCATION:Room 1\,\nfirst floor`},
		{"a dragged appointment", classed(request(), "IPM.Appointment"), outer, `
METHOD:PUBLISH
-ATTENDEE`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.o.Text = "I will be there"
			got, err := tc.m.Meeting(tc.o)
			if err != nil {
				t.Fatal(err)
			}
			eventLines(t, got.Calendar) // well formed
			text := strings.ReplaceAll(string(got.Calendar), "\r\n ", "")
			lines := strings.Split(text, "\r\n")
			_, event, _ := strings.Cut(text, "BEGIN:VEVENT")
			for _, want := range strings.Split(strings.TrimSpace(tc.want), "\n") {
				if part, not := strings.CutPrefix(want, "-"); not {
					if strings.Contains(event, part) {
						t.Errorf("%s is in\n%s", part, text)
					}
				} else if !slices.Contains(lines, want) {
					t.Errorf("%s is not in\n%s", want, text)
				}
			}
		})
	}
}

// What cannot be told truly is refused.
func TestMeetingRefused(t *testing.T) {
	series := func(rule string, change func(*recurrence)) Prop {
		r, err := recurrenceOf(rule, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		r.startOffset, r.endOffset = 540, 600
		change(r)
		return appointmentProp(lidRecur, r.bytes(defaultCodepage))
	}
	for _, tc := range []struct {
		name string
		m    *Message
		o    Outer
		want string
	}{
		{"another class", classed(request(), "IPM.Note"), outer, "not a meeting"},
		{"a longer name", classed(request(), "IPM.AppointmentX"), outer, "not a meeting"},
		{"a task", classed(request(), "IPM.TaskRequest.Accept"), outer, "tasks"},
		{"no identity", request(namedProp(SetMeeting, lidCleanGlobalID, []byte("x"))), outer, "global object id"},
		{"no start", request(appointmentProp(lidStartWhole, time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC))), outer, "no start"},
		{"it ends first", request(appointmentProp(lidEndWhole, berlin9.Add(-time.Hour))), outer, "before it starts"},
		{"no organizer", request(), with(func(o *Outer) { o.From = nil }), "name the sender"},
		{"nobody is invited", request(), with(func(o *Outer) { o.To, o.Cc = nil, nil }), "invited"},
		{"an answer to nobody", respond("IPM.Schedule.Meeting.Resp.Pos"), with(func(o *Outer) { o.To = nil }), "organizer to whom it responds"},
		{"one occurrence, but which", request(namedProp(SetMeeting, lidIsException, true)), outer, "name the occurrence"},
		{"a counter proposal of nothing", respond("IPM.Schedule.Meeting.Resp.Tent", appointmentProp(lidCounterProposal, true)), outer, "counter-proposal"},
		{"a series without a pattern", request(appointmentProp(lidRecurring, true)), outer, "pattern"},
		{"a damaged pattern", request(appointmentProp(lidRecur, []byte("\x04\x30\x04\x30\x0b"))), outer, "truncated"},
		{"a pattern at another time", request(series("FREQ=DAILY", func(r *recurrence) { r.startOffset = 500 })), outer, "none of the time zones"},
		{"a pattern without a zone", classed(&Message{Props: request(series("FREQ=DAILY", func(r *recurrence) { r.startOffset = 540 })).Props[:5]}, "IPM.Schedule.Meeting.Request"), outer, "none of the time zones"},
		{"a pattern on other days", request(series("FREQ=DAILY;INTERVAL=2", func(r *recurrence) { r.startDate -= dayLength })), outer, "not a day of its pattern"},
		{"a count from another day", request(series("FREQ=DAILY;COUNT=9", func(r *recurrence) { r.startDate -= dayLength })), outer, "count"},
		{"months of the moon", request(series("FREQ=MONTHLY", func(r *recurrence) { r.calendar = 0xF })), outer, "Chinese lunar"},
		{"a whole day somewhere", classed(&Message{Props: request(appointmentProp(lidSubType, true), appointmentProp(lidStartWhole, berlin9.Add(4*time.Hour)), appointmentProp(lidEndWhole, berlin9.Add(28*time.Hour))).Props[:6]}, "IPM.Schedule.Meeting.Request"), outer, "without a time zone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.m.Meeting(tc.o)
			if err == nil {
				t.Fatalf("it became\n%s", got.Calendar)
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %q does not say %q", err, tc.want)
			}
			if class, _ := tc.m.class(); errors.Is(err, ErrNoMeeting) != (class.method == "") {
				t.Errorf("error %q: no meeting %v", err, errors.Is(err, ErrNoMeeting))
			}
		})
	}
}

// A series without a zone whose pattern starts at the time that its start has in
// UTC is one in UTC.
func TestSeriesWithoutZone(t *testing.T) {
	r, err := recurrenceOf("FREQ=WEEKLY;COUNT=5", berlin9, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	midnight := berlin9.Truncate(24 * time.Hour)
	for name, tc := range map[string]struct {
		offset uint32
		start  time.Time
		allDay bool
		want   string
	}{
		"times": {480, berlin9, false, "DTSTART:20260302T080000Z\r\nDTEND:20260302T090000Z"},
		"days":  {0, midnight, true, "DTSTART;VALUE=DATE:20260302\r\nDTEND;VALUE=DATE:20260303"},
	} {
		t.Run(name, func(t *testing.T) {
			r.startOffset, r.endOffset = tc.offset, tc.offset+60
			end := tc.start.Add(time.Hour)
			if tc.allDay {
				end = tc.start.Add(24 * time.Hour)
			}
			props := append(request().Props[:2:2], appointmentProp(lidStartWhole, tc.start), appointmentProp(lidEndWhole, end),
				appointmentProp(lidSubType, tc.allDay), appointmentProp(lidRecur, r.bytes(defaultCodepage)))
			got, err := classed(&Message{Props: props}, "IPM.Schedule.Meeting.Request").Meeting(outer)
			if err != nil {
				t.Fatal(err)
			}
			if text := string(got.Calendar); !strings.Contains(text, tc.want) || !strings.Contains(text, "RRULE:FREQ=WEEKLY;COUNT=5") {
				t.Errorf("%q is not in\n%s", tc.want, text)
			}
		})
	}
}

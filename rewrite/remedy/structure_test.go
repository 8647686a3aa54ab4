package remedy

import (
	"strings"
	"testing"
)

func TestCancelStatusMissing(t *testing.T) {
	one := eventOf("CANCEL", "UID:1", "ATTENDEE:mailto:a@x.example")
	done := eventOf("CANCEL", "UID:1", "ATTENDEE:mailto:a@x.example", "STATUS:CANCELLED")
	two := eventOf("CANCEL", "UID:1", "ORGANIZER:mailto:boss@x.example", "ATTENDEE:MAILTO:A@x.example", "ATTENDEE:mailto:b@x.example", "ATTENDEE:mailto:boss@x.example")
	table(t, "cancel-status-missing", []row{
		{name: "the only attendee", in: one, want: done, found: 1, with: with(to("a@x.example"))},
		{name: "by the envelope", in: one, want: done, found: 1, with: with(rcpt("A@X.example"))},
		{name: "all attendees, one of them in Cc", in: two, want: strings.Replace(two, "END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT", 1), found: 1, with: with(to("a@x.example"), cc("b@x.example"))},
		{name: "one of two: only uninvited", in: two, found: 1, note: "removed attendee", with: with(to("a@x.example"))},
		{name: "no mail around it", in: one, found: 1, note: "not known"},
		{name: "nobody listed", in: eventOf("CANCEL", "UID:1"), want: eventOf("CANCEL", "UID:1", "STATUS:CANCELLED"), found: 1},
		{name: "an attendee without mail", in: eventOf("CANCEL", "UID:1", "ATTENDEE:urn:uuid:1"), found: 1, note: "has no mail address", with: with(to("a@x.example"))},
		{name: "empty", in: eventOf("CANCEL", "STATUS:", "UID:1"), want: eventOf("CANCEL", "STATUS:CANCELLED", "UID:1"), found: 1},
		{name: "confirmed is not missing", in: eventOf("CANCEL", "UID:1", "STATUS:CONFIRMED")},
		{name: "a request", in: event("UID:1")},
		{name: "a series beside an occurrence",
			in:    calendar("METHOD:CANCEL", "BEGIN:VEVENT", "UID:1", "END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260302T080000Z", "END:VEVENT"),
			want:  calendar("METHOD:CANCEL", "BEGIN:VEVENT", "UID:1", "END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260302T080000Z", "STATUS:CANCELLED", "END:VEVENT"),
			found: 2, note: "beside it"},
	})
}

func TestCancelStatusConfirmed(t *testing.T) {
	table(t, "cancel-status-confirmed", []row{
		{name: "confirmed", in: eventOf("CANCEL", "UID:1", "STATUS:CONFIRMED"), want: eventOf("CANCEL", "UID:1", "STATUS:CANCELLED"), found: 1},
		{name: "uninvited", in: eventOf("CANCEL", "STATUS:CONFIRMED", "ATTENDEE:mailto:a@x.example"), found: 1, note: "removed attendee", with: with(to("b@x.example"))},
		{name: "cancelled", in: eventOf("CANCEL", "UID:1", "STATUS:Cancelled")},
		{name: "missing", in: eventOf("CANCEL", "UID:1")},
		{name: "a request", in: event("STATUS:CONFIRMED")},
	})
}

func TestRequestCancelled(t *testing.T) {
	table(t, "request-cancelled", []row{
		{name: "request", in: event("ORGANIZER:mailto:boss@x.example", "STATUS:CANCELLED"), want: eventOf("CANCEL", "ORGANIZER:mailto:boss@x.example", "STATUS:CANCELLED"),
			found: 1, with: with(from("boss@x.example"))},
		{name: "sent for the organizer", in: event("ORGANIZER:MAILTO:boss@x.example", "STATUS:cancelled"), want: eventOf("CANCEL", "ORGANIZER:MAILTO:boss@x.example", "STATUS:cancelled"),
			found: 1, with: with(from("jane@x.example"), sender("Boss@x.example"))},
		{name: "from somebody else", in: event("ORGANIZER:mailto:boss@x.example", "STATUS:CANCELLED"), found: 1, note: "does not come from the organizer", with: with(from("jane@x.example"))},
		{name: "one of two", in: calendar("METHOD:REQUEST", "BEGIN:VEVENT", "STATUS:CANCELLED", "END:VEVENT", "BEGIN:VEVENT", "END:VEVENT"), found: 1, note: "not everything"},
		{name: "cancel", in: eventOf("CANCEL", "UID:1", "STATUS:CANCELLED")},
		{name: "confirmed", in: event("UID:1", "STATUS:CONFIRMED")},
	})
}

func TestCancelValarm(t *testing.T) {
	alarm := []string{"UID:1", "BEGIN:VALARM", "TRIGGER:-PT15M", "END:VALARM", "BEGIN:VALARM", "END:VALARM"}
	table(t, "cancel-valarm", []row{
		{name: "cancel", in: eventOf("CANCEL", alarm...), want: eventOf("CANCEL", "UID:1"), found: 2},
		{name: "reply", in: eventOf("REPLY", alarm...), want: eventOf("REPLY", "UID:1"), found: 2},
		{name: "request keeps it", in: event(alarm...)},
	})
}

func TestCancelRRule(t *testing.T) {
	const rid = "RECURRENCE-ID:20260302T080000Z"
	table(t, "cancel-rrule", []row{
		{name: "occurrence", in: eventOf("CANCEL", rid, "RRULE:FREQ=DAILY", "EXDATE:20260303T080000Z", "RDATE:20260304T080000Z"), want: eventOf("CANCEL", rid), found: 3},
		{name: "series", in: eventOf("CANCEL", "RRULE:FREQ=DAILY")},
		{name: "request", in: event(rid, "RRULE:FREQ=DAILY")},
		{name: "more than one occurrence", in: eventOf("CANCEL", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260302T080000Z", "RRULE:FREQ=DAILY")},
	})
}

func TestGhostVevent(t *testing.T) {
	occurrence := []string{"METHOD:CANCEL", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260302T080000Z", "DTSTART:20260302T080000Z", "END:VEVENT"}
	beside := func(lines ...string) string {
		return calendar(append(append(append([]string{}, occurrence...), "BEGIN:VEVENT"), append(lines, "END:VEVENT")...)...)
	}
	table(t, "ghost-vevent", []row{
		{name: "a UID and nothing else", in: beside("UID:1"), want: calendar(occurrence...), found: 1},
		{name: "with CDO's habits", in: beside("UID:1", "DTSTAMP:20260301T000000Z", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"), want: calendar(occurrence...), found: 1},
		{name: "cancels the series", in: beside("UID:1", "ORGANIZER:mailto:a@x.example", "STATUS:CANCELLED")},
		{name: "another meeting", in: beside("UID:2")},
		{name: "with an alarm", in: beside("UID:1", "BEGIN:VALARM", "END:VALARM")},
		{name: "alone", in: eventOf("CANCEL", "UID:1")},
		{name: "two ghosts and nothing real", in: calendar("BEGIN:VEVENT", "UID:1", "END:VEVENT", "BEGIN:VEVENT", "UID:1", "END:VEVENT")},
	})
}

func TestValarmOrder(t *testing.T) {
	table(t, "valarm-order", []row{
		{name: "in the middle", in: event("UID:1", "BEGIN:VALARM", "TRIGGER:-PT5M", "END:VALARM", "SUMMARY:x"), want: event("UID:1", "SUMMARY:x", "BEGIN:VALARM", "TRIGGER:-PT5M", "END:VALARM"), found: 1},
		{name: "last", in: event("UID:1", "BEGIN:VALARM", "END:VALARM")},
	})
}

func TestValarmIncomplete(t *testing.T) {
	alarm := func(lines ...string) string {
		return event(append(append([]string{"UID:1", "BEGIN:VALARM"}, lines...), "END:VALARM")...)
	}
	table(t, "valarm-incomplete", []row{
		{name: "no TRIGGER", in: alarm("ACTION:DISPLAY", "DESCRIPTION:x"), want: event("UID:1"), found: 1},
		{name: "no ACTION", in: alarm("TRIGGER:-PT5M", "DESCRIPTION:x"), want: alarm("TRIGGER:-PT5M", "DESCRIPTION:x", "ACTION:DISPLAY"), found: 1},
		{name: "nothing but TRIGGER", in: alarm("TRIGGER:-PT5M"), want: alarm("TRIGGER:-PT5M", "ACTION:DISPLAY", "DESCRIPTION:Reminder"), found: 2},
		{name: "complete", in: alarm("TRIGGER:-PT5M", "ACTION:DISPLAY", "DESCRIPTION:x")},
		{name: "sound", in: alarm("TRIGGER:-PT5M", "ACTION:AUDIO")},
	})
}

func TestBareVevent(t *testing.T) {
	bare := crlf("BEGIN:VEVENT", "UID:1", "END:VEVENT")
	wrapped := func(method ...string) string {
		all := append(append([]string{"BEGIN:VCALENDAR"}, method...), "PRODID:-//Reconvene//Reconvene//EN", "VERSION:2.0", "BEGIN:VEVENT", "UID:1", "END:VEVENT", "END:VCALENDAR")
		return crlf(all...)
	}
	method := func(m string) func(*Object) { return func(c *Object) { c.Part.Method = m } }
	table(t, "bare-vevent", []row{
		{name: "with a method", in: bare, want: wrapped("METHOD:REQUEST"), found: 1, with: with(method("request"))},
		{name: "without", in: bare, want: wrapped(), found: 1},
		{name: "a method that is none", in: bare, want: wrapped(), found: 1, with: with(method("X\r\nY"))},
		{name: "cut off", in: crlf("BEGIN:VEVENT", "UID:1"), found: 1, note: "cut off"},
		{name: "wrapped", in: wrapped()},
		{name: "no event", in: crlf("hello")},
	})
}

func TestMultiUID(t *testing.T) {
	two := func(method, a, b string) string {
		return calendar("METHOD:"+method, "BEGIN:VEVENT", "UID:"+a, "END:VEVENT", "BEGIN:VEVENT", "UID:"+b, "END:VEVENT")
	}
	table(t, "multi-uid", []row{
		{name: "two meetings", in: two("REQUEST", "1", "2"), found: 1, note: "each meeting"},
		{name: "published", in: two("PUBLISH", "1", "2")},
		{name: "one", in: two("REQUEST", "1", "1")},
		{name: "one, spelled in two ways", in: two("REQUEST", goidDated, goidLower)},
	})
}

func TestInstanceNoRRule(t *testing.T) {
	series := func(rule string) string {
		return calendar("METHOD:REQUEST", "BEGIN:VEVENT", "UID:1", rule, "END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260302T080000Z", "END:VEVENT")
	}
	table(t, "instance-no-rrule", []row{
		{name: "no rule", in: series("SUMMARY:x"), found: 1, note: "not known"},
		{name: "rule", in: series("RRULE:FREQ=DAILY")},
		{name: "orphan", in: event("UID:1", "RECURRENCE-ID:20260302T080000Z")},
	})
}

func TestAddMethod(t *testing.T) {
	table(t, "add-method", []row{
		{name: "add", in: eventOf("ADD", "UID:1"), found: 1, note: "whole series"},
		{name: "request", in: event("UID:1")},
	})
}

func TestComponentsExtra(t *testing.T) {
	table(t, "components-extra", []row{
		{name: "task", in: calendar("METHOD:REQUEST", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTODO", "END:VTODO"), found: 1, note: "not known"},
		{name: "private", in: calendar("METHOD:REQUEST", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:X-FOO", "END:X-FOO"), found: 1, note: "not known"},
		{name: "no message", in: calendar("BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTODO", "END:VTODO")},
		{name: "a task alone", in: calendar("METHOD:REQUEST", "BEGIN:VTODO", "END:VTODO")},
		{name: "time zone", in: calendar("METHOD:REQUEST", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "BEGIN:VEVENT", "END:VEVENT")},
	})
}

func TestMultiVcalendar(t *testing.T) {
	zone := func(offset string) []string { return []string{"BEGIN:VTIMEZONE", "TZID:Z", offset, "END:VTIMEZONE"} }
	ev := func(uid, rid string) []string { return []string{"BEGIN:VEVENT", "UID:" + uid, rid, "END:VEVENT"} }
	cal := func(parts ...[]string) string {
		all := []string{"METHOD:REQUEST"}
		for _, p := range parts {
			all = append(all, p...)
		}
		return calendar(all...)
	}
	a, b := ev("1", "RECURRENCE-ID:20260302T080000Z"), ev("1", "RECURRENCE-ID:20260303T080000Z")
	table(t, "multi-vcalendar", []row{
		{name: "one meeting", in: cal(zone("X-A:1"), a) + cal(zone("X-A:1"), b), want: cal(zone("X-A:1"), a, b), found: 1},
		{name: "a zone in the second one", in: cal(a) + cal(zone("X-A:1"), b), want: cal(zone("X-A:1"), a, b), found: 1},
		{name: "two zones of one name", in: cal(zone("X-A:1"), a) + cal(zone("X-A:2"), b), found: 1, note: "time zone"},
		{name: "two meetings", in: cal(a) + cal(ev("2", "SUMMARY:x")), found: 1, note: "different meetings"},
		{name: "the same occurrence", in: cal(a) + cal(a), found: 1, note: "one occurrence"},
		{name: "two methods", in: cal(a) + calendar("METHOD:CANCEL"), found: 1, note: "methods"},
		{name: "one", in: cal(a)},
	})
}

func TestMethodExport(t *testing.T) {
	table(t, "method-export", []row{
		{name: "exported", in: eventOf("Export", "UID:1"), want: eventOf("PUBLISH", "UID:1"), found: 1},
		{name: "another method", in: eventOf("REQUEST", "UID:1")},
		{name: "none", in: calendar()},
	})
}

func TestPublishNoOrganizer(t *testing.T) {
	table(t, "publish-no-organizer", []row{
		{name: "nobody's", in: eventOf("PUBLISH", "UID:1"), found: 1, note: "who owns the event"},
		{name: "somebody's", in: eventOf("PUBLISH", "ORGANIZER:mailto:a@x.example")},
		{name: "a request", in: event("UID:1")},
	})
}

func TestCommentNotDescription(t *testing.T) {
	table(t, "comment-not-description", []row{
		{name: "comment", in: eventOf("REPLY", "COMMENT:late"), found: 1, note: "right property"},
		{name: "both", in: eventOf("REPLY", "COMMENT:late", "DESCRIPTION:late")},
		{name: "a request", in: event("COMMENT:late")},
	})
}

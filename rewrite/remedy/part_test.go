package remedy

import (
	"strings"
	"testing"
)

func inPart(p PartHeader) func(*Object) { return func(c *Object) { c.Part = p } }

func TestMethodMissing(t *testing.T) {
	bare := calendar("BEGIN:VEVENT", "UID:1", "END:VEVENT")
	with1 := strings.Replace(bare, "VCALENDAR\r\n", "VCALENDAR\r\nMETHOD:CANCEL\r\n", 1)
	table(t, "method-missing", []row{
		{name: "copied", in: bare, want: with1, found: 1, with: with(inPart(PartHeader{Method: "cancel"}))},
		{name: "empty", in: strings.Replace(bare, "VCALENDAR\r\n", "VCALENDAR\r\nMETHOD:\r\n", 1), want: with1, found: 1, with: with(inPart(PartHeader{Method: "CANCEL"}))},
		{name: "no parameter", in: bare},
		{name: "no method of iTIP", in: bare, with: with(inPart(PartHeader{Method: "EXPORT"}))},
		{name: "there already", in: with1, with: with(inPart(PartHeader{Method: "REQUEST"}))},
		{name: "in the event", in: calendar("BEGIN:VEVENT", "METHOD:REQUEST", "UID:1", "END:VEVENT"), with: with(inPart(PartHeader{Method: "REQUEST"}))},
	})
}

func TestMethodInVevent(t *testing.T) {
	want := strings.Replace(calendar("BEGIN:VEVENT", "UID:1", "END:VEVENT"), "VCALENDAR\r\n", "VCALENDAR\r\nMETHOD:REQUEST\r\n", 1)
	table(t, "method-in-vevent", []row{
		{name: "moved", in: calendar("BEGIN:VEVENT", "METHOD:request", "UID:1", "END:VEVENT"), want: want, found: 1},
		{name: "in both", in: event("METHOD:REQUEST", "UID:1"), want: event("UID:1"), found: 1},
		{name: "differs", in: event("METHOD:CANCEL", "UID:1"), found: 1, note: "agree"},
		{name: "two values", in: calendar("BEGIN:VEVENT", "METHOD:CANCEL", "END:VEVENT", "BEGIN:VEVENT", "METHOD:REQUEST", "END:VEVENT"), found: 1, note: "agree"},
		{name: "no method of iTIP", in: calendar("BEGIN:VEVENT", "METHOD:GET", "END:VEVENT"), found: 1, note: "agree"},
		{name: "clean", in: event("UID:1")},
	})
}

func TestMethodDuplicate(t *testing.T) {
	table(t, "method-duplicate", []row{
		{name: "equal", in: calendar("METHOD:REQUEST", "METHOD:request", "METHOD:REQUEST"), want: calendar("METHOD:REQUEST"), found: 1},
		{name: "different", in: calendar("METHOD:REQUEST", "METHOD:CANCEL"), found: 1, note: "differ"},
		{name: "one", in: calendar("METHOD:REQUEST")},
	})
}

func TestMethodCase(t *testing.T) {
	table(t, "method-case", []row{
		{name: "calendar", in: calendar("METHOD:Request"), want: calendar("METHOD:REQUEST"), found: 1},
		{name: "unknown", in: calendar("METHOD:export")},
		{name: "upper", in: calendar("METHOD:REQUEST")},
	})
}

// TestPartHeader runs the remedies that change header fields of the part.
func TestPartHeader(t *testing.T) {
	cancelled := event("UID:1", "STATUS:CANCELLED")
	umlaut := event("UID:1", "SUMMARY:Grüße")
	many := event("UID:1", "SUMMARY:"+strings.Repeat("ü", 200))
	tests := []struct {
		name, id, in string
		part, want   PartHeader
		found        int
	}{
		{"case of the parameter", "method-case", event("UID:1"), PartHeader{Method: "request"}, PartHeader{Method: "REQUEST"}, 1},
		{"mismatch", "method-mismatch", event("UID:1"), PartHeader{Method: "PUBLISH"}, PartHeader{Method: "REQUEST"}, 1},
		{"only the case differs", "method-mismatch", event("UID:1"), PartHeader{Method: "request"}, PartHeader{Method: "request"}, 0},
		{"cancel that is a request", "method-mismatch", cancelled, PartHeader{Method: "CANCEL"}, PartHeader{Method: "CANCEL"}, 1},
		{"no parameter", "method-mismatch", event("UID:1"), PartHeader{}, PartHeader{}, 0},
		{"parameter missing", "ct-method-missing", event("UID:1"), PartHeader{MediaType: "text/calendar"}, PartHeader{MediaType: "text/calendar", Method: "REQUEST"}, 1},
		{"attachment gets none", "ct-method-missing", event("UID:1"), PartHeader{MediaType: "text/calendar", Disposition: "attachment"}, PartHeader{MediaType: "text/calendar", Disposition: "attachment"}, 0},
		{"application/ics gets none", "ct-method-missing", event("UID:1"), PartHeader{MediaType: "application/ics"}, PartHeader{MediaType: "application/ics"}, 0},
		{"no part", "ct-method-missing", event("UID:1"), PartHeader{Bare: true, MediaType: "text/calendar"}, PartHeader{Bare: true, MediaType: "text/calendar"}, 0},
		{"media type", "ct-case", event("UID:1"), PartHeader{MediaType: "Text/Calendar"}, PartHeader{MediaType: "text/calendar"}, 1},
		{"another media type", "ct-case", event("UID:1"), PartHeader{MediaType: "Application/ICS"}, PartHeader{MediaType: "Application/ICS"}, 0},
		{"attachment", "cd-attachment", event("UID:1"), PartHeader{Alternative: true, Disposition: "attachment"}, PartHeader{Alternative: true, Disposition: "inline"}, 1},
		{"attachment beside", "cd-attachment", event("UID:1"), PartHeader{Disposition: "attachment"}, PartHeader{Disposition: "attachment"}, 0},
		{"wrong component", "ct-component", event("UID:1"), PartHeader{Component: "VTODO"}, PartHeader{}, 1},
		{"one of the components", "ct-component", event("UID:1"), PartHeader{Component: "VTODO, vevent"}, PartHeader{Component: "VTODO, vevent"}, 0},
		{"octets", "ct-octet-stream", event("UID:1"), PartHeader{Only: true, MediaType: "application/octet-stream"}, PartHeader{Only: true, MediaType: "text/calendar", Method: "REQUEST", Charset: "utf-8"}, 1},
		{"octets beside another", "ct-octet-stream", event("UID:1"), PartHeader{MediaType: "application/octet-stream"}, PartHeader{MediaType: "application/octet-stream"}, 0},
		{"octets without a method", "ct-octet-stream", calendar(), PartHeader{Only: true, MediaType: "application/octet-stream"}, PartHeader{Only: true, MediaType: "application/octet-stream"}, 0},
		{"like a picture", "cd-inline-cid", event("UID:1"), PartHeader{ContentID: "0", Disposition: "inline"}, PartHeader{}, 1},
		{"shown by the text", "cd-inline-cid", event("UID:1"), PartHeader{ContentID: "0", Disposition: "inline", Referred: true}, PartHeader{ContentID: "0", Disposition: "inline", Referred: true}, 0},
		{"forwarded", "outlook-forward-ics", event("UID:1", "X-MS-OLK-FORCEINSPECTOROPEN:TRUE"), PartHeader{Only: true, Disposition: "attachment"}, PartHeader{Only: true, Disposition: "inline"}, 1},
		{"attached by hand", "outlook-forward-ics", event("UID:1"), PartHeader{Only: true, Disposition: "attachment"}, PartHeader{Only: true, Disposition: "attachment"}, 0},
		{"quotes", "charset-quoted", event("UID:1"), PartHeader{Charset: "utf-8", Quoted: true}, PartHeader{Charset: "utf-8"}, 1},
		{"no quotes", "charset-quoted", event("UID:1"), PartHeader{Charset: "utf-8"}, PartHeader{Charset: "utf-8"}, 0},
		{"no name", "inline-no-filename", event("UID:1"), PartHeader{MediaType: "text/calendar"}, PartHeader{MediaType: "text/calendar", Name: "meeting.ics"}, 1},
		{"named", "inline-no-filename", event("UID:1"), PartHeader{MediaType: "text/calendar", Name: "x.ics"}, PartHeader{MediaType: "text/calendar", Name: "x.ics"}, 0},
		{"8bit", "8bit-to-7bit-server", umlaut, PartHeader{Encoding: "8bit"}, PartHeader{Encoding: "quoted-printable"}, 1},
		{"mostly 8bit", "8bit-to-7bit-server", many, PartHeader{}, PartHeader{Encoding: "base64"}, 1},
		{"8bit in name only", "8bit-to-7bit-server", event("UID:1"), PartHeader{Encoding: "8bit"}, PartHeader{Encoding: "8bit"}, 0},
		{"base64 in one line", "cte-long-line", umlaut, PartHeader{Encoding: "base64", LongLines: true}, PartHeader{Encoding: "base64"}, 1},
		{"base64 in lines", "cte-long-line", umlaut, PartHeader{Encoding: "base64"}, PartHeader{Encoding: "base64"}, 0},
		{"encoded", "8bit-to-7bit-server", umlaut, PartHeader{Encoding: "base64"}, PartHeader{Encoding: "base64"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.id+"/"+tt.name, func(t *testing.T) {
			var c *Object
			_, findings := run(t, tt.id, tt.in, inPart(tt.part), func(got *Object) { c = got })
			if c.Part != tt.want || len(findings) != tt.found {
				t.Errorf("got %+v, want %+v; findings %+v", c.Part, tt.want, findings)
			}
		})
	}
}

func TestQPDamage(t *testing.T) {
	clean := event("UID:1", "SUMMARY:a", " b")
	doubled := strings.ReplaceAll(clean, "\r\n", "\r\n\r\n")
	qp := with(inPart(PartHeader{Encoding: "quoted-printable"}))
	tests := []struct {
		name, in, want string
		found          int
		with           []func(*Object)
	}{
		{"doubled", doubled, clean, 1, qp},
		{"doubled but the last", strings.TrimSuffix(doubled, "\r\n"), clean, 1, qp},
		{"clean", clean, clean, 0, qp},
		{"some empty lines", strings.Replace(clean, "\r\n", "\r\n\r\n", 1), strings.Replace(clean, "\r\n", "\r\n\r\n", 1), 0, qp},
		{"another encoding", doubled, doubled, 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, findings := run(t, "qp-damage", tt.in, tt.with...)
			if out != tt.want || len(findings) != tt.found {
				t.Errorf("got %q, want %q; findings %+v", out, tt.want, findings)
			}
		})
	}
}

func TestQPWordwrapInValue(t *testing.T) {
	table(t, "qp-wordwrap-in-value", []row{
		{name: "torn", in: event("RDATE:20260302T080000Z,", "20260303T080000Z,", "20260304T080000Z", "UID:1"), want: event("RDATE:20260302T080000Z,20260303T080000Z,20260304T080000Z", "UID:1"), found: 1},
		{name: "folded and torn", in: event("RRULE:FREQ=WEEKLY;", " BYDAY=MO,", "TU", "UID:1"), want: event("RRULE:FREQ=WEEKLY;BYDAY=MO,TU", "UID:1"), found: 1},
		{name: "a property follows", in: event("EXDATE:20260302T080000Z,", "UID:1")},
		{name: "text", in: event("SUMMARY:one,", "two", "UID:1")},
		{name: "whole", in: event("RDATE:20260302T080000Z,20260303T080000Z")},
	})
}

func TestResentLoop(t *testing.T) {
	list := func(c *Object) { c.Mail.List = "<team.x.example>" }
	table(t, "resent-loop", []row{
		{name: "through a list", in: event("ORGANIZER:mailto:boss@x.example"), found: 1, note: "team.x.example", with: with(list, from("team@x.example"))},
		{name: "in his own name", in: event("ORGANIZER:mailto:boss@x.example"), with: with(list, from("boss@x.example"))},
		{name: "no list", in: event("ORGANIZER:mailto:boss@x.example"), with: with(from("team@x.example"))},
	})
}

func TestSMTPUTF8Address(t *testing.T) {
	table(t, "smtputf8-address", []row{
		{name: "letters", in: event("ATTENDEE:mailto:jürgen@x.example"), found: 1, note: "no other spelling"},
		{name: "a name", in: event(`ATTENDEE;CN="Jürgen":mailto:j@x.example`)},
	})
}

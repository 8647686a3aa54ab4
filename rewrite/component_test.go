package rewrite_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/rewrite"
)

// seriesMail is a series with a moved occurrence, as Exchange 2003 writes it.
const seriesMail = "From: <anna@example.com>\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\n\n" +
	"BEGIN:VCALENDAR\nMETHOD:REQUEST\nPRODID:Microsoft CDO for Microsoft Exchange\nVERSION:2.0\n" +
	"BEGIN:VEVENT\nUID:s@example.com\nDTSTAMP:20260301T090000Z\nSEQUENCE:0\nX-MICROSOFT-CDO-APPT-SEQUENCE:3\nDTSTART:20260302T090000Z\nDTEND:20260302T100000Z\nRRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY:Budget\nORGANIZER:mailto:Anna@example.com\nATTENDEE;PARTSTAT=accepted:mailto:bob@example.net\nEND:VEVENT\n" +
	"BEGIN:VEVENT\nUID:s@example.com\nRECURRENCE-ID:20260309T090000Z\nDTSTAMP:20260301T090001Z\nSEQUENCE:0\nX-MICROSOFT-CDO-APPT-SEQUENCE:4\nDTSTART:20260309T110000Z\nDTEND:20260309T120000Z\nSUMMARY:Budget\nORGANIZER:mailto:anna@example.com\nATTENDEE:mailto:bob@example.net\nEND:VEVENT\nEND:VCALENDAR\n"

// Every component is reported, as it was received and as it is sent.
func TestComponents(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    rewrite.Options
		sent [2]int
		id   string // RECURRENCE-ID as sent
	}{
		{"repaired", rewrite.Options{}, [2]int{3, 4}, "20260309T090000Z"},
		{"observed", rewrite.Options{Mode: rewrite.Observe}, [2]int{0, 0}, "20260309T090000Z"},
		{"disabled", rewrite.Options{Disable: []string{"seq-cdo"}}, [2]int{0, 0}, "20260309T090000Z"},
		{"minimal", rewrite.Options{Fallback: rewrite.FallbackMinimal}, [2]int{3, 4}, "20260309T090000Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Now = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
			res, err := rewrite.Message(strings.NewReader(crlf(seriesMail)), tt.o)
			if err != nil || len(res.Report.Meetings) != 1 {
				t.Fatalf("%v, %v", res.Report, err)
			}
			list := res.Report.Meetings[0].Components
			if len(list) != 2 {
				t.Fatalf("%d components: %v", len(list), list)
			}
			for i, stamp := range []string{"20260301T090000Z", "20260301T090001Z"} {
				want := rewrite.Revision{Method: "REQUEST", UID: "s@example.com", DTStamp: stamp, Number: 3 + i}
				if i == 1 {
					want.RecurrenceID = "20260309T090000Z"
				}
				if d := cmp.Diff(want, list[i].Received); d != "" {
					t.Errorf("received %s", d)
				}
				want.Sequence = tt.sent[i]
				if d := cmp.Diff(want, list[i].Sent); d != "" {
					t.Errorf("sent %s", d)
				}
			}
			want := rewrite.Details{Revision: list[0].Sent, Summary: "Budget", Organizer: "anna@example.com", Program: "Microsoft CDO for Microsoft Exchange", Attendees: []rewrite.Attendee{{Address: "bob@example.net", PartStat: "ACCEPTED"}},
				Start: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), End: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), Rule: "FREQ=WEEKLY;COUNT=3"}
			if d := cmp.Diff(want, res.Report.Meetings[0].Sent().Details()[0]); d != "" {
				t.Errorf("details %s", d)
			}
		})
	}
}

// A meeting in an enclosed message is read and not repaired.
func TestEnclosed(t *testing.T) {
	mail := "From: <anna@example.com>\nContent-Type: message/rfc822\n\nFrom: <bob@example.net>\nContent-Type: text/calendar; method=CANCEL\n\n" +
		"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:e@example.net\nSEQUENCE:2\nDTSTAMP:20260301T090000Z\nDTSTART:20260302T090000Z\nEND:VEVENT\nEND:VCALENDAR\n"
	res, err := rewrite.Message(strings.NewReader(crlf(mail)), rewrite.Options{})
	if err != nil || res.Changed() || len(res.Report.Meetings) != 0 || len(res.Report.Enclosed) != 1 {
		t.Fatalf("%v, %+v", err, res.Report)
	}
	m := res.Report.Enclosed[0]
	want := rewrite.Revision{Method: "CANCEL", UID: "e@example.net", Sequence: 2, Number: 2, DTStamp: "20260301T090000Z"}
	if len(m.Components) != 1 || m.Components[0].Received != want || m.Components[0].Sent != want || m.Profile != "standard" || m.Part == "" {
		t.Errorf("%+v", m)
	}
	cut, err := rewrite.Message(strings.NewReader(crlf(strings.ReplaceAll(mail, "BEGIN:VEVENT", "BEGIN:VE"))), rewrite.Options{})
	if err != nil || len(cut.Report.Enclosed) != 0 || len(cut.Report.Skipped) == 0 {
		t.Errorf("a calendar without a component: %v, %+v", err, cut.Report)
	}
}

package rewrite_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// TestEachFaultIsReported has two faults of which a remedy speaks of one: the other
// is reported, too.
func TestEachFaultIsReported(t *testing.T) {
	event := func(lines ...string) string {
		all := []string{"BEGIN:VEVENT", "UID:1", "DTSTAMP:20260301T090000Z", "DTSTART:20260610T080000Z", "DTEND:20260610T090000Z", "ORGANIZER;CN=Anna:mailto:anna@example.com", "SUMMARY:x"}
		return strings.Join(append(append(all, lines...), "END:VEVENT", ""), "\r\n")
	}
	tests := []struct {
		name, in string
		property string
		notes    []string
	}{
		{"a rule that Exchange cannot store and that is none", event("RRULE:FREQ=WEEKLY;BYMONTHDAY=10"), "RRULE", []string{"cannot store", "must not have"}},
		{"another type and a part that must not be there", event("RRULE:FREQ=WEEKLY;BYMONTHDAY=10;UNTIL=20260801T120000"), "RRULE", []string{"must not have"}},
		{"an attendee who is there twice and has an odd answer", event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@partner.example", "ATTENDEE;PARTSTAT=PERHAPS:mailto:bob@partner.example"), "ATTENDEE", []string{"listed twice", "PERHAPS"}},
		{"a room without role and with an odd question", event("ATTENDEE;CUTYPE=ROOM;RSVP=PERHAPS:mailto:room@partner.example"), "ATTENDEE", []string{"list of resources", "PERHAPS"}},
		{"no mail address and an odd answer", event("ATTENDEE;PARTSTAT=PERHAPS:mailto:/o=Org/cn=bob"), "ATTENDEE", []string{"not in the message", "PERHAPS"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := rewrite.Message(bytes.NewReader(valueMail("REQUEST", "7bit", tt.in)), rewrite.Options{Now: now, Profile: remedy.Exchange})
			if err != nil {
				t.Fatal(err)
			}
			for _, note := range tt.notes {
				if !slices.ContainsFunc(res.Report.Findings(), func(f remedy.Finding) bool { return f.Property == tt.property && strings.Contains(f.Note, note) }) {
					t.Errorf("no finding with %q: %+v", note, res.Report.Findings())
				}
			}
		})
	}
}

// TestStaleRulesOfAnException enables the remedy for a series with an exception:
// all of its times move with the rules of their zone, and the guard lets them.
func TestStaleRulesOfAnException(t *testing.T) {
	old := strings.NewReplacer("Europe/Berlin", "America/Chicago", "+0100", "-0600", "+0200", "-0500", "19700329T020000", "19700405T020000", "BYMONTH=3;BYDAY=-1SU", "BYMONTH=4;BYDAY=1SU", "19701025T030000", "19701025T020000").Replace(berlinZone)
	series := "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260301T090000Z\r\nORGANIZER;CN=Anna:mailto:anna@example.com\r\nSUMMARY:x\r\n"
	const rest = "DTSTART;TZID=America/Chicago:20260310T100000\r\nDTEND;TZID=America/Chicago:20260310T110000\r\n"
	in := valueMail("REQUEST", "7bit", series+rest+"RRULE:FREQ=WEEKLY;COUNT=5\r\nEND:VEVENT\r\n"+series+rest+"RECURRENCE-ID;TZID=America/Chicago:20260317T100000\r\nEND:VEVENT\r\n")
	in = bytes.Replace(in, []byte(berlinZone), []byte(old), 1)
	res, err := rewrite.Message(bytes.NewReader(in), rewrite.Options{Now: now, Enable: []string{"tz-stale-rules"}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(res.Report.Applied(), "tz-stale-rules") || len(res.Report.Vetoed) > 0 {
		t.Errorf("applied %v, taken back %v: %+v", res.Report.Applied(), res.Report.Vetoed, res.Report.Findings())
	}
}

package rewrite

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/remedy"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// TestTNEFGuard changes the rebuilt calendar and asks the guard.
func TestTNEFGuard(t *testing.T) {
	const uid = "040000008200E00074C5B7101A82E00800000000E0B4A8D1B19ADC01000000000000000010000000AB54A98CEB1F0AD2A5B1A5B1A5B1A5B1"
	sample := strings.ReplaceAll("BEGIN:VCALENDAR\nMETHOD:REQUEST\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:"+uid+"\nDTSTAMP:20260301T120000Z\n"+
		"DTSTART:20260319T140000Z\nDTEND:20260319T150000Z\nSUMMARY:Contract\nORGANIZER:mailto:a@b.example\nATTENDEE:mailto:c@d.example\n"+
		"END:VEVENT\nEND:VCALENDAR\n", "\n", "\r\n")
	stream, err := tnef.FromCalendar([]byte(sample), tnef.Outer{From: &mail.Address{Address: "a@b.example"}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := stream.Meeting(tnef.Outer{Date: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	folded := strings.ReplaceAll(string(m.Calendar), "\r\n ", "")
	tests := []struct {
		name, from, to, want string
	}{
		{"the same", "", "", ""},
		{"in another zone", "DTSTART:20260319T140000Z", "DTSTART;TZID=America/New_York:20260319T100000", ""},
		{"start", "DTSTART:20260319T140000Z", "DTSTART:20260319T130000Z", "the start is 2026-03-19T13:00:00Z, but 2026-03-19T14:00:00Z in MAPI"},
		{"end", "DTEND:20260319T150000Z", "DTEND:20260320T150000Z", "the end"},
		{"day", "DTSTART:20260319T140000Z", "DTSTART;VALUE=DATE:20260321", "the start"},
		{"unknown zone", "DTSTART:20260319T140000Z", "DTSTART;TZID=Nowhere:20260319T140000", "not known"},
		{"method", "METHOD:REQUEST", "METHOD:CANCEL", "the method"},
		{"identity", uid, strings.Replace(uid, "AB54", "AB55", 1), "global object id"},
		{"case of the identity", uid, strings.ToLower(uid), ""},
		{"no identity", "UID:" + uid + "\r\n", "", "global object id"},
		{"no event", "VEVENT", "VTODOX", "no event"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.ReplaceAll(folded, tt.from, tt.to)
			if tt.from != "" && text == folded {
				t.Fatalf("%q is not in\n%s", tt.from, folded)
			}
			c := &remedy.Object{Octets: []byte(text)}
			if err := parse(c); err != nil {
				t.Fatal(err)
			}
			o := opened{stream: stream, meeting: m}
			got := o.differs(outcome{c: c, header: remedy.PartHeader{Method: c.Method()}})
			if got != tt.want && (tt.want == "" || !strings.Contains(got, tt.want)) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestTNEFGuardProtects asks that a repair which moves the meeting costs the
// repair and not the meeting: the guard of the remedies sees it first, and
// where they declare it, that of TNEF does.
func TestTNEFGuardProtects(t *testing.T) {
	bad := setter("bad", "DTSTART", "20260319T090000Z", ^remedy.Facet(0))
	stream, err := tnef.FromCalendar([]byte(strings.ReplaceAll("BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1@x\nDTSTAMP:20260301T120000Z\nDTSTART:20260319T140000Z\n"+
		"DTEND:20260319T150000Z\nORGANIZER:mailto:a@b.example\nATTENDEE:mailto:c@d.example\nEND:VEVENT\nEND:VCALENDAR\n", "\n", "\r\n")), tnef.Outer{})
	if err != nil {
		t.Fatal(err)
	}
	in := "From: a@b.example\r\nDate: Sun, 1 Mar 2026 12:00:00 +0000\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n" + string(tnef.Write(stream))
	res, err := rewriteWith(strings.NewReader(in), Options{}, newTable([]*remedy.Remedy{bad}))
	if err != nil || res.Changed() {
		t.Fatalf("changed %v, %v", res.Changed(), err)
	}
	if s := res.Report.Skipped; len(s) != 1 || !strings.Contains(s[0].Why, "guard: the start") {
		t.Errorf("skipped %+v", s)
	}
	if ids := res.Report.Applied(); len(ids) > 0 {
		t.Errorf("applied %v", ids)
	}
}

package tnef

import (
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// corpusFile reads a file of the corpus beside the project; the test is
// skipped where there is none.
func corpusFile(t *testing.T, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "..", "shared", "corpus", filepath.FromSlash(name)))
	if err != nil {
		t.Skip("no corpus: ", err)
	}
	return b
}

// outer is the mail that the streams of these tests are thought to be in.
var outer = Outer{
	From: &mail.Address{Name: "Ann Lee", Address: "ann@example.com"},
	To:   []*mail.Address{{Name: "Bob", Address: "bob@example.net"}},
	Cc:   []*mail.Address{{Address: "cy@example.net"}},
	Date: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC),
}

// eventLines gives the lines of the VEVENTs of a calendar, unfolded.
func eventLines(t *testing.T, calendar []byte) [][]string {
	t.Helper()
	doc, err := ical.Parse(calendar, ical.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if f := doc.Faults(); f != 0 {
		t.Errorf("content lines have faults %b", f)
	}
	var out [][]string
	for _, e := range doc.Calendars()[0].Children("VEVENT") {
		var lines []string
		for _, l := range e.Lines("") {
			lines = append(lines, l.Text())
		}
		out = append(out, lines)
	}
	return out
}

func TestRealMeetings(t *testing.T) {
	for _, tc := range []struct {
		file string
		want string
	}{
		{"TnefMeetingRequest.txt.b64-0.tnef", `
UID:040000008200E00074C5B7101A82E00800000000805A86260DFFCE010000000000000000100000006C6D150A04101E4DBEEE3BA5CF7206CC
DTSTAMP:20131222T165855Z
DTSTART;TZID=America/New_York:20131223T120000
DTEND;TZID=America/New_York:20131223T123000
RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;WKST=SU
SEQUENCE:0
ORGANIZER;CN=Ann Lee:mailto:ann@example.com
ATTENDEE;CN=Bob;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.net
ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:cy@example.net
LOCATION:Office
STATUS:CONFIRMED
X-MICROSOFT-CDO-OWNERAPPTID:903268317`},
		{"Itip_Reply.eml.tnef0.tnef", `
UID:20150113143519.trPhO6SrBAGURICFhR5NMg5@www.nachthell.net
DTSTAMP:20150114T090501Z
DTSTART:20150211T230000Z
DTEND:20150212T230000Z
SEQUENCE:0
ORGANIZER;CN=Bob:mailto:bob@example.net
ATTENDEE;CN="Meier, Jens";PARTSTAT=ACCEPTED:mailto:J.Meier@medizin.uni-leipzig.de
SUMMARY:Infoveranstaltung VDI/VDE Jena "Digitalisierung Medizintechnik"`},
	} {
		t.Run(tc.file, func(t *testing.T) {
			m, err := Read(corpusFile(t, "tnef/horde+Compress/test__Horde__Compress__fixtures__"+tc.file), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := m.Meeting(outer)
			if err != nil {
				t.Fatal(err)
			}
			events := eventLines(t, got.Calendar)
			if len(events) != 1 {
				t.Fatalf("%d events", len(events))
			}
			text := "\n" + strings.Join(events[0], "\n") + "\n"
			for _, line := range strings.Split(strings.TrimSpace(tc.want), "\n") {
				if !strings.Contains(text, "\n"+line+"\n") {
					t.Errorf("%s is not in%s", line, text)
				}
			}
		})
	}
}

package rewrite_test

import (
	"encoding/base64"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

const tnefCalendar = `BEGIN:VCALENDAR
METHOD:REQUEST
PRODID:-//Example//Test//EN
VERSION:2.0
BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E00800000000E0B4A8D1B19ADC01000000000000000010000000AB54A98CEB1F0AD2A5B1A5B1A5B1A5B1
DTSTAMP:20260301T120000Z
DTSTART:20260319T140000Z
DTEND:20260319T150000Z
SEQUENCE:1
SUMMARY:Contract
LOCATION:Room 4
DESCRIPTION:We talk about the contract.
ORGANIZER;CN=Lena Brandt:mailto:lena.brandt@partner.example
ATTENDEE;CN=Tom Abara;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:tom.abara@example.org
END:VEVENT
END:VCALENDAR
`

// tnefStream makes the winmail.dat of a meeting.
func tnefStream(t testing.TB, calendar string, change func(*tnef.Message)) []byte {
	t.Helper()
	m, err := tnef.FromCalendar([]byte(crlf(calendar)), tnef.Outer{
		From: &mail.Address{Name: "Lena Brandt", Address: "lena.brandt@partner.example"},
		Date: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(m)
	}
	return tnef.Write(m)
}

// tnefMail puts a stream into a mail as Exchange does.
func tnefMail(text string, stream []byte) string {
	return crlf(`From: Lena Brandt <lena.brandt@partner.example>
To: Tom Abara <tom.abara@example.org>
Subject: Updated: Contract
Date: Sun, 1 Mar 2026 12:00:00 +0000
Message-ID: <49aa@partner.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_b1"

--=_b1
Content-Type: text/plain; charset="us-ascii"

`) + text + crlf(`
--=_b1
Content-Type: application/ms-tnef; name="winmail.dat"
Content-Disposition: attachment; filename="winmail.dat"
Content-Transfer-Encoding: base64
X-Kept: yes

`) + lines76(base64.StdEncoding.EncodeToString(stream)) + crlf(`
--=_b1--
`)
}

func lines76(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s
}

// TestTNEFMeeting follows one meeting through: its part is replaced, and only
// that.
func TestTNEFMeeting(t *testing.T) {
	in := tnefMail("", tnefStream(t, tnefCalendar, nil))
	out, res := do(t, in, rewrite.Options{Strict: true, Header: true})
	for _, want := range []string{
		"X-Reconvene: tnef\r\nFrom: Lena",
		"X-Kept: yes\r\n",
		"Content-Type: multipart/alternative; boundary=",
		"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n",
		"DTSTART:20260319T140000Z\r\n",
		"We talk about the contract.\r\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if strings.Contains(out, "ms-tnef") || strings.Contains(out, "winmail") {
		t.Errorf("the winmail.dat is still there:\n%s", out)
	}
	checkEdits(t, []byte(in), []byte(out), res)
	if again, second := do(t, out, rewrite.Options{Strict: true, Header: true}); second.Changed() {
		t.Errorf("not idempotent:\n%s", again)
	}
}

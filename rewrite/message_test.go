package rewrite_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite"
)

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// cdoUpdate is an Exchange 2003 update as it must not reach Notes.
var cdoUpdate = crlf(`From: Anna <anna@example.com>
To: Bert <bert@example.net>
Subject: Review
Date: Mon, 2 Mar 2026 09:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_x"

preamble
--=_x
Content-Type: text/plain

moved
--=_x
Content-Type: text/calendar; method=REQUEST; charset=utf-8
Content-Transfer-Encoding: 7bit

BEGIN:VCALENDAR
METHOD:REQUEST
PRODID:Microsoft CDO for Microsoft Exchange
VERSION:2.0
BEGIN:VEVENT
DTSTAMP:20260302T090000Z
DTSTART:20260310T090000Z
DTEND:20260310T100000Z
UID:040000008200E00074C5B7101A82E00800000000
SUMMARY:Review
ORGANIZER;CN=Anna:mailto:anna@example.com
ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=B:mailto:bert@example.net
SEQUENCE:0
X-MICROSOFT-CDO-APPT-SEQUENCE:2
END:VEVENT
END:VCALENDAR

--=_x--
epilogue
`)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func do(t *testing.T, in string, o rewrite.Options) (string, rewrite.Result) {
	t.Helper()
	o.Now = now
	res, err := rewrite.Message(strings.NewReader(in), o)
	if err != nil {
		t.Fatalf("Message: %v", err)
	}
	var b bytes.Buffer
	n, err := res.WriteTo(&b)
	if err != nil || n != res.Size() || int(n) != b.Len() {
		t.Fatalf("WriteTo: %d octets written, %d said, size %d, %v", b.Len(), n, res.Size(), err)
	}
	if res.Changed() != (b.String() != in) {
		t.Errorf("Changed says %v", res.Changed())
	}
	return b.String(), res
}

func TestMessageRepairs(t *testing.T) {
	out, res := do(t, cdoUpdate, rewrite.Options{Strict: true})
	want := strings.Replace(cdoUpdate, "\r\nSEQUENCE:0", "\r\nSEQUENCE:2", 1)
	if out != want {
		t.Errorf("got %s\nreport %+v", out, res.Report)
	}
}

package rewrite_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// invitation is a mail of about 6 KB with a broken update for twenty people.
func invitation(clean bool) []byte {
	var people strings.Builder
	for i := range 20 {
		fmt.Fprintf(&people, "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"Per,\r\n son %d\":mailto:person.%d@partner.example\r\n", i, i)
	}
	sequence := "2"
	if !clean {
		sequence = "0"
	}
	calendar := crlf(`BEGIN:VCALENDAR
METHOD:REQUEST
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN=Anna:mailto:anna@example.com
`) + people.String() + crlf(`DESCRIPTION;LANGUAGE=en-US:`+strings.Repeat("Please read the\n  notes before we meet.\\n", 40)+`
RRULE:FREQ=WEEKLY;UNTIL=20261231T080000Z;INTERVAL=1;BYDAY=MO;WKST=MO
SUMMARY;LANGUAGE=en-US:Weekly review
DTSTART;TZID=Europe/Berlin:20260302T090000
DTEND;TZID=Europe/Berlin:20260302T100000
UID:040000008200E00074C5B7101A82E00800000000A0B1C2D3E4F50102000000000000000
 0100000000123456789ABCDEF0123456789ABCDEF
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:20260301T090000Z
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:`+sequence+`
LOCATION;LANGUAGE=en-US:Room 1
X-MICROSOFT-CDO-APPT-SEQUENCE:2
X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE
X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
X-MICROSOFT-CDO-IMPORTANCE:1
X-MICROSOFT-CDO-INSTTYPE:1
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:REMINDER
TRIGGER;RELATED=START:-PT15M
END:VALARM
END:VEVENT
END:VCALENDAR
`)
	return []byte(crlf(`From: Anna <anna@example.com>
To: Bert <bert@partner.example>
Subject: Weekly review
Date: Sun, 1 Mar 2026 09:00:00 +0000
Message-ID: <1@example.com>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="_000_x"

--_000_x
Content-Type: text/plain; charset="us-ascii"

Weekly review
--_000_x
Content-Type: text/calendar; charset=utf-8; method=REQUEST
Content-Transfer-Encoding: 7bit

`) + calendar + crlf("\n--_000_x--\n"))
}

func benchmark(b *testing.B, mail []byte, changed bool) {
	src := bytes.NewReader(mail)
	b.SetBytes(int64(len(mail)))
	b.ReportAllocs()
	for b.Loop() {
		res, err := rewrite.Message(src, rewrite.Options{Now: now, Header: true})
		if err != nil || res.Changed() != changed {
			b.Fatalf("changed %v by %v, %v", res.Changed(), res.Report.Applied(), err)
		}
	}
}

func BenchmarkMessage6K(b *testing.B) {
	b.Run("repaired", func(b *testing.B) { benchmark(b, invitation(false), true) })
	b.Run("clean", func(b *testing.B) { benchmark(b, invitation(true), false) })
}

func BenchmarkMessage10MB(b *testing.B) {
	var mail bytes.Buffer
	mail.WriteString("From: a@example.com\r\nContent-Type: multipart/mixed; boundary=\"----=_NextPart\"\r\n\r\n------=_NextPart\r\n\r\nhello\r\n" +
		"------=_NextPart\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	line := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("reconvene"), 7))[:76] + "\r\n"
	for mail.Len() < 10<<20 {
		mail.WriteString(line)
	}
	mail.WriteString("------=_NextPart--\r\n")
	benchmark(b, mail.Bytes(), false)
}

func BenchmarkMessagePlain4K(b *testing.B) {
	benchmark(b, []byte("From: a@example.com\r\nSubject: x\r\n\r\n"+strings.Repeat("plain text - with dashes\r\n", 160)), false)
}

// BenchmarkTNEF has a meeting in a winmail.dat with a file beside it.
func BenchmarkTNEF(b *testing.B) {
	for _, size := range []int{0, 20 << 20} {
		b.Run(fmt.Sprintf("%dMB", size>>20), func(b *testing.B) {
			stream := tnefStream(b, tnefCalendar, func(m *tnef.Message) {
				if size > 0 {
					m.Attachments = append(m.Attachments, tnef.Attachment{Name: "plan.pdf", Data: bytes.Repeat([]byte("reconvene!"), size/10)})
				}
			})
			benchmark(b, []byte(tnefMail("", stream)), true)
		})
	}
}

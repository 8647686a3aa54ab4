package main

import (
	"fmt"
	"strings"
	"time"
)

// demoMail is one of the mails of the demonstration.
type demoMail struct {
	title string
	text  []byte
}

const (
	demoFrom = "marta.quill@contoso.example"
	demoTo   = "ben.okafor@partner.example"
	demoZone = "(GMT+01.00) Amsterdam/Berlin/Bern/Rome/Stockholm/Vienna"
)

// demoMails are an invitation, an update and a cancellation as Exchange 2003
// writes them: the revision is only in X-MICROSOFT-CDO-APPT-SEQUENCE, the zone
// has a name of Exchange's own, and the other habits of that server.
func demoMails(now time.Time) []demoMail {
	day := now.UTC().AddDate(0, 0, 14)
	for day.Weekday() != time.Thursday {
		day = day.AddDate(0, 0, 1)
	}
	mail := func(step int, title, method, subject, status, busy string, hour int) demoMail {
		stamp := now.UTC().Add(time.Duration(step) * time.Minute)
		r := strings.NewReplacer("{method}", method, "{subject}", subject, "{status}", status, "{busy}", busy,
			"{stamp}", stamp.Format("20060102T150405Z"), "{date}", stamp.Format(time.RFC1123Z), "{step}", fmt.Sprint(step),
			"{year}", day.Format("2006"), "{month}", day.Format("01"), "{day}", day.Format("02"),
			"{begin}", fmt.Sprint(hour), "{end}", fmt.Sprint(hour+1),
			"{from}", demoFrom, "{to}", demoTo, "{zone}", demoZone)
		return demoMail{title, []byte(strings.ReplaceAll(r.Replace(demoTemplate), "\n", "\r\n"))}
	}
	return []demoMail{
		mail(0, "the invitation", "REQUEST", "Budget review", "CONFIRMED", "BUSY", 14),
		mail(1, "the update: one hour later", "REQUEST", "Updated: Budget review – second draft", "CONFIRMED", "BUSY", 15),
		mail(2, "the cancellation", "CANCEL", "Canceled: Budget review", "CANCELLED", "FREE", 15),
	}
}

const demoTemplate = `From: "Marta Quill" <{from}>
To: "Ben Okafor" <{to}>
Subject: Budget review ({step})
Date: {date}
Message-ID: <demo-{step}@exch01.contoso.example>
X-MimeOLE: Produced By Microsoft Exchange V6.5
Content-class: urn:content-classes:calendarmessage
MIME-Version: 1.0
Content-Type: multipart/alternative;
	boundary="----_=_NextPart_001_01C9A18B.5D2F7A10"

------_=_NextPart_001_01C9A18B.5D2F7A10
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: 7bit

See the calendar.

------_=_NextPart_001_01C9A18B.5D2F7A10
Content-class: urn:content-classes:calendarmessage
Content-Type: text/calendar;
	method={method};
	name="meeting.ics"
Content-Transfer-Encoding: 8bit

BEGIN:VCALENDAR
METHOD:{method}
PRODID:Microsoft CDO for Microsoft Exchange
VERSION:2.0
BEGIN:VTIMEZONE
TZID:{zone}
X-MICROSOFT-CDO-TZID:4
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DTSTAMP:{stamp}
DTSTART;TZID="{zone}":{year}
 {month}{day}T{begin}0000
SUMMARY:{subject}
UID:040000008200E00074C5B7101A82E0080000000050A1C3E7B20FC901000000000000000
 010000000D7A10C52E3F84B19A6052C7E91B3D4F8
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="Ben Okafo
 r":MAILTO:{to}
ORGANIZER;CN="Marta Quill":MAILTO:{from}
LOCATION:
DTEND;TZID="{zone}":{year}{month}
 {day}T{end}0000
DESCRIPTION:\N
SEQUENCE:0
PRIORITY:5
CLASS:
STATUS:{status}
TRANSP:OPAQUE
X-MICROSOFT-CDO-BUSYSTATUS:{busy}
X-MICROSOFT-CDO-INSTTYPE:0
X-MICROSOFT-CDO-REPLYTIME:16010101T000000Z
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
X-MICROSOFT-CDO-APPT-SEQUENCE:{step}
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:REMINDER
TRIGGER;RELATED=START:-PT00H15M00S
END:VALARM
END:VEVENT
END:VCALENDAR

------_=_NextPart_001_01C9A18B.5D2F7A10--
`

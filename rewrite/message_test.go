package rewrite_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/mime"
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

// meeting returns a calendar with CRLF that needs seq-cdo, or the repaired one.
func meeting(repaired bool) string {
	sequence := "0"
	if repaired {
		sequence = "2"
	}
	return crlf("BEGIN:VCALENDAR\nMETHOD:REQUEST\nPRODID:-//Test//EN\nVERSION:2.0\nBEGIN:VEVENT\nUID:1@example.com\nDTSTAMP:20260302T090000Z\nDTSTART:20260310T090000Z\n" +
		"DTEND:20260310T100000Z\nSUMMARY:Review\nORGANIZER;CN=Anna:mailto:anna@example.com\nATTENDEE;PARTSTAT=NEEDS-ACTION;CN=B:mailto:b@example.net\n" +
		"SEQUENCE:" + sequence + "\nX-MICROSOFT-CDO-APPT-SEQUENCE:2\nEND:VEVENT\nEND:VCALENDAR\n")
}

// mailWith puts parts into a multipart/mixed. Each part is header and body.
func mailWith(parts ...string) string {
	b := crlf("From: Anna <anna@example.com>\nTo: b@example.net\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n")
	for _, p := range parts {
		b += "--b\r\n" + p + "\r\n"
	}
	return b + "--b--\r\n"
}

const calendarType = "Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n"

func b64(s string) string {
	return string(mime.Encode([]byte(s), "base64", "\r\n", false))
}

func TestMessageParts(t *testing.T) {
	const cte = "Content-Transfer-Encoding: "
	lf := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
	umlaut := func(s string) string { return strings.Replace(s, "SUMMARY:Review", "SUMMARY:Grüße", 1) }
	qp := func(s string) string {
		return strings.NewReplacer("=", "=3D", "ü", "=C3=BC", "ß", "=C3=9F").Replace(s)
	}
	before, after := meeting(false), meeting(true)
	tests := []struct{ name, in, want string }{
		{"7bit", mailWith(calendarType + "\r\n" + before), mailWith(calendarType + "\r\n" + after)},
		{"no line end before the delimiter", mailWith(calendarType + "\r\n" + strings.TrimSuffix(before, "\r\n")), mailWith(calendarType + "\r\n" + strings.TrimSuffix(after, "\r\n"))},
		{"base64", mailWith(calendarType + cte + "base64\r\n\r\n" + b64(before)), mailWith(calendarType + cte + "base64\r\n\r\n" + b64(after))},
		{"base64 with a last line end", mailWith(calendarType + cte + "BASE64\r\n\r\n" + b64(before) + "\r\n"), mailWith(calendarType + cte + "BASE64\r\n\r\n" + b64(after) + "\r\n")},
		{"quoted-printable", mailWith(calendarType + cte + "quoted-printable\r\n\r\n" + qp(before)), mailWith(calendarType + cte + "quoted-printable\r\n\r\n" + qp(after))},
		{"8bit becomes quoted-printable", mailWith(calendarType + cte + "8bit\r\n\r\n" + umlaut(before)), mailWith(calendarType + cte + "quoted-printable\r\n\r\n" + qp(umlaut(after)))},
		{"8bit without a label", mailWith(calendarType + "\r\n" + umlaut(before)), mailWith(calendarType + cte + "quoted-printable\r\n\r\n" + qp(umlaut(after)))},
		{"8bit alone", mailWith(calendarType + cte + "8bit\r\n\r\n" + umlaut(after)), mailWith(calendarType + cte + "quoted-printable\r\n\r\n" + qp(umlaut(after)))},
		{"8bit label on plain text", mailWith(calendarType + cte + "8bit\r\n\r\n" + before), mailWith(calendarType + cte + "8bit\r\n\r\n" + after)},
		{"digest of the old octets", mailWith("Content-MD5: x\r\n" + calendarType + "Content-Length: 9\r\n\r\n" + before), mailWith(calendarType + "\r\n" + after)},
		{"stored with LF", lf(mailWith(calendarType + "\r\n" + before)), lf(mailWith(calendarType + "\r\n" + after))},
		{"the message is the calendar", "From: a@example.com\r\n" + calendarType + "\r\n" + before, "From: a@example.com\r\n" + calendarType + "\r\n" + after},
		{"two calendars", mailWith(calendarType+"\r\n"+before, "X: y\r\n\r\ntext", calendarType+"\r\n"+before), mailWith(calendarType+"\r\n"+after, "X: y\r\n\r\ntext", calendarType+"\r\n"+after)},
		{"application/ics", mailWith("Content-Type: application/ics; name=a.ics\r\n" + cte + "base64\r\n\r\n" + b64(before)), mailWith("Content-Type: application/ics; name=a.ics\r\n" + cte + "base64\r\n\r\n" + b64(after))},
		{"by its name", mailWith("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"A.ICS\"\r\n" + cte + "base64\r\n\r\n" + b64(before)), mailWith("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"A.ICS\"\r\n" + cte + "base64\r\n\r\n" + b64(after))},
		{"an attached copy stays a copy",
			mailWith("Content-Type: application/ics\r\n"+cte+"base64\r\n\r\n"+b64(strings.Replace(before, "METHOD:REQUEST\r\n", "", 1)), calendarType+"\r\n"+strings.Replace(before, "METHOD:REQUEST\r\n", "", 1)),
			mailWith("Content-Type: application/ics\r\n"+cte+"base64\r\n\r\n"+b64(after), calendarType+"\r\n"+after)},
		{"method of the header in place", mailWith("Content-Type: text/calendar;\r\n\tcharset=\"utf-8\"; METHOD=PUBLISH (old)\r\n\r\n" + after), mailWith("Content-Type: text/calendar;\r\n\tcharset=utf-8; METHOD=REQUEST (old)\r\n\r\n" + after)},
		{"empty calendar", mailWith(calendarType + "\r\n"), ""},
		{"not a calendar", mailWith("Content-Type: text/html\r\n\r\n" + before), ""},
		{"clean", mailWith(calendarType + "\r\n" + after), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" {
				tt.want = tt.in
			}
			got, res := do(t, tt.in, rewrite.Options{Strict: true})
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s\nreport %+v", got, tt.want, res.Report)
			}
			if eight, err := res.EightBit(); err != nil || eight != !mime.ASCII([]byte(got)) {
				t.Errorf("EightBit: %v, %v", eight, err)
			}
		})
	}
}

func TestMessageLeavesAlone(t *testing.T) {
	broken := calendarType + "\r\n" + meeting(false)
	in := mailWith(broken)
	inside := func(outer string) string {
		return crlf("From: anna@example.com\nContent-Type: "+outer+"; boundary=b\n\n") + "--b\r\n" + broken + "\r\n--b--\r\n"
	}
	tests := []struct {
		name, in string
		o        rewrite.Options
		what     string
		why      string // part of the reason; "" for none
	}{
		{"off", in, rewrite.Options{Mode: rewrite.Off}, "", ""},
		{"observe", in, rewrite.Options{Mode: rewrite.Observe}, "", ""},
		{"disabled", in, rewrite.Options{Disable: []string{"seq-cdo"}}, "", ""},
		{"dkim", "DKIM-Signature: v=1\r\n" + in, rewrite.Options{}, "message", "dkim"},
		{"dkim, nothing to repair", "DKIM-Signature: v=1\r\n" + mailWith(calendarType+"\r\n"+meeting(true)), rewrite.Options{}, "", ""},
		{"skip_from by address", in, rewrite.Options{SkipFrom: []string{"Anna@example.com"}}, "message", "skip_from"},
		{"skip_from by domain", in, rewrite.Options{SkipFrom: []string{"example.com"}}, "message", "skip_from"},
		{"skip_from by parent domain", in, rewrite.Options{SkipFrom: []string{"*.com"}}, "message", "skip_from"},
		{"skip_from by envelope", in, rewrite.Options{Sender: "x@bounce.example", SkipFrom: []string{"@bounce.example"}}, "message", "skip_from"},
		{"signed", inside("multipart/signed"), rewrite.Options{}, "part 1", "signed: multipart/signed"},
		{"inline PGP behind a banner", mailWith(calendarType + "\r\nThis mail is from outside.\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\n" + meeting(false)), rewrite.Options{}, "part 1", "PGP"},
		{"inline PGP", mailWith(calendarType + "\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\n" + meeting(false)), rewrite.Options{}, "part 1", "PGP"},
		{"encrypted", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\nx", rewrite.Options{}, "message", "signed or encrypted"},
		{"forwarded", mailWith("Content-Type: message/rfc822\r\n\r\n" + broken), rewrite.Options{}, "part 1.1", "inside message/rfc822"},
		{"winmail.dat", mailWith("Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx"), rewrite.Options{}, "part 1", "winmail.dat"},
		{"two types, the first none", mailWith("Content-Type: text/plain\r\n" + broken), rewrite.Options{}, "", ""},
		{"two types, the first a calendar", mailWith(calendarType + "Content-Type: text/plain\r\n\r\n" + meeting(false)), rewrite.Options{}, "part 1", "two different Content-Type"},
		{"unknown encoding", mailWith("Content-Transfer-Encoding: x-uue\r\n" + broken), rewrite.Options{}, "part 1", "unknown transfer encoding"},
		{"damaged base64", mailWith("Content-Transfer-Encoding: base64\r\n" + calendarType + "\r\n" + b64(meeting(false)) + "\r\n-- \r\nfooter"), rewrite.Options{}, "part 1", "damaged"},
		{"no calendar", mailWith(calendarType + "\r\njust text"), rewrite.Options{}, "part 1", "no VCALENDAR"},
		{"too large", in, rewrite.Options{Limits: rewrite.Limits{Calendar: 100}}, "part 1", "too large"},
		{"too many", mailWith(broken, broken), rewrite.Options{Limits: rewrite.Limits{Calendars: 1}, Disable: []string{"seq-cdo"}}, "message", "too many"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, res := do(t, tt.in, tt.o)
			if got != tt.in {
				t.Errorf("changed by %v", res.Report.Applied())
			}
			if tt.why == "" && len(res.Report.Skipped) > 0 {
				t.Errorf("skipped %+v", res.Report.Skipped)
			}
			if tt.why != "" && (len(res.Report.Skipped) != 1 || res.Report.Skipped[0].What != tt.what || !strings.Contains(res.Report.Skipped[0].Why, tt.why)) {
				t.Errorf("skipped %+v, want %s: %s", res.Report.Skipped, tt.what, tt.why)
			}
			for _, f := range res.Report.Findings() {
				if f.Applied {
					t.Errorf("applied %+v", f)
				}
			}
		})
	}
}

func TestMessageDKIMIgnored(t *testing.T) {
	in := "DKIM-Signature: v=1\r\n" + mailWith(calendarType+"\r\n"+meeting(false))
	if got, _ := do(t, in, rewrite.Options{DKIM: rewrite.IgnoreDKIM}); got == in {
		t.Error("nothing changed")
	}
}

func TestMessageObserveReports(t *testing.T) {
	_, res := do(t, mailWith(calendarType+"\r\n"+meeting(false)), rewrite.Options{Mode: rewrite.Observe})
	if len(res.Report.Meetings) != 1 {
		t.Fatalf("report %+v", res.Report)
	}
	m := res.Report.Meetings[0]
	if m.Part != "1" || m.Method != "REQUEST" || m.UID != "1@example.com" || m.Organizer != "mailto:anna@example.com" || m.Summary != "Review" || m.Sequence != 0 {
		t.Errorf("meeting %+v", m)
	}
	if len(m.Findings) != 1 || m.Findings[0].ID != "seq-cdo" || m.Findings[0].Applied {
		t.Errorf("findings %+v", m.Findings)
	}
}

func TestMessageTraceField(t *testing.T) {
	body := mailWith(calendarType + "\r\n" + meeting(false))
	fixed := mailWith(calendarType + "\r\n" + meeting(true))
	o := rewrite.Options{Header: true, Strict: true}
	if got, _ := do(t, body, o); got != "X-Reconvene: seq-cdo\r\n"+fixed {
		t.Errorf("got %s", got)
	}
	if got, _ := do(t, fixed, o); got != fixed {
		t.Errorf("a clean mail got %s", got)
	}
	const mbox = "From anna Mon Mar  2 09:00:00 2026\r\n"
	if got, _ := do(t, mbox+body, o); got != mbox+"X-Reconvene: seq-cdo\r\n"+fixed {
		t.Errorf("got %s", got)
	}
}

func TestMessageForms(t *testing.T) {
	tests := []struct {
		name, in string
		form     rewrite.Form
		changed  bool
	}{
		{"found out", meeting(false), rewrite.Auto, true},
		{"with blanks before it", "\r\n" + meeting(false), rewrite.Auto, true},
		{"said so", meeting(false), rewrite.Calendar, true},
		{"a mail by decree", meeting(false), rewrite.Mail, false},
		{"a mail", mailWith(calendarType + "\r\n" + meeting(false)), rewrite.Auto, true},
		{"nothing", "", rewrite.Auto, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, res := do(t, tt.in, rewrite.Options{Form: tt.form, Header: true}); res.Changed() != tt.changed {
				t.Errorf("changed %v: %+v", res.Changed(), res.Report)
			}
		})
	}
}

// late is a clock on which an hour passes between two looks.
func late() func() time.Time {
	at := now
	return func() time.Time {
		at = at.Add(time.Hour)
		return at
	}
}

// broken is a source that cannot be read.
type broken struct{ *strings.Reader }

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errors.New("disk on fire") }

func TestMessageGivesUp(t *testing.T) {
	in := mailWith(calendarType + "\r\n" + meeting(false))
	tests := []struct {
		name string
		src  rewrite.Source
		o    rewrite.Options
		want error
	}{
		{"late", strings.NewReader(in), rewrite.Options{Clock: late()}, rewrite.ErrTimeout},
		{"unreadable", broken{strings.NewReader(in)}, rewrite.Options{}, nil},
		{"too many parts", strings.NewReader(in), rewrite.Options{Limits: rewrite.Limits{Parts: 1}}, mime.ErrLimit},
		{"calendar file too large", strings.NewReader(meeting(false)), rewrite.Options{Limits: rewrite.Limits{Calendar: 10}}, mime.ErrLimit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := rewrite.Message(tt.src, tt.o)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v", err)
			}
			if res.Changed() || res.Size() != tt.src.Size() || len(res.Report.Skipped) != 1 || len(res.Edits()) > 0 {
				t.Errorf("got %+v", res.Report)
			}
		})
	}
}

func TestReportJSON(t *testing.T) {
	_, res := do(t, mailWith(calendarType+"\r\n"+meeting(false)), rewrite.Options{})
	got, err := json.Marshal(res.Report)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"changed":true,"meetings":[{"part":"1","method":"REQUEST","uid":"1@example.com","sequence":2,"organizer":"mailto:anna@example.com","summary":"Review","profile":"standard",` +
		`"findings":[{"id":"seq-cdo","level":"error","component":"VEVENT","property":"SEQUENCE","before":"0","after":"2","applied":true}],"applied":["seq-cdo"]}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

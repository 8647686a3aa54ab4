package rewrite_test

import (
	"encoding/base64"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
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

// note is ordinary mail in a stream.
func note(change func(*tnef.Message)) []byte {
	m := &tnef.Message{Class: "IPM.Note", Codepage: 1252,
		Props:       tnef.Props{{ID: tnef.PidTagBody, Value: "The minutes are attached."}},
		Attachments: []tnef.Attachment{{Name: "minutes.txt", Data: []byte("Nothing was decided.\r\n")}}}
	if change != nil {
		change(m)
	}
	return tnef.Write(m)
}

// setProp gives a tagged property another value.
func setProp(id uint16, v any) func(*tnef.Message) {
	return func(m *tnef.Message) {
		m.Props = append(tnef.Props{{ID: id, Value: v}}, m.Props...)
	}
}

// TestTNEF asks for what comes out, or why nothing does; and that a second run
// changes nothing.
func TestTNEF(t *testing.T) {
	all := rewrite.Options{TNEF: rewrite.TNEFAll}
	meeting := tnefStream(t, tnefCalendar, nil)
	mixed := tnefMail("", meeting)
	octets := strings.Replace(mixed, "application/ms-tnef", "application/octet-stream", 1)
	head, _, _ := strings.Cut(mixed, "Content-Type: multipart")
	alone := head + "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\nX-Last: 1\r\n\r\n" +
		lines76(base64.StdEncoding.EncodeToString(meeting)) + "\r\n"
	nested := note(func(m *tnef.Message) {
		m.Attachments = []tnef.Attachment{{Name: "winmail.dat", Data: note(nil)}}
	})
	contact := note(func(m *tnef.Message) {
		m.Attachments = []tnef.Attachment{{Embedded: &tnef.Message{Class: "IPM.Contact", Codepage: 1252}}}
	})
	many := note(func(m *tnef.Message) { m.Attachments = make([]tnef.Attachment, 1001) })
	other := "X-MS-TNEF-Correlator: <other@partner.example>\r\n"
	sealedMeeting := func(mediaType, name string) string {
		return tnefMail("", tnefStream(t, tnefCalendar, func(m *tnef.Message) {
			m.Attachments = []tnef.Attachment{{Name: name, Type: mediaType, Data: []byte("octets")}}
		}))
	}
	tests := []struct {
		name, in string
		o        rewrite.Options
		want     string // in the result; "" for no change
		without  string
		skipped  string
	}{
		{"relabelled", octets, rewrite.Options{}, "method=REQUEST", "winmail.dat", ""},
		{"another file of that name", tnefMail("", []byte("not TNEF")), rewrite.Options{}, "", "", "no TNEF signature"},
		{"relabelled file of that name", strings.Replace(tnefMail("", []byte("not TNEF")), "application/ms-tnef", "application/octet-stream", 1), rewrite.Options{}, "", "", ""},
		{"the whole mail", alone, rewrite.Options{}, "X-Last: 1\r\n\r\n--=_", "ms-tnef", ""},
		{"stored with LF", strings.ReplaceAll(mixed, "\r\n", "\n"), rewrite.Options{}, "\nMETHOD:REQUEST\n", "\r", ""},
		{"text shown already", tnefMail("We talk about the contract.\r\n", meeting), rewrite.Options{}, "charset=utf-8\r\n\r\n\r\n\r\n--", "charset=utf-8\r\n\r\nWe talk", ""},
		{"another text", tnefMail("This message was sent through a list.\r\n", meeting), rewrite.Options{}, "charset=utf-8\r\n\r\nWe talk", "", ""},
		{"off", mixed, rewrite.Options{TNEF: rewrite.TNEFOff}, "", "", "tnef is off"},
		{"on the way in", mixed, rewrite.Options{Direction: remedy.Inbound}, "", "", "your Exchange reads it"},
		{"observe", mixed, rewrite.Options{Mode: rewrite.Observe}, "", "", ""},
		{"DKIM", "DKIM-Signature: v=1\r\n" + mixed, rewrite.Options{}, "", "", "dkim"},
		{"skip_from", mixed, rewrite.Options{SkipFrom: []string{"partner.example"}}, "", "", "skip_from"},
		{"signed", strings.Replace(mixed, "multipart/mixed;", "multipart/signed;", 1), rewrite.Options{}, "", "", "signed: multipart/signed"},
		{"attached mail", crlf("Content-Type: message/rfc822\n\n") + mixed, rewrite.Options{}, "", "", "inside message/rfc822"},
		{"too large", mixed, rewrite.Options{Limits: rewrite.Limits{TNEF: 100}}, "", "", "too large"},
		{"cut off", tnefMail("", meeting[:len(meeting)-9]), rewrite.Options{}, "", "", "truncated"},
		{"its own key", "X-MS-TNEF-Correlator: <a@b>\r\n" + tnefMail("", tnefStream(t, tnefCalendar, setProp(0x007F, []byte("<a@b>\x00")))), rewrite.Options{}, "method=REQUEST", "", ""},
		{"the key of another message", other + tnefMail("", tnefStream(t, tnefCalendar, setProp(0x007F, []byte("<a@b>\x00")))), rewrite.Options{}, "", "", "another message"},
		{"note", tnefMail("", note(nil)), rewrite.Options{}, "", "", ""},
		{"note, all", tnefMail("", note(nil)), all, "filename=minutes.txt", "ms-tnef", ""},
		{"note whose text is shown, all", tnefMail("The minutes are attached.\r\n", note(nil)), all, "Content-Type: text/plain; name=minutes.txt", "multipart/alternative", ""},
		{"nothing in it, all", tnefMail("x", tnef.Write(&tnef.Message{Class: "IPM.Note", Codepage: 1252})), all, "", "", "contains nothing"},
		{"task, all", tnefMail("", note(func(m *tnef.Message) { m.Class = "IPM.Task" })), all, "The minutes are attached.", "ms-tnef", ""},
		{"task request, all", tnefMail("", note(func(m *tnef.Message) {
			m.Class, m.Attachments = "IPM.TaskRequest", []tnef.Attachment{{Embedded: &tnef.Message{Class: "IPM.Task", Codepage: 1252, Props: tnef.Props{{ID: tnef.PidTagBody, Value: "Build a table."}}}}}
		})), all, "Build a table.", "ms-tnef", ""},
		{"contact without text and files, all", tnefMail("", tnef.Write(&tnef.Message{Class: "IPM.Contact", Codepage: 1252})), all, "", "", "IPM.Contact"},
		{"task", tnefMail("", note(func(m *tnef.Message) { m.Class = "IPM.Task" })), rewrite.Options{}, "", "", ""},
		{"contact attached, all", tnefMail("", contact), all, "filename=winmail.dat", "minutes.txt", ""},
		{"too many files, all", tnefMail("", many), all, "", "", "too many: 1001 files"},
		{"S/MIME, all", tnefMail("", note(func(m *tnef.Message) { m.Class = "IPM.Note.SMIME" })), all, "", "", "signed or encrypted"},
		{"S/MIME, signed in clear", tnefMail("", tnefStream(t, tnefCalendar, setProp(tnef.PidTagMessageClass, "IPM.Schedule.Meeting.Request.SMIME.MultipartSigned"))), rewrite.Options{}, "", "", "signed or encrypted"},
		{"a meeting sealed in a file", sealedMeeting("application/pkcs7-mime; smime-type=signed-data", "x"), rewrite.Options{}, "", "", "signed or encrypted: application/pkcs7-mime"},
		{"a meeting sealed in a file, old type", sealedMeeting("Application/X-PKCS7-MIME", "x"), all, "", "", "signed or encrypted: application/x-pkcs7-mime"},
		{"a meeting signed in a file", sealedMeeting("multipart/signed", "x"), rewrite.Options{}, "", "", "signed or encrypted: multipart/signed"},
		{"a meeting sealed in a file without a type", sealedMeeting("", "SMIME.p7m"), rewrite.Options{}, "", "", "signed or encrypted: smime.p7m"},
		{"a meeting with a file that is not sealed", sealedMeeting("application/pdf", "x"), rewrite.Options{}, "method=REQUEST", "winmail.dat", ""},
		{"winmail.dat in winmail.dat, all", tnefMail("", nested), all, "", "", "another winmail.dat"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, res := do(t, tt.in, tt.o)
			if res.Changed() != (tt.want != "") || !strings.Contains(out, tt.want) || tt.without != "" && strings.Contains(out, tt.without) {
				t.Errorf("want %q and not %q in\n%s", tt.want, tt.without, out)
			}
			var why []string
			for _, s := range res.Report.Skipped {
				why = append(why, s.Why)
			}
			if said := strings.Join(why, "\n"); !strings.Contains(said, tt.skipped) || tt.skipped == "" && said != "" {
				t.Errorf("skipped %q, want %q", said, tt.skipped)
			}
			if !res.Changed() {
				for _, f := range res.Report.Findings() {
					if f.Applied {
						t.Errorf("said to be applied: %+v", f)
					}
				}
				return
			}
			checkEdits(t, []byte(tt.in), []byte(out), res)
			if again, second := do(t, out, tt.o); second.Changed() {
				t.Errorf("not idempotent:\n%s", again)
			}
		})
	}
}

// TestTNEFBoundary has a mail that already has the delimiter that the content
// gives.
func TestTNEFBoundary(t *testing.T) {
	in := tnefMail("", tnefStream(t, tnefCalendar, nil))
	out, _ := do(t, in, rewrite.Options{})
	_, rest, _ := strings.Cut(out, "multipart/alternative; boundary=\"")
	taken, _, ok := strings.Cut(rest, "\"")
	if !ok {
		t.Fatal(out)
	}
	in = strings.ReplaceAll(in, "=_b1", taken)
	out, res := do(t, in, rewrite.Options{})
	if !res.Changed() || strings.Count(out, "--"+taken) != strings.Count(in, "--"+taken) {
		t.Errorf("%q is used again:\n%s", taken, out)
	}
}

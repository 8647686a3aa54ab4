package rewrite_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"

	"github.com/emersion/go-message"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/charset"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// TestNoCharsetIsGuessed sends texts of many character sets under the names that
// mailers give them, in each transfer encoding, each direction and to each
// profile. What leaves is the same text in UTF-8, or the part as it came.
func TestNoCharsetIsGuessed(t *testing.T) {
	const japanese, chinese, korean, german, russian, greek = "会議の予定", "会议日程", "회의 일정", "Übergröße für Ärzte", "Встреча завтра", "Συνάντηση"
	rows := []struct{ names, as, text string }{
		{"cp932 ms932 windows-31j x-sjis", "shift_jis", japanese},
		{"cp936 ms936 x-gbk", "gbk", chinese},
		{"cp949 ms949 x-windows-949", "euc-kr", korean},
		{"cp950 ms950 big5-hkscs", "big5", "會議日程"},
		{"cp850 ibm850", "cp850", german}, {"cp437", "cp437", german}, {"ibm852", "cp852", german}, {"cp858", "cp858", german},
		{"mac macintosh x-mac-roman", "macintosh", german}, {"x-mac-cyrillic", "x-mac-cyrillic", russian},
		{"koi8-r koi8", "koi8-r", russian}, {"win-1251 cp1251", "windows-1251", russian}, {"cp1253", "windows-1253", greek},
		{"x-unknown unknown-8bit ibm943 x-mac-greek x-mac-ce cp99999 vendor-set", "shift_jis", japanese},
		{"x-unknown ibm943 x-mac-turkish", "iso-8859-1", german},
		{"iso-2022-kr euc-tw x-johab", "euc-kr", korean},
	}
	for _, row := range rows {
		octets, err := charset.Lookup(row.as).NewEncoder().String(row.text)
		if err != nil {
			t.Fatal(row.as, err)
		}
		for name := range strings.FieldsSeq(row.names) {
			for _, encoding := range []string{"8bit", "quoted-printable", "base64"} {
				mail := charsetMail(name, encoding, octets)
				for _, p := range remedy.Profiles() {
					for _, d := range []remedy.Direction{remedy.Outbound, remedy.Inbound} {
						checkText(t, fmt.Sprint(name, " ", encoding, " ", p, " ", d), mail, rewrite.Options{Profile: p, Direction: d, Strict: true}, row.text, charset.Lookup(name) != nil)
					}
				}
			}
		}
	}
}

func checkText(t *testing.T, name string, mail []byte, o rewrite.Options, text string, known bool) {
	t.Helper()
	res, err := rewrite.Message(bytes.NewReader(mail), o)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	var out bytes.Buffer
	if _, err := res.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	if !known {
		head, body, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
		kept := bytes.HasPrefix(out.Bytes(), head) && bytes.HasSuffix(out.Bytes(), body) // a field may be added
		if !kept || len(res.Report.Skipped) == 0 {
			t.Errorf("%s: changed, or nothing is said: %+v", name, res.Report.Skipped)
		}
		return
	}
	if got := calendarText(t, out.Bytes()); !strings.Contains(got, "SUMMARY:"+text+"\r\n") {
		t.Errorf("%s: the text is lost:\n%s", name, got)
	}
}

// charsetMail is an invitation with faults that call for repairs.
func charsetMail(name, encoding, summary string) []byte {
	lines := "BEGIN:VCALENDAR\r\nPRODID:-//X//Y//EN\r\nVERSION:2.0\r\nMETHOD:request\r\nBEGIN:VEVENT\r\nUID:1@x.example\r\nDTSTAMP:20260101T000000Z\r\n" +
		"DTSTART:20260610T080000Z\r\nDTEND:20260610T090000Z\r\nSUMMARY:" + summary + "\r\nORGANIZER:MAILTO:a@x.example\r\n" +
		"ATTENDEE;CN=" + summary + ":MAILTO:b@y.example\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:3\r\nSEQUENCE:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	switch encoding {
	case "base64":
		s := base64.StdEncoding.EncodeToString([]byte(lines))
		lines = ""
		for len(s) > 76 {
			lines, s = lines+s[:76]+"\r\n", s[76:]
		}
		lines += s + "\r\n"
	case "quoted-printable":
		var b bytes.Buffer
		w := quotedprintable.NewWriter(&b)
		w.Write([]byte(lines))
		w.Close()
		lines = b.String()
	}
	return []byte("From: a@x.example\r\nTo: b@y.example\r\nSubject: s\r\nMessage-ID: <1@x.example>\r\nDate: Fri, 02 Jan 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/calendar; method=REQUEST; charset=" + name + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + lines)
}

// calendarText is the unfolded text of the first calendar of a mail, as go-message
// finds it.
func calendarText(t *testing.T, mail []byte) string {
	t.Helper()
	e, err := message.Read(bytes.NewReader(mail))
	if err != nil && !message.IsUnknownCharset(err) {
		t.Fatal(err)
	}
	text := ""
	err = e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil && !message.IsUnknownCharset(err) {
			return err
		}
		if kind, _, _ := part.Header.ContentType(); kind == "text/calendar" && text == "" {
			b, err := io.ReadAll(part.Body)
			text = strings.ReplaceAll(string(b), "\r\n ", "")
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

package rewrite_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
)

// TestTwoReadings wants a mail left alone whose structure, or whose signature,
// others read in another way.
func TestTwoReadings(t *testing.T) {
	part := "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//Y//EN\r\nMETHOD:request\r\nBEGIN:VEVENT\r\nUID:1@x.example\r\n" +
		"DTSTAMP:20260101T000000Z\r\nDTSTART:20260610T080000Z\r\nDTEND:20260610T090000Z\r\nSUMMARY:x\r\nORGANIZER:MAILTO:a@x.example\r\nATTENDEE:MAILTO:b@y.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	const head = "From: a@x.example\r\nTo: b@y.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
	mail := func(fields, boundary, more string) string {
		return head + fields + "\r\n\r\n--" + boundary + "\r\n" + part + "\r\n--" + boundary + "\r\n" + more + "\r\n--" + boundary + "--\r\n"
	}
	const text = "Content-Type: text/plain\r\n\r\nhello"
	const mixed, signed = "Content-Type: multipart/mixed; boundary=b", "Content-Type: multipart/signed; boundary=b"
	repaired := func(m string, o rewrite.Options) bool {
		res, err := rewrite.Message(bytes.NewReader([]byte(m)), o)
		if err != nil {
			t.Fatal(err)
		}
		if !res.Changed() && len(res.Report.Skipped) == 0 && !strings.Contains(m, "=?") { // there is no calendar with such a boundary
			t.Errorf("left alone, and nothing is said: %.300q", m)
		}
		return res.Changed()
	}
	if !repaired(mail(mixed, "b", text), rewrite.Options{}) {
		t.Fatal("the sound mail is not repaired")
	}
	for name, m := range map[string]string{
		"Content-Type twice":              mail(mixed+"\r\n"+signed, "b", text),
		"Content-Type twice, deeper":      mail("Content-Type: multipart/mixed; boundary=o", "o", mixed+"\r\n"+signed+"\r\n\r\n--b\r\n"+part+"\r\n--b--") + "",
		"a fold in the type":              mail("Content-Type: multipart/\r\n signed; boundary=b", "b", text),
		"a tab in the type":               mail("Content-Type: multipart/\tmixed; boundary=b", "b", text),
		"the boundary twice":              mail(mixed+"; boundary=c", "b", text),
		"the boundary in pieces, too":     mail(mixed+"; boundary*0=c", "b", text),
		"an encoded word as the boundary": mail(`Content-Type: multipart/mixed; boundary="=?us-ascii?q?b?="`, "b", text),
		"a line that is no field":         mail("this is no field\r\n"+mixed, "b", text),
		"a blank before the colon":        mail("X-Y : z\r\n"+mixed, "b", text),
		"a delimiter behind a bare LF":    strings.Replace(mail(mixed, "b", text), "\r\n\r\n--b\r\nContent-Type: text/plain", "\r\n\n--b\r\nContent-Type: text/plain", 1),
		"the same, around the multipart":  strings.Replace(mail("Content-Type: multipart/mixed; boundary=o", "o", text), part+"\r\n", mixed+"\r\n\r\n--b\r\n"+part+"\r\n--b--\n", 1),
		"a CR by itself":                  mail("X-Y: z\rContent-Type: multipart/signed\r\n"+mixed, "b", text),
		"a detached signature":            mail(mixed, "b", "Content-Type: application/octet-stream; name=\"invite.ics.asc\"\r\n\r\nx"),
		"S/MIME beside it":                mail(mixed, "b", "Content-Type: application/pkcs7-signature\r\n\r\nx"),
		"ARC":                             mail("ARC-Seal: i=1; b=x\r\n"+mixed, "b", text),
		"DomainKeys":                      mail("DomainKey-Signature: b=x\r\n"+mixed, "b", text),
		"PGP behind the calendar":         strings.Replace(mail(mixed, "b", text), "END:VCALENDAR\r\n", "END:VCALENDAR\r\n-----BEGIN PGP SIGNATURE-----\r\nx\r\n", 1),
	} {
		t.Run(name, func(t *testing.T) {
			o := rewrite.Options{}
			if strings.HasSuffix(name, "deeper") { // the part that lies before it is sound
				m = strings.Replace(m, part, text, 1)
			}
			if repaired(m, o) {
				t.Error("it was changed")
			}
		})
	}
	for _, field := range []string{"ARC-Seal: i=1; b=x", "DomainKey-Signature: b=x"} {
		if !repaired(mail(field+"\r\n"+mixed, "b", text), rewrite.Options{DKIM: rewrite.IgnoreDKIM}) {
			t.Errorf("%s is honoured against the policy", field)
		}
	}
	for _, fields := range []string{"relay.example; dkim=pass", "relay.example.; x", "RELAY.example 1; x", "(c) relay.example(d)1; x", `"relay.example." ; x`, `"relay\.example"; x`} {
		res, err := rewrite.Message(strings.NewReader(mail("Authentication-Results: "+fields+"\r\n"+mixed, "b", text)), rewrite.Options{DKIM: rewrite.IgnoreDKIM, AuthServID: "relay.example"})
		var out bytes.Buffer
		if _, werr := res.WriteTo(&out); err != nil || werr != nil || !res.Changed() || strings.Contains(out.String(), "Authentication-Results") {
			t.Errorf("%s stays on unsigned mail (%v)", fields, err)
		}
	}
	t.Run("one line ends in LF", func(t *testing.T) {
		res, err := rewrite.Message(strings.NewReader("X-First: y\n"+mail(mixed, "b", text)), rewrite.Options{})
		var out bytes.Buffer
		if _, werr := res.WriteTo(&out); err != nil || werr != nil || !res.Changed() || strings.Count(out.String(), "\n") != strings.Count(out.String(), "\r\n")+1 {
			t.Errorf("line ends: %v %q", err, out.String())
		}
	})
}

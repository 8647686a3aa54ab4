package relay

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const bounceMail = "From: MAILER-DAEMON@example.net\nContent-Type: multipart/report; report-type=delivery-status;\n boundary=\"b\"\n\n" +
	"--b\nContent-Type: text/plain\n\nsorry\n--b\nContent-Type: message/delivery-status\n\n" +
	"Reporting-MTA: dns; mx.example.net\nOriginal-Envelope-Id: env-1\n\n" +
	"Original-Recipient: rfc822;Bob@example.net\nFinal-Recipient: RFC822; bob@inner.example.net\nAction: Failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n no such user\n\n" +
	"Final-Recipient: rfc822; eve@example.net\nAction: delayed\nStatus: 4.4.1\n\n" +
	"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <1@example.com>\nSubject: Budget\n\n--b--\n"

func TestReadStatusReport(t *testing.T) {
	want := &StatusReport{MessageID: "<1@example.com>", EnvID: "env-1", Recipients: []RecipientStatus{
		{Final: "bob@inner.example.net", Original: "Bob@example.net", Action: "failed", Status: "5.1.1", Diagnostic: "550 5.1.1 no such user"},
		{Final: "eve@example.net", Action: "delayed", Status: "4.4.1"},
	}}
	for _, tt := range []struct {
		name, mail string
		want       *StatusReport
	}{
		{"LF", bounceMail, want},
		{"CRLF", strings.ReplaceAll(bounceMail, "\n", "\r\n"), want},
		{"a plain mail", "Subject: x\r\n\r\nhello\r\n", nil},
		{"a receipt", strings.ReplaceAll(bounceMail, "message/delivery-status", "message/disposition-notification"), nil},
		{"empty", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, readStatusReport(strings.NewReader(tt.mail), int64(len(tt.mail)))); d != "" {
				t.Error(d)
			}
		})
	}
}

// The ledger reads our own notifications, in each form that they have.
func TestReadOwnStatusReport(t *testing.T) {
	names, err := filepath.Glob("dsn/testdata/*/want.eml")
	if err != nil || len(names) < 7 {
		t.Fatalf("%v %v", names, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(filepath.Dir(name)), func(t *testing.T) {
			mail, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			r := readStatusReport(bytes.NewReader(mail), int64(len(mail)))
			if r == nil || r.MessageID != "<c1@example.com>" || !strings.Contains(r.Recipients[0].Final, "@partner.example") || r.Recipients[0].Status == "" {
				t.Errorf("%+v", r)
			}
		})
	}
}

func FuzzStatusReport(f *testing.F) {
	f.Add([]byte(bounceMail))
	f.Add([]byte("Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n\n\nAction: x\n--b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r := readStatusReport(bytes.NewReader(b), int64(len(b))); r != nil && len(r.Recipients) > maxReportPeople {
			t.Error("too many")
		}
	})
}

package dsn

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite/notice"
)

var update = flag.Bool("update", false, "write the golden notifications anew")

// golden are the reports of the golden notifications, by the folder below testdata that
// has the notification (want.eml) and why the case exists (readme).
var golden = map[string]func(*Report){
	"01-failed-cancellation": func(r *Report) { r.Meeting = budget("CANCEL") },
	"02-delayed-update-near": func(r *Report) {
		r.Meeting, r.Language = budget("REQUEST"), notice.German
		r.Meeting.Update, r.Subject = true, "Aktualisiert: Budget für März"
		r.Recipients[0].Action, r.Recipients[0].RetryUntil = Delayed, now.Add(96*time.Hour)
		r.Recipients[0].Verdict = envelope.Verdict{Code: 451, Enhanced: [3]int{4, 3, 2}, Text: []string{"Try again later"}, Remote: "mx1.partner.example [192.0.2.7]:25"}
	},
	"03-several-recipients": func(r *Report) {
		r.Envelope.EnvID, r.Envelope.Ret = "QQ+2B314159", "HDRS"
		r.Recipients[0].ORcpt = "rfc822;Bob+2BX@partner.example"
		r.Recipients = append(r.Recipients,
			Recipient{Recipient: envelope.Recipient{Path: "carla@slow.example"}, Action: Expired,
				Verdict: envelope.Refuse(451, [3]int{4, 4, 1}, "no host of slow.example could be reached: connection timed out"), LastAttempt: now},
			Recipient{Recipient: envelope.Recipient{Path: "dora@partner.example"}, Action: Delivered,
				Verdict: envelope.Verdict{Code: 250, Enhanced: [3]int{2, 0, 0}, Text: []string{"queued"}, Remote: "mx1.partner.example [192.0.2.7]:25"}},
			Recipient{Recipient: envelope.Recipient{Path: "emil@old.example"}, Action: Relayed,
				Verdict: envelope.Verdict{Code: 250, Text: []string{"ok"}, Remote: "[192.0.2.8]:25"}})
	},
	"04-smtputf8": func(r *Report) {
		r.Envelope.Path, r.Envelope.UTF8 = "änne@exämple.example", true
		r.Recipients[0].Path, r.Recipients[0].ORcpt = "bø@partner.example", `utf-8;b\x{F8}@partner.example`
		r.returns(strings.Replace(cancellation, "To: bob@", "To: bø@", 1))
	},
	"05-smtputf8-sender-in-ascii": func(r *Report) {
		r.Envelope.UTF8 = true
		r.Recipients[0].Path = "bø@partner.example"
		r.returns(strings.Replace(cancellation, "To: bob@", "To: bø@", 1))
	},
	"06-8bit-message": func(r *Report) {
		r.returns(cancellation + "Zürich\r\n")
	},
	"07-hostile-words": func(r *Report) {
		r.Subject = "x\r\nBcc: victim@example.net\r\n\r\n--=_body"
		r.Recipients[0].Verdict.Text = []string{"no\r\nFinal-Recipient: rfc822; eve@example.net\r\n\r\nAction: delivered", "\x1b[31mred\u202e"}
		r.Recipients[0].ORcpt = "rfc822;a+0D+0AAction:+20delivered"
		r.Envelope.EnvID = "a+0D+0A+0D+0AX"
		r.MessageID = "<a@b>\r\nBcc: victim@example.net"
	},
	"08-8bit-header": func(r *Report) {
		r.Envelope.Ret = "HDRS"
		r.returns(strings.Replace(cancellation, "From: Anna", "From: Änne", 1))
	},
}

func TestGolden(t *testing.T) {
	for name, change := range golden {
		t.Run(name, func(t *testing.T) {
			r := sample()
			change(r)
			got, _ := written(t, r)
			checkWire(t, got)
			dir := filepath.Join("testdata", name)
			if why, err := os.ReadFile(filepath.Join(dir, "readme")); err != nil || len(why) < 40 {
				t.Errorf("no reason for the case: %v", err)
			}
			file := filepath.Join(dir, "want.eml")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("it differs from want.eml (-want +got):\n%s", d)
			}
		})
	}
}

// checkWire checks what each notification must be on the wire (RFC 5321 §4.5.3.1.6,
// RFC 5322 §2.3).
func checkWire(t testing.TB, text string) {
	t.Helper()
	if !strings.HasSuffix(text, "\r\n") {
		t.Error("it does not end with CRLF")
	}
	for l := range strings.SplitSeq(text, "\r\n") {
		if len(l) > maxLine || strings.ContainsAny(l, "\r\n\x00") {
			t.Errorf("not a line of a message: %.100q (%d octets)", l, len(l))
		}
	}
}

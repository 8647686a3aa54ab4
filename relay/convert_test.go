package relay

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// A message of the queue is converted for what the next hop does not take, and the
// signature is over what it gets; what must not be converted goes back with the reason.
func TestQueueConverts(t *testing.T) {
	const head = "From: Anna <anna@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	const other = "From: anna@other.example\r\nMIME-Version: 1.0\r\n\r\n" // nothing is signed, so that it may be sent while it is read
	const signature = "DKIM-Signature: v=1; a=rsa-sha256; d=list.example; s=x; h=from; bh=x; b=y\r\n"
	long := strings.Repeat("x", 1200)
	chunking := []string{"PIPELINING", "8BITMIME", "SIZE 1000000", "SMTPUTF8", "CHUNKING"}
	for _, tt := range []struct {
		name     string
		keywords []string
		mail     string
		want     string // in what arrives; "" when it goes back
		log      string // what the log says
		as       string // the recipient that the next hop gets; "": as given
	}{
		{"8-bit", []string{"SIZE 100000"}, head + "\r\ngr\xc3\xb6\xc3\x9fer\r\n", "\r\n\r\nZ3LDtsOfZXIN", "does not offer 8BITMIME", ""},
		{"8-bit, offered", []string{"SIZE 100000", "8BITMIME"}, head + "\r\ngr\xc3\xb6\xc3\x9fer\r\n", "gr\xc3\xb6\xc3\x9fer", "", ""},
		{"8-bit, signed by another", []string{"SIZE 100000"}, signature + head + "\r\ngr\xc3\xb6\xc3\x9fer\r\n", "", "5.6.2 next hop", ""},
		{"8-bit, S/MIME", []string{"SIZE 100000"}, "From: anna@example.com\r\nContent-Type: application/pkcs7-mime\r\n\r\n\xc3\xb6\r\n", "", "5.6.2 next hop", ""},
		{"too large", []string{"SIZE 1500", "8BITMIME"}, head + "\r\n" + strings.Repeat("words\r\n", 250), "", "5.3.4", ""},
		{"SMTPUTF8", []string{"SIZE 100000", "8BITMIME"}, "From: J\u00fcrgen <j@b\u00fccher.example>\r\nSubject: \u00f6\r\n\r\nx\r\n", "<j@xn--bcher-kva.example>", "does not offer SMTPUTF8", "TO:<b@xn--bcher-kva.example>"},
		{"SMTPUTF8, local part", []string{"SIZE 100000", "8BITMIME"}, "From: j\u00fcrgen@example.com\r\n\r\nx\r\n", "", "5.6.7 next hop", ""},
		{"bare LF", []string{"SIZE 100000", "8BITMIME"}, head + "\r\na\nb\r\n", "\r\na\r\nb\r\n", "newlines-converted", ""},
		{"bare LF by chunks", chunking, head + "\r\na\nb\r\n", "\r\na\nb\r\n", "", ""},
		{"long line", chunking, head + "\r\n" + long + "\r\n", "xxx=\r\nxxx", "998 octets", ""},
		{"long line, signed", chunking, signature + head + "\r\n" + long + "\r\n", long, "", ""},
		{"repaired", []string{"SIZE 100000"}, strings.Replace(toSign, "Content-Type: text/calendar", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9fe aus dem B\xc3\xbcro in Hamburg, wie immer\r\n"+
			"--b\r\nContent-Type: text/calendar", 1) + "--b--\r\n", "\r\nSEQUENCE:3\r\n", "part 1: quoted-printable", ""},
		{"large and regular", chunking, other + strings.Repeat("words\r\n", 30_000), "words", "", ""},
		{"large and long", chunking, other + strings.Repeat("words\r\n", 30_000) + long, "xxx=\r\nxxx", "998 octets", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			keys, records := signingConfig(t, "example.com", config.ForeignSkip)
			utf8 := strings.HasPrefix(tt.name, "SMTPUTF8")
			folder, change, options := queueing(t)
			r, p := throughRelayWith(t, func(cfg *config.Config) {
				change(cfg)
				cfg.DKIM = keys
			}, func(p *smtptest.Peer) { p.Keywords = tt.keywords }, options)
			c := r.hello("plain")
			parameters, rcpt := " BODY=8BITMIME", "b@rcpt.example"
			if utf8 {
				parameters, rcpt = parameters+" SMTPUTF8", "b@b\u00fccher.example"
			}
			c.say("MAIL FROM:<a@sender.example>"+parameters, "250")
			c.say("RCPT TO:<"+rcpt+">", "250")
			c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(tt.mail), tt.mail))
			c.expect("250")
			eventually(t, func() bool { return strings.Contains(r.log.String(), "attempt=1") && len(stored(t, folder)) == 0 })
			if tt.log != "" && !strings.Contains(r.log.String(), tt.log) {
				t.Errorf("log: %s", r.log)
			}
			if converted := strings.Contains(r.log.String(), "-converted "); converted != (tt.want != "" && tt.log != "") {
				t.Errorf("converted in the log: %v: %s", converted, r.log)
			}
			var arrived []smtptest.Message
			for _, m := range p.Took() {
				if strings.HasPrefix(m.From, "FROM:<a@") {
					arrived = append(arrived, m)
				}
			}
			if tt.want == "" {
				if len(arrived) > 0 {
					t.Errorf("arrived: %q", arrived[0].Body)
				}
				return
			}
			if len(arrived) != 1 || !strings.Contains(arrived[0].Body, tt.want) {
				t.Fatalf("arrived: %.3000q", fmt.Sprint(arrived))
			}
			if tt.as != "" && !strings.HasPrefix(arrived[0].To[0], tt.as) {
				t.Errorf("recipient %q", arrived[0].To)
			}
			body := arrived[0].Body
			if bytes.Contains([]byte(tt.mail), []byte("@example.com")) && !strings.HasPrefix(body, "DKIM-Signature: a=") {
				t.Errorf("not signed:\n%.500s", body)
			} else if strings.HasPrefix(body, "DKIM-Signature: a=") && !strings.Contains(tt.mail, "DKIM") {
				verifiers, _ := smtptest.Verifiers(t, records)
				if err := verifiers[0].Verify(body); err != nil {
					t.Errorf("%v:\n%.1000s", err, body)
				}
			}
		})
	}
}

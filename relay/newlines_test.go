package relay

import (
	"fmt"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// With "convert" a mail with bare line ends arrives with proper ones, its dots
// stuffed; by chunks it goes as it is; what must not be changed is refused.
func TestConvertNewlines(t *testing.T) {
	const head = "From: a@x.example\r\n\r\n"
	tests := []struct{ name, in, want string }{
		{"clean", head + "a\r\n", head + "a\r\n"},
		{"LF", head + "a\nb\r\n", head + "a\r\nb\r\n"},
		{"CR", head + "a\rb\r\n", head + "a\r\nb\r\n"},
		{"end of data inside", head + "a\n.\nRSET\r\nb\r\n", head + "a\r\n.\r\nRSET\r\nb\r\n"},
		{"large", head + strings.Repeat("a\n", 150<<10) + "\r\n", head + strings.Repeat("a\r\n", 150<<10) + "\r\n"},
		{"CR in the header", "Subject: a\rTo: b\r\n\r\na\r\n", ""},
		{"NUL", head + "a\nb\x00\r\n", ""},
		{"S/MIME", "Content-Type: application/pkcs7-mime\r\n\r\na\nb\r\n", ""},
		{"DKIM", "DKIM-Signature: v=1\r\n\r\na\nb\r\n", ""},
	}
	for _, chunking := range []bool{false, true} {
		convert := func(cfg *config.Config) { cfg.Listeners[0].BareNewlines = "convert" }
		r, p := throughRelayWith(t, convert, func(p *smtptest.Peer) {
			if chunking {
				p.Keywords = append(p.Keywords, "CHUNKING")
			}
		})
		for _, tt := range tests {
			t.Run(fmt.Sprintf("chunking %v, %s", chunking, tt.name), func(t *testing.T) {
				c := r.hello("plain")
				before := len(p.Took())
				c.envelope()
				c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(tt.in), tt.in))
				want := tt.want
				if chunking {
					want = tt.in
				}
				if want == "" {
					c.expect("554 5.6.11")
					return
				}
				c.expect("250")
				if got := p.Took(); len(got) != before+1 || withoutReceived(got[before].Body) != want {
					t.Errorf("arrived: %.200q", fmt.Sprint(got[before:]))
				}
			})
		}
		if n := strings.Count(r.log.String(), "msg=newlines-converted"); !chunking && n != 4 || chunking && n != 0 {
			t.Errorf("chunking %v: %d lines in the log", chunking, n)
		}
	}
}

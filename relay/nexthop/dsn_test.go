package nexthop

import (
	"slices"
	"testing"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// Towards a transaction without SMTPUTF8 an original recipient is ASCII
// (RFC 6533 §3).
func TestOriginalRecipientInASCII(t *testing.T) {
	const raw, ascii = "utf-8;b\u00f6\U0001F600@x.example", `utf-8;b\x{F6}\x{1F600}@x.example`
	for _, tt := range []struct {
		name     string
		keywords []string
		utf8     bool
		want     string
	}{
		{"hop with SMTPUTF8", []string{"SMTPUTF8", "DSN"}, true, raw},
		{"hop without", []string{"DSN"}, true, ascii},
		{"mail without", []string{"SMTPUTF8", "DSN"}, false, ascii},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = tt.keywords })
			h := newEngine(t, p)
			tx := h.Begin(h.route)
			defer tx.Abort()
			rcpts := []envelope.Recipient{{Path: "b@x.example", ORcpt: raw}, {Path: "c@x.example", ORcpt: "rfc822;c+c3@x"}}
			for _, v := range tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@x", UTF8: tt.utf8}, rcpts, false) {
				if !v.OK() {
					t.Fatal(v)
				}
			}
			want := []string{"RCPT TO:<b@x.example> ORCPT=" + tt.want, "RCPT TO:<c@x.example> ORCPT=rfc822;c+c3@x"}
			if heard := p.Heard(); !slices.Equal(heard[2:4], want) {
				t.Errorf("heard %q, want %q", heard[2:4], want)
			}
		})
	}
}

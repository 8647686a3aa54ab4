package smtpd

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// taker is a handler that takes some of the recipients at a time.
type taker struct {
	recorder
	takes  func(call int) int
	calls  int
	looked int // recipients that were shown to it
}

func (h *taker) Rcpt(rcpts []Recipient, _ bool) []envelope.Verdict {
	h.looked += len(rcpts)
	h.calls++
	return slices.Repeat([]envelope.Verdict{accepted}, min(h.takes(h.calls), len(rcpts)))
}

// Each recipient of a long pipeline is parsed a few times at most, however few are
// taken together.
func TestRecipientsAhead(t *testing.T) {
	const n = 2000
	for name, takes := range map[string]func(int) int{
		"all":         func(int) int { return n },
		"one":         func(int) int { return 1 },
		"two":         func(int) int { return 2 },
		"now and one": func(call int) int { return 1 + call%2*n },
		"many, one":   func(call int) int { return 1 + min(call%20, 1)*100 },
	} {
		t.Run(name, func(t *testing.T) {
			in := &smtptest.Input{In: []byte("EHLO a\r\nMAIL FROM:<a@b.example>\r\n" + strings.Repeat("RCPT TO:<c@d.example>\r\n", n) + "NOOP\r\n")}
			c := New(in, Options{Hostname: "relay.example", CommandTimeout: time.Hour, MonitorDelay: time.Hour})
			h := &taker{recorder: recorder{conn: c, in: in}, takes: takes}
			c.Converse(func() Handler { return h })
			c.Close()
			if got := strings.Count(in.Out.String(), "250 2.0.0 accepted"); got != n+1 {
				t.Errorf("%d recipients and senders were accepted", got)
			}
			if h.looked > 4*n {
				t.Errorf("%d recipients were parsed, %d came", h.looked, n)
			}
		})
	}
}

package relay

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// patientHop answers the envelope when the time is up.
type patientHop struct{ fakeHop }

func (p *patientHop) Envelope(ctx context.Context, from envelope.ReversePath, rcpts []envelope.Recipient, data bool) []envelope.Verdict {
	<-ctx.Done()
	return slices.Repeat([]envelope.Verdict{envelope.Refuse(451, [3]int{4, 4, 1}, "given up")}, len(rcpts))
}

// A client waits for one reply as long as total_timeout and no longer, and is
// still served then.
func TestTotalTimeout(t *testing.T) {
	short := func(cfg *config.Config) { cfg.NextHop.TotalTimeout = 20 * time.Millisecond }
	t.Run("envelope", inBubble(func(t *testing.T) {
		r := newRigAt(t, &smtptest.Network{}, short, nil)
		setup := *r.srv.setup.Load()
		setup.begin = func(*nexthop.Session, *nexthop.Route) hop { return &patientHop{} }
		r.srv.setup.Store(&setup)
		c := r.hello("plain")
		c.say("MAIL FROM:<a@sender.example>", "250")
		c.say("RCPT TO:<b@rcpt.example>", "451 4.4.1")
		c.say("RSET", "250")
		c.say("MAIL FROM:<a@sender.example>", "250")
	}))
	t.Run("message", inBubble(func(t *testing.T) {
		r := newRigAt(t, &smtptest.Network{}, short, nil)
		r.hop.deliver = func(ctx context.Context) { <-ctx.Done() }
		c := r.hello("plain")
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("451")
		c.say("NOOP", "250")
		wantBodies(t, r)
	}))
}

// inBubble is a test whose time-outs end when nothing else happens any more, however busy
// the machine is.
func inBubble(test func(t *testing.T)) func(*testing.T) {
	return func(t *testing.T) { synctest.Test(t, test) }
}

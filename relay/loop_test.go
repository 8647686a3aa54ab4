package relay

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// ownReceived is a field as we write it.
func ownReceived(hostname string) string {
	t := trace{hello: "exch01.example.com", client: netip.MustParseAddr("10.1.2.3"), hostname: hostname, extended: true, id: "x-1", rcpt: "b@rcpt.example", at: time.Unix(0, 0)}
	return t.field()
}

func TestMailLoop(t *testing.T) {
	for _, tt := range []struct {
		name        string
		others, own int
		set         func(*config.Limits)
		want        string
	}{
		{"few", 90, 9, nil, "250"},
		{"many", 100, 0, nil, "554 5.4.6 mail loop: the message has 100 Received fields"},
		{"many of ours", 0, 10, nil, "554 5.4.6 mail loop: the message has passed relay.example 10 times"},
		{"many, as set", 7, 0, func(l *config.Limits) { l.ReceivedFields = 7 }, "554 5.4.6"},
		{"many of ours, as set", 0, 3, func(l *config.Limits) { l.OwnReceivedFields = 3 }, "554 5.4.6"},
		{"fewer than are set", 150, 20, func(l *config.Limits) { l.ReceivedFields, l.OwnReceivedFields = 200, 21 }, "250"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(cfg *config.Config) {
				if tt.set != nil {
					tt.set(&cfg.Limits)
				}
			})
			c := r.hello("plain")
			c.envelope()
			c.say("DATA", "354")
			c.send(strings.Repeat("Received: from a by b; now\r\n\tfolded\r\n", tt.others) + strings.Repeat(ownReceived("relay.example"), tt.own) +
				"Subject: x\r\n\r\n" + strings.Repeat("Received: in the body\r\n", 30) + ".\r\n")
			c.expect(tt.want)
		})
	}
}

// With the queue the client has its 250 before that is known: the sender is told, and
// nothing is sent.
func TestMailLoopInQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder, change, options := queueing(t)
		r := newRigAt(t, &smtptest.Network{}, change, []func(*Options){options})
		c := r.hello("plain")
		c.envelope()
		c.say("DATA", "354")
		c.send(strings.Repeat(ownReceived("relay.example"), 10) + message + ".\r\n")
		c.expect("250")
		synctest.Wait()
		if len(r.hop.messages) != 1 || statusOf(t, r.hop.messages[0]) != "failed 5.4.6" {
			t.Errorf("sent %q", r.hop.messages)
		}
		if left := stored(t, folder); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// A next hop that sends everything back is heard of after a few rounds.
func TestLoopEnds(t *testing.T) {
	r := newRig(t, nil)
	c, m := r.hello("plain"), message
	for round := range 11 {
		want := "250"
		if round == 10 {
			want = "554 5.4.6"
		}
		c.envelope()
		c.say("DATA", "354")
		c.send(m + ".\r\n")
		c.expect(want)
		m = r.hop.messages[len(r.hop.messages)-1]
	}
}

// A mail loop is noticed before anything is sent.
func TestLoopIsNotStreamed(t *testing.T) {
	for name, head := range map[string]string{
		"of all":  strings.Repeat("Received: from a by b\r\n", 100),
		"of ours": strings.Repeat(ownReceived("relay.example"), 10),
	} {
		t.Run(name, func(t *testing.T) {
			m := head + large("")
			eachWay(t, nil, nil, func(t *testing.T, w *way) {
				w.begin(m, 250_000)
				w.rest(m, 250_000)
				w.c.expect("554 5.4.6")
				if took := w.p.Took(); len(took) != 0 {
					t.Errorf("the next hop took %d messages", len(took))
				}
			})
		})
	}
}

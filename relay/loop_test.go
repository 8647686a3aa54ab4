package relay

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
)

// ownReceived is a field as we write it.
func ownReceived(hostname string) string {
	t := trace{hello: "exch01.example.com", client: netip.MustParseAddr("10.1.2.3"), hostname: hostname, extended: true, id: "x-1", rcpt: "b@rcpt.example", at: time.Unix(0, 0)}
	return t.field()
}

func TestCountReceived(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	own := ownReceived("relay.example")
	tests := []struct {
		name, message string
		want          hops
	}{
		{"none", "Subject: x\r\n\r\nReceived: no\r\n", hops{}},
		{"case and space", "RECEIVED: a\r\nreceived : b\r\nReceived-SPF: c\r\nX-Received: d\r\n\r\n", hops{all: 2}},
		{"bare LF", "Received: a\nReceived: b\n\nReceived: c\n", hops{all: 2}},
		{"no end", "Received: a", hops{all: 1}},
		{"folded", "Subject: a\r\n Received: b\r\n\r\n", hops{}},
		{"long line", "Subject: " + long + "Received: x\r\nReceived: y\r\n\r\n", hops{all: 1}},
		{"empty", "", hops{}},
		{"own", own + "Received: by relay.example; now\r\n" + own + "Subject: x\r\n\r\n" + own, hops{3, 2}},
		{"own, case", strings.Replace(own, "relay.example", "Relay.EXAMPLE", 1) + "\r\n", hops{1, 1}},
		{"own, of another name", ownReceived("relay2.example") + "\r\n", hops{1, 0}},
		{"own, folded by others", strings.ReplaceAll(own, "\r\n\t", " ") + strings.ReplaceAll(own, " ", "\r\n  ") + "\r\n", hops{2, 2}},
		{"own, without an end", own[:len(own)-2], hops{1, 1}},
		{"own, in another field", "X: " + own[len("Received: "):] + "\r\n", hops{}},
		{"own, behind a long line", "X: " + long + "\r\n" + own + "\r\n", hops{1, 1}},
		{"own, followed by a long line", own[:len(own)-2] + "\r\n " + long + "\r\n" + own + "\r\n", hops{2, 2}},
		{"Exchange by our name", "Received: from a (10.1.2.3) by relay.example (10.1.2.4) with Microsoft SMTP Server id 15.0\r\n\r\n", hops{1, 0}},
		{"Postfix by our name", "Received: from a (a [10.1.2.3])\r\n\tby relay.example (Postfix) with ESMTP id 1\r\n\r\n", hops{1, 0}},
		{"Exim by our name", "Received: from a ([10.1.2.3])\r\n\tby relay.example with esmtp (Exim 4.97) id 1\r\n\r\n", hops{1, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := countReceived(strings.NewReader(tt.message), int64(len(tt.message)), "relay.example")
			if err != nil || got != tt.want {
				t.Errorf("%+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestMailLoop(t *testing.T) {
	for _, tt := range []struct {
		name        string
		others, own int
		set         func(*config.Limits)
		want        string
	}{
		{"few", maxReceived - maxOwnReceived, maxOwnReceived - 1, nil, "250"},
		{"many", maxReceived, 0, nil, "554 5.4.6 mail loop: the message has 100 Received fields"},
		{"many of ours", 0, maxOwnReceived, nil, "554 5.4.6 mail loop: the message has passed relay.example 10 times"},
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

// A next hop that sends everything back is heard of after a few rounds.
func TestLoopEnds(t *testing.T) {
	r := newRig(t, nil)
	c, m := r.hello("plain"), message
	for round := range maxOwnReceived + 1 {
		want := "250"
		if round == maxOwnReceived {
			want = "554 5.4.6"
		}
		c.envelope()
		c.say("DATA", "354")
		c.send(m + ".\r\n")
		c.expect(want)
		m = r.hop.messages[len(r.hop.messages)-1]
	}
}

// A mail loop is noticed before anything is passed on.
func TestLoopIsNotPassedOn(t *testing.T) {
	for name, head := range map[string]string{
		"of all":  strings.Repeat("Received: from a by b\r\n", maxReceived),
		"of ours": strings.Repeat(ownReceived("relay.example"), maxOwnReceived),
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

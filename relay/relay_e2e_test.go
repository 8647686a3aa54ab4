package relay

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// throughRelay starts a server before a scripted next hop, with the real
// engine between them.
func throughRelay(t *testing.T, set func(*smtptest.Peer)) (*rig, *smtptest.Peer) {
	t.Helper()
	return throughRelayWith(t, nil, set)
}

// throughRelayWith is throughRelay with another configuration; options alter what
// else the server is made of.
func throughRelayWith(t *testing.T, change func(*config.Config), set func(*smtptest.Peer), options ...func(*Options)) (*rig, *smtptest.Peer) {
	t.Helper()
	return throughRelayAt(t, nil, change, set, options...)
}

// throughRelayAt is throughRelayWith on a network; nil is the real one.
func throughRelayAt(t *testing.T, network *smtptest.Network, change func(*config.Config), set func(*smtptest.Peer), options ...func(*Options)) (*rig, *smtptest.Peer) {
	t.Helper()
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.Network = network
		if set != nil {
			set(p)
		}
	})
	cfg := testConfig(t)
	if change != nil {
		change(cfg)
	}
	cfg.Routes = []config.Route{{Via: []string{p.Addr}, TLS: "opportunistic", Profile: "auto"}}
	r := &rig{t: t, cfg: cfg, log: &smtptest.Buffer{}, network: network}
	r.build(options)
	r.serve()
	return r, p
}

func TestThroughToTheNextHop(t *testing.T) {
	for _, transport := range []string{"plain", "starttls", "implicit"} {
		t.Run(transport, func(t *testing.T) {
			r, p := throughRelay(t, func(p *smtptest.Peer) {
				p.On = func(_ *smtptest.Session, line string) string {
					if strings.Contains(line, "nobody") {
						return "550-5.1.1 who\r\n550 5.1.1 is that"
					}
					return ""
				}
			})
			c := r.hello(transport)
			for range 2 {
				c.send("MAIL FROM:<\"a b\"@sender.example> BODY=8BITMIME\r\nRCPT TO:<b@rcpt.example> NOTIFY=FAILURE\r\nRCPT TO:<nobody@rcpt.example>\r\nDATA\r\n")
				c.expect("250")
				c.expect("250")
				if got := c.expect("550"); !slices.Equal(got, []string{"550-5.1.1 who", "550 5.1.1 is that"}) {
					t.Errorf("got %q", got)
				}
				c.expect("354")
				c.send("Subject: \xc3\xa4\r\n\r\n..dot\r\n.\r\n")
				c.expect("250")
			}
			took := p.Took()
			if len(took) != 2 || withoutReceived(took[1].Body) != "Subject: \xc3\xa4\r\n\r\n.dot\r\n" {
				t.Fatalf("the next hop took %+v", took)
			}
			if !strings.HasPrefix(took[0].From, `FROM:<"a b"@sender.example>`) || len(took[0].To) != 1 || !strings.HasPrefix(took[0].To[0], "TO:<b@rcpt.example>") {
				t.Errorf("envelope %q %q", took[0].From, took[0].To)
			}
			if n := p.Count(); n != 1 {
				t.Errorf("%d connections for two messages", n)
			}
		})
	}
}

// A bare LF or CR goes on only where nobody can take it for a line end: in a
// chunk. Otherwise the client is told.
func TestBareLineEnds(t *testing.T) {
	bodies := []string{"a\nb\r\n", "a\rb\r\n", "a\n.\nQUIT\r\n", "a\n.\r\nb\r\n", "a\r.\rb\r\n"}
	for _, chunking := range []bool{false, true} {
		r, p := throughRelay(t, func(p *smtptest.Peer) {
			if chunking {
				p.Keywords = append(p.Keywords, "CHUNKING")
			}
		})
		c := r.hello("plain")
		var want []string
		for _, body := range bodies {
			t.Run(fmt.Sprintf("chunking %v %q", chunking, body), func(t *testing.T) {
				c.t = t
				c.envelope()
				c.say("DATA", "354")
				c.send(body + ".\r\n")
				if chunking {
					c.expect("250")
					want = append(want, body)
				} else {
					c.expect("5")
				}
				c.envelope()
				c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(body), body))
				if chunking {
					c.expect("250")
					want = append(want, body)
				} else {
					c.expect("5")
				}
			})
		}
		var got []string
		for _, m := range p.Took() {
			got = append(got, withoutReceived(m.Body))
		}
		if !slices.Equal(got, want) {
			t.Errorf("the next hop took %q, want %q", got, want)
		}
	}
}

// The next hop's failures are temporary for the client, and nothing is 250.
func TestNextHopFails(t *testing.T) {
	for _, at := range []string{"MAIL", "RCPT", "DATA", "."} {
		for _, how := range []string{smtptest.Cut, smtptest.Reset, "421 4.3.2 closing"} {
			t.Run(strings.Trim(at+" "+how, "\x00"), func(t *testing.T) {
				r, p := throughRelay(t, func(p *smtptest.Peer) {
					p.On = func(_ *smtptest.Session, line string) string {
						if strings.HasPrefix(line, at) {
							return how
						}
						return ""
					}
				})
				c := r.hello("plain")
				c.send("MAIL FROM:<a@sender.example>\r\nRCPT TO:<b@rcpt.example>\r\nDATA\r\n")
				c.expect("250")
				last := c.expect("")
				if next := c.expect(""); strings.HasPrefix(next[0], "354") {
					c.send(message + ".\r\n")
					last = c.expect("")
				}
				if !strings.HasPrefix(last[0], "451") {
					t.Errorf("the client got %q", last)
				}
				c.say("NOOP", "250")
				if len(p.Took()) > 0 {
					t.Errorf("delivered %+v", p.Took())
				}
			})
		}
	}
}

// A meeting is repaired by the relay, and the log says what was done.
func TestMeetingIsRepaired(t *testing.T) {
	mail := strings.ReplaceAll(`From: boss@sender.example
To: b@rcpt.example
Subject: Planning
MIME-Version: 1.0
Content-Type: text/calendar; method=REQUEST; charset=utf-8

BEGIN:VCALENDAR
METHOD:REQUEST
PRODID:Microsoft CDO for Microsoft Exchange
VERSION:2.0
BEGIN:VEVENT
DTSTAMP:20260101T090000Z
DTSTART:20260202T090000Z
DTEND:20260202T100000Z
SUMMARY:Planning
UID:040000008200E00074C5B7101A82E00800000000A0B1C2D3E4F5C601000000000000000010000000AABBCCDDEEFF00112233445566778899
ORGANIZER;CN="Boss":MAILTO:boss@sender.example
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="B":MAILTO:b@rcpt.example
SEQUENCE:0
X-MICROSOFT-CDO-APPT-SEQUENCE:3
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
	r, p := throughRelay(t, nil)
	c := r.hello("plain")
	c.envelope()
	c.say("DATA", "354")
	c.send(mail + ".\r\n")
	c.expect("250")
	if body := p.Took()[0].Body; !strings.Contains(body, "\r\nSEQUENCE:3\r\n") {
		t.Errorf("the next hop got\n%s", body)
	}
	for _, want := range []string{"msg=message", "method=REQUEST", "applied=", "seq-cdo", "outcome=repaired", "verdict=delivered"} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("%s is missing in the log: %s", want, r.log)
		}
	}
}

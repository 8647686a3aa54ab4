package relay

import (
	"context"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
)

func TestRelayingDenied(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) {
		cfg.Listeners[0].Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	})
	c := r.hello("plain")
	got := c.say("MAIL FROM:<a@sender.example>", "550 5.7.1")
	if last := got[len(got)-1]; !strings.Contains(last, "127.0.0.1") || !strings.Contains(last, `"plain"`) {
		t.Errorf("the last line %q does not give the reason", last)
	}
	c.say("RCPT TO:<b@rcpt.example>", "503")
	if !strings.Contains(r.log.String(), "client-refused") {
		t.Errorf("log: %s", r.log)
	}
}

func TestTLSRequired(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) { cfg.Listeners[0].TLS.Mode = "required" })
	c := r.hello("plain")
	c.say("MAIL FROM:<a@sender.example>", "530 5.7.0")
	r.hello("starttls").say("MAIL FROM:<a@sender.example>", "250")
}

// A client that sends chunks has begun its body, too: the next hop is asked for it
// together with the envelope.
func TestPipelineOfChunks(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		c.send(fmt.Sprintf("MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nBDAT %d LAST\r\n%s", len(message), message))
		for _, want := range []string{"250 2.1.0", "250", "250 2.6.0"} {
			c.expect(want)
		}
		if !slices.Equal(r.hop.early, []bool{true}) {
			t.Errorf("DATA %v", r.hop.early)
		}
		wantBodies(t, r, message)
	})
}

// The client's pipeline goes to the next hop in one batch, with DATA when that
// is in it, and each recipient gets its own verdict in order.
func TestPipeline(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		r.hop.rcpt = func(path string) envelope.Verdict {
			if strings.HasPrefix(path, "no") {
				return envelope.Verdict{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: []string{"no such user"}, Remote: "next"}
			}
			return envelope.Verdict{Code: 251, Text: []string{"will forward " + path}, Remote: "next"}
		}
		c.send("MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<no@x.example> NOTIFY=never\r\nrcpt to:<c@x.example> ORCPT=rfc822;c@x.example\r\nDATA\r\n")
		c.expect("250 2.1.0")
		c.expect("251 will forward a@x.example")
		c.expect("550 5.1.1 no such user")
		c.expect("251 will forward c@x.example")
		c.expect("354")
		c.send(message + ".\r\nMAIL FROM:<z@x.example>\r\nRCPT TO:<d@x.example>\r\nRCPT TO:<e@x.example>\r\nRSET\r\n")
		for _, want := range []string{"250 2.6.0", "250", "251", "251", "250 2.0.0"} {
			c.expect(want)
		}
		want := [][]string{{"a@x.example", "no@x.example", "c@x.example"}, {"d@x.example", "e@x.example"}}
		if !reflect.DeepEqual(r.hop.batches, want) || !slices.Equal(r.hop.early, []bool{true, false}) {
			t.Errorf("batches %q, DATA %v", r.hop.batches, r.hop.early)
		}
		wantBodies(t, r, message)
	})
}

// A line of the pipeline that could be refused on its turn ends the batch: no
// recipient reaches the next hop that the client believes refused.
func TestPipelineStopsAtDoubt(t *testing.T) {
	for _, doubt := range []string{
		"RCPT TO:<b@x.example> FOO=1", "RCPT TO:<b@x.example> =", "RCPT TO:<b@other.example>", "RCPT TO:<b>",
		"RCPT TO:<\xc3\xa9@x.example>", "NOOP", "RCPT TO:<b@x.example> SIZE=1", "DATA x",
	} {
		t.Run(doubt, func(t *testing.T) {
			r := newRig(t, nil)
			c := r.hello("plain")
			c.send("MAIL FROM:<s@x.example>\r\nRCPT TO:<a@x.example>\r\n" + doubt + "\r\nRCPT TO:<c@x.example>\r\n")
			for range 4 {
				c.reply()
			}
			want := [][]string{{"a@x.example"}, {"c@x.example"}}
			if !reflect.DeepEqual(r.hop.batches, want) {
				t.Errorf("batches %q, want %q", r.hop.batches, want)
			}
			c.say("DATA", "354")
			c.send(".\r\n")
			c.expect("250")
		})
	}
}

func TestOneNextHopPerTransaction(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("plain")
	c.envelope()
	c.say("RCPT TO:<c@other.example>", "452 4.5.3")
	c.say("RCPT TO:<d@rcpt.example>", "250")
	c.say("RSET", "250")
	c.say("MAIL FROM:<a@sender.example>", "250")
	c.say("RCPT TO:<c@other.example>", "250")
}

func TestRecipientLimit(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("plain")
	lines := "MAIL FROM:<a@sender.example>\r\n"
	for i := range r.cfg.Limits.Recipients + 2 {
		lines += fmt.Sprintf("RCPT TO:<r%d@rcpt.example>\r\n", i)
	}
	c.send(lines)
	c.expect("250")
	for range r.cfg.Limits.Recipients {
		c.expect("250")
	}
	c.expect("452 4.5.3")
	c.expect("452 4.5.3")
	if n := len(r.hop.rcpts); n != r.cfg.Limits.Recipients {
		t.Errorf("the next hop got %d recipients", n)
	}
}

func TestRecipientWithoutRoute(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) { cfg.Routes = cfg.Routes[:1] })
	c := r.hello("plain")
	c.say("MAIL FROM:<a@sender.example>", "250")
	c.say("RCPT TO:<b@rcpt.example>", "550 5.4.4")
	c.say("RCPT TO:<b@other.example>", "250")
}

// Mail that comes in goes to our own domains, which routes name, and nowhere
// else, whoever is in allow.
func TestInboundIsNoOpenRelay(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) { cfg.Listeners[0].Direction = config.Inbound })
	c := r.hello("plain")
	c.say("MAIL FROM:<a@sender.example>", "250")
	got := c.say("RCPT TO:<b@rcpt.example>", "550 5.7.1")
	if last := got[len(got)-1]; !strings.Contains(last, `"plain" is inbound`) {
		t.Errorf("the answer %q does not give the reason", last)
	}
	c.say("RCPT TO:<b@other.example>", "250")
	r.hello("implicit").envelope()
}

// Parameters reach the engine as the client wrote them.
func TestParameters(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("plain")
	c.say("MAIL FROM:<\xc3\xa9@sender.example> size=1000 body=8bitmime SMTPUTF8 RET=hdrs ENVID=a+2Bb AUTH=<>", "250")
	c.say("RCPT TO:<\xc3\xbc@rcpt.example> NOTIFY=success,Failure ORCPT=rfc822;x+2By@rcpt.example", "250")
	wantFrom := envelope.ReversePath{Path: "é@sender.example", Size: 1000, Body: "8BITMIME", UTF8: true, Ret: "hdrs", EnvID: "a+2Bb"}
	wantRcpt := envelope.Recipient{Path: "ü@rcpt.example", Notify: "success,Failure", ORcpt: "rfc822;x+2By@rcpt.example"}
	if r.hop.from != wantFrom || !reflect.DeepEqual(r.hop.rcpts[0], wantRcpt) {
		t.Errorf("envelope %+v %+v", r.hop.from, r.hop.rcpts)
	}
}

// A verdict that would break our own conversation is made one that does not.
func TestOddVerdicts(t *testing.T) {
	tests := []struct {
		code int
		want string
	}{{421, "451 4.3.2 closing"}, {354, "451 4.5.0"}, {120, "451 4.5.0"}, {0, "451 4.5.0"}, {666, "451 4.5.0"}, {599, "599 4.3.2 closing"}, {452, "452 4.3.2 closing"}}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			r := newRig(t, nil)
			odd := envelope.Verdict{Code: tt.code, Enhanced: [3]int{4, 3, 2}, Text: []string{"closing"}, Remote: "next"}
			r.hop.rcpt = func(path string) envelope.Verdict {
				if path == "odd@rcpt.example" {
					return odd
				}
				return hopSays250
			}
			r.hop.final = func(string) envelope.Verdict { return odd }
			c := r.hello("plain")
			c.envelope()
			c.say("RCPT TO:<odd@rcpt.example>", tt.want[:3])
			c.say("DATA", "354")
			c.send(".\r\n")
			c.expect(tt.want)
			c.say("NOOP", "250")
		})
	}
}

// A client that goes away while the next hop thinks aborts the transaction.
func TestClientGoneWhileWaiting(t *testing.T) {
	for _, how := range []string{"fin", "reset", "close_notify"} {
		t.Run(how, func(t *testing.T) {
			eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
				seen := make(chan error, 1)
				r.hop.deliver = func(ctx context.Context) {
					c.end(how)
					<-ctx.Done()
					seen <- ctx.Err()
				}
				c.envelope()
				c.say("DATA", "354")
				c.send(message + ".\r\n")
				if err := <-seen; err == nil {
					t.Error("the context did not end")
				}
				r.srv.shutdown(context.Background())
				wantBodies(t, r)
				if !strings.Contains(r.log.String(), "verdict=aborted") {
					t.Errorf("log: %s", r.log)
				}
			})
		})
	}
}

// A client that has said all it wants to say, and closed its side, still gets
// its answers; so does one that pipelines the next message meanwhile.
func TestClientSendsWhileWaiting(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		release := make(chan struct{})
		r.hop.deliver = func(context.Context) { <-release }
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.send("MAIL FROM:<a@sender.example>\r\nRCPT TO:<b@rcpt.example>\r\nDATA\r\n")
		c.send("second\r\n.\r\nQUIT\r\n")
		c.end("fin")
		close(release)
		for _, want := range []string{"250 2.6.0", "250", "250", "354", "250 2.6.0", "221"} {
			c.expect(want)
		}
		wantBodies(t, r, message, "second\r\n")
	})
}

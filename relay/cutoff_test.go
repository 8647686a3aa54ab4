package relay

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// wantLine waits for a line of the log that has all of these parts.
func wantLine(t *testing.T, log *smtptest.Buffer, parts ...string) {
	t.Helper()
	for until := time.Now().Add(hangBound); ; time.Sleep(5 * time.Millisecond) {
		for line := range strings.Lines(log.String()) {
			found := true
			for _, part := range parts {
				found = found && strings.Contains(line, part)
			}
			if found {
				return
			}
		}
		if time.Now().After(until) {
			t.Fatalf("no line with %q in\n%s", parts, log)
		}
	}
}

// Whoever is cut off, or may not do what it wants, is in the log with the reason and
// the reply that it got.
func TestClientRefusedIsLogged(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*config.Config)
		talk   func(c *talker)
		want   []string
	}{
		{"too many errors", nil, func(c *talker) { c.send(strings.Repeat("FOO\r\n", 8)); c.expectClosed() },
			[]string{`why="too many errors"`, "code=421", `error="the last one: 500 5.5.1 command not recognized"`}},
		{"long line", nil, func(c *talker) { c.send("NOOP " + strings.Repeat("x", 3000)); c.expectClosed() },
			[]string{`why="command line too long"`, "code=500", "5.5.6"}},
		{"malformed chunk", nil, func(c *talker) { c.envelope(); c.send("BDAT x\r\n"); c.expectClosed() },
			[]string{`why="malformed BDAT"`, "code=501"}},
		{"flood", func(cfg *config.Config) { cfg.Listeners[0].MaxSize = 1 }, func(c *talker) {
			c.send("BDAT 999999999999\r\n")
			c.expectClosed()
		}, []string{`why="the client continues to send a message that is far too large"`, "code=552"}},
		{"TLS required", func(cfg *config.Config) { cfg.Listeners[0].TLS.Mode = "required" }, func(c *talker) {
			c.say("MAIL FROM:<a@sender.example>", "530")
		}, []string{`why="TLS is required"`, "code=530"}},
		{"not allowed", func(cfg *config.Config) {
			cfg.Listeners[0].Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		}, func(c *talker) {
			c.say("MAIL FROM:<a@sender.example>", "550")
		}, []string{`why="not allowed to relay"`, "code=550"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.change)
			tt.talk(r.hello("plain"))
			wantLine(t, r.log, append(tt.want, "msg=client-refused", "[127.0.0.1]")...)
			if n := strings.Count(r.log.String(), "client-refused"); n != 1 {
				t.Errorf("%d lines", n)
			}
		})
	}
}

// A message that ends without a verdict says who ended it, and how.
func TestInterruptedSaysWhy(t *testing.T) {
	for _, tt := range []struct {
		name string
		talk func(r *rig, c *talker)
		why  string
	}{
		{"stopped between commands", func(r *rig, c *talker) { c.envelope(); r.srv.Close() }, "the server was stopped"},
		{"stopped within the body", func(r *rig, c *talker) {
			c.envelope()
			c.say("DATA", "354")
			c.send(message)
			r.srv.Close()
		}, "the server was stopped"},
		{"stopped while the next hop thinks", func(r *rig, c *talker) {
			delivering := make(chan struct{})
			r.hop.deliver = func(ctx context.Context) { close(delivering); <-ctx.Done() }
			c.envelope()
			c.say("DATA", "354")
			c.send(message + ".\r\n")
			<-delivering
			r.srv.Close()
		}, "the server was stopped"},
		{"gone while the next hop thinks", func(r *rig, c *talker) {
			delivering := make(chan struct{})
			r.hop.deliver = func(ctx context.Context) { close(delivering); <-ctx.Done() }
			c.envelope()
			c.say("DATA", "354")
			c.send(message + ".\r\n")
			<-delivering
			c.conn.Close()
		}, "the client disconnected"},
		{"too many errors", func(r *rig, c *talker) { c.envelope(); c.send(strings.Repeat("FOO\r\n", 8)) },
			"the connection was closed: too many errors"},
		{"another command between chunks", func(r *rig, c *talker) {
			c.envelope()
			c.say("BDAT 3\r\nabc", "250")
			c.say("RSET", "250")
		}, "the client aborted the message"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil)
			tt.talk(r, r.hello("plain"))
			wantInterrupted(t, r, tt.why)
		})
	}
	t.Run("silent", inBubble(func(t *testing.T) {
		r := newRigAt(t, &smtptest.Network{}, nil, nil)
		r.hello("plain").envelope()
		wantInterrupted(t, r, "the client did not send anything in time")
	}))
}

// wantInterrupted waits until the log says why the message ended.
func wantInterrupted(t *testing.T, r *rig, why string) {
	t.Helper()
	wantLine(t, r.log, "msg=recipient", "verdict=aborted", `why="`+why+`"`)
	wantLine(t, r.log, "msg=message", "outcome=aborted", `why="`+why+`"`)
	if strings.Contains(r.log.String(), "context canceled") {
		t.Errorf("%s", r.log)
	}
}

// A repair that the stop of the server ended is not put on the client.
func TestStoppedWhileRepairing(t *testing.T) {
	r, _, full := waiting(t, "plain")
	go r.srv.Close() // waits for the crowd too
	wantLine(t, r.log, "msg=left-alone", "from=a@sender.example", `why="the server was stopped"`)
	full.leave()
	wantLine(t, r.log, "msg=recipient", "from=a@sender.example", "verdict=aborted", `why="the server was stopped"`)
}

// What we refuse ourselves is not put on the next hop, which had taken the recipient.
func TestOwnRefusalNamesNoNextHop(t *testing.T) {
	for _, tt := range []struct {
		name, body, code string
	}{
		{"loop", strings.Repeat("Received: x\r\n", 200) + message, "554"},
		{"too large", message + strings.Repeat("x\r\n", 400_000), "552"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil)
			c := r.hello("plain")
			c.envelope()
			c.say("DATA", "354")
			c.send(tt.body + ".\r\n")
			c.expect(tt.code)
			wantLine(t, r.log, "msg=recipient", "verdict=refused", "code="+tt.code)
			if log := r.log.String(); strings.Contains(log, "nexthop=") {
				t.Error(log)
			}
		})
	}
}

// A message whose MAIL is malformed is recorded; a stranger's is not.
func TestMalformedMailIsRecorded(t *testing.T) {
	r := newRig(t, nil)
	r.hello("plain").say("MAIL FROM:<a@@b>", "501")
	wantLine(t, r.log, "msg=message", "level=WARN", "from=a@@b", "outcome=refused", "code=501", `why="MAIL was refused"`)
	r = newRig(t, func(cfg *config.Config) {
		cfg.Listeners[0].Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	})
	c := r.hello("plain")
	c.say("MAIL FROM:<a@@b>", "501")
	if log := r.log.String(); strings.Contains(log, "msg=message") {
		t.Error(log)
	}
}

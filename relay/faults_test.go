package relay

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/rewrite"
)

// The tests in this file are named after the faults of go-smtp that package smtpd
// guards against. Each runs in plain text, after STARTTLS and over
// implicit TLS.

// quick makes time-outs short, but not so short that a busy machine runs into
// them between two steps of a test.
func quick(cfg *config.Config) {
	cfg.Limits.CommandTimeout = 2 * time.Second
	cfg.Limits.DataTimeout = 2 * time.Second
}

// S1: a chunk that is cut short is never a message, however the connection ends.
func TestTruncatedChunk(t *testing.T) {
	for _, how := range []string{"fin", "reset", "close_notify"} {
		for _, last := range []string{"", " LAST"} {
			t.Run(how+last, func(t *testing.T) {
				eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
					c.envelope()
					c.send("BDAT 1000" + last + "\r\nSubject: cut\r\n\r\nx")
					c.end(how)
					r.srv.shutdown(context.Background())
					wantBodies(t, r)
					if replies := c.expectGone(); strings.Contains(strings.Join(replies, "\n"), "250") {
						t.Errorf("the server said %q", replies)
					}
				})
			})
		}
	}
}

// end ends the client's side in one of the ways there are.
func (c *talker) end(how string) {
	raw := c.conn
	if tc, ok := raw.(*tls.Conn); ok {
		if how == "close_notify" {
			tc.CloseWrite()
			return
		}
		raw = tc.NetConn()
	}
	switch tcp := raw.(*net.TCPConn); how {
	case "reset":
		tcp.SetLinger(0)
		tcp.Close()
	default:
		tcp.CloseWrite()
	}
}

// expectGone reads what is left, whatever the error at the end.
func (c *talker) expectGone() []string {
	var all []string
	for {
		lines, err := c.reply()
		all = append(all, lines...)
		if err != nil {
			return all
		}
	}
}

// S1 again: a message by DATA that ends without CRLF.CRLF.
func TestTruncatedData(t *testing.T) {
	for _, body := range []string{"", "Subject: cut\r\n\r\nx", "x\r\n", "x\r\n.", "x\r\n.\r"} {
		t.Run(fmt.Sprintf("%q", body), func(t *testing.T) {
			eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
				c.envelope()
				c.say("DATA", "354")
				c.send(body)
				c.end("fin")
				r.srv.shutdown(context.Background())
				wantBodies(t, r)
			})
		})
	}
}

// S2: after a stall within a message nothing is taken for a command.
func TestSmugglingByStalling(t *testing.T) {
	const smuggled = "MAIL FROM:<ceo@sender.example>\r\nRCPT TO:<victim@rcpt.example>\r\nDATA\r\nsmuggled\r\n.\r\n"
	for _, start := range []string{"DATA\r\nfirst line\r\n", "BDAT 5000 LAST\r\nfirst line\r\n"} {
		t.Run(start[:4], func(t *testing.T) {
			eachTransportInMemory(t, quick, func(t *testing.T, r *rig, c *talker) {
				c.envelope()
				c.send(start)
				if start[:4] == "DATA" {
					c.expect("354")
				}
				c.expect("421 4.4.2") // the stall ends here
				c.conn.Write([]byte(smuggled))
				if replies := c.expectGone(); len(replies) > 0 {
					t.Errorf("after the time-out the server said %q", replies)
				}
				wantBodies(t, r)
				if len(r.hop.batches) != 1 {
					t.Errorf("envelopes %q", r.hop.batches)
				}
			})
		})
	}
}

// S3: after a malformed BDAT nothing is read any more.
func TestMalformedChunk(t *testing.T) {
	for _, arg := range []string{"", "FOO", "-1", "+5", "0x10", "29 FOO", "28 LAST x", "5000000000000000000000 LAST", "1e3", "5LAST", "5 LASTx", "5  last x"} {
		t.Run(arg, func(t *testing.T) {
			eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
				c.envelope()
				c.send("BDAT " + arg + "\r\nMAIL FROM:<inj@sender.example>\r\n")
				replies := c.expectClosed()
				if len(replies) != 1 || !strings.HasPrefix(replies[0], "501 ") {
					t.Errorf("the server said %q", replies)
				}
				wantBodies(t, r)
			})
		})
	}
}

// S3 again: a chunk that is refused for another reason is skipped, and the
// conversation goes on after it.
func TestRefusedChunk(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		c.send("BDAT 32 LAST\r\nMAIL FROM:<inj@sender.example>\r\nNOOP\r\n")
		c.expect("503 5.5.1")
		c.expect("250 2.0.0")
		c.say("MAIL FROM:<a@sender.example>", "250")
		c.send("BDAT 6\r\nRSET\r\nNOOP\r\n")
		c.expect("503 5.5.1")
		c.expect("250 2.0.0")
		c.say("RCPT TO:<b@rcpt.example>", "250")
		c.send("BDAT 5 LAST\r\nabc\r\n")
		c.expect("250 2.6.0")
		wantBodies(t, r, "abc\r\n")
	})
}

// S4: paths keep their quotes, and nothing in them can become a parameter.
func TestEnvelopeInjection(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		quoted := `"victim@evil.test> NOTIFY=NEVER X="@y.test`
		c.say(`MAIL FROM:<"a b"@sender.example>`, "250")
		c.say("RCPT TO:<"+quoted+">", "250")
		c.say("RCPT TO:<@relay.one,@relay.two:c@rcpt.example>", "250")
		c.say("RCPT TO:<PostMaster>", "250")
		for _, bad := range []string{
			"<a b@y.test>", "<a>b@y.test>", "<a<b@y.test>", "<\"a@y.test>", "<\"a\"b@y.test>", "<a@y.test", "a@y.test", "<a@>", "<@y.test>", "<a>", "<>",
			"<a@y.test>X=1", "<a@y\x00.test>", "<a@y\r.test>", "<a@y\x1b.test>", "<a@b c>", "<a@y.test> NOTIFY;NEVER", "<a@y.test> =",
		} {
			c.conn.Write([]byte("RCPT TO:" + bad + "\r\n"))
			lines := c.expect("50")
			r.hop.mu.Lock()
			n := len(r.hop.rcpts)
			r.hop.mu.Unlock()
			if n != 3 {
				t.Fatalf("RCPT TO:%q went to the next hop (%q)", bad, lines)
			}
			c.say("RSET", "250")
			c = r.hello("plain") // the number of errors is limited
			c.say("MAIL FROM:<a@sender.example>", "250")
		}
		want := []string{quoted, "c@rcpt.example", "PostMaster"}
		for i, rcpt := range r.hop.rcpts {
			if rcpt.Path != want[i] {
				t.Errorf("the next hop got %q, want %q", rcpt.Path, want[i])
			}
		}
	})
}

// S6: what is not a verdict is temporary.
func TestInternalErrorIsTemporary(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		for _, how := range []string{"DATA\r\n", "BDAT 6 LAST\r\n"} {
			r.srv.setup.Load().cfg.Limits.Directory = t.TempDir() + "/gone"
			r.srv.setup.Load().cfg.Limits.Memory = 1
			c.envelope()
			c.send(how)
			if how == "DATA\r\n" {
				c.expect("354")
				c.send("abcd\r\n.\r\n")
			} else {
				c.send("abcd\r\n")
			}
			c.expect("452 4.3.1")
		}
		wantBodies(t, r)
	})
}

// S6 again, on the way to go-smtp: also a wrapped verdict keeps its code, and a
// panic in the session is temporary.
func TestPanicIsTemporary(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		r.hop.deliver = func(context.Context) { panic("boom") }
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("421 4.0.0")
		c.expectGone()
		wantBodies(t, r)
		if r.hop.aborted == 0 {
			t.Error("the outgoing transaction was not aborted")
		}
	})
}

// A panic of the rewriter costs nothing: the message goes out as it came.
func TestRewriterPanics(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250")
		c.envelope()
		c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(message), message))
		c.expect("250")
		wantBodies(t, r, message, message)
		if log := r.log.String(); strings.Count(log, "msg=left-alone") != 2 || !strings.Contains(log, "boom") {
			t.Errorf("the log does not say so: %s", log)
		}
	}, func(o *Options) {
		o.Delivery.Rewrite = func(rewrite.Source, rewrite.Options) (rewrite.Result, error) { panic("boom") }
	})
}

// S7: a slow client that keeps sending is not cut off, though the message takes
// longer than one time-out.
func TestSlowSteadyClient(t *testing.T) {
	eachTransportInMemory(t, quick, func(t *testing.T, r *rig, c *talker) {
		c.envelope()
		c.say("DATA", "354")
		tick := time.NewTicker(300 * time.Millisecond)
		defer tick.Stop()
		for range 8 { // 2.4 s at a time-out of 2 s
			<-tick.C
			c.send("line\r\n")
		}
		c.send(".\r\n")
		c.expect("250")
		wantBodies(t, r, strings.Repeat("line\r\n", 8))
	})
}

// S7 again: but not for ever.
func TestMessageTimeout(t *testing.T) {
	change := func(cfg *config.Config) { quick(cfg); cfg.Limits.MessageTimeout = time.Second }
	eachTransportInMemory(t, change, func(t *testing.T, r *rig, c *talker) {
		c.envelope()
		c.say("DATA", "354")
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for range 100 {
			<-tick.C
			if _, err := c.conn.Write([]byte("line\r\n")); err != nil {
				break
			}
		}
		if replies := c.expectGone(); len(replies) > 0 && !strings.HasPrefix(replies[0], "421 4.4.2") {
			t.Errorf("the server said %q", replies)
		}
		wantBodies(t, r)
	})
}

// S7 again: nor chunk after chunk, never the last.
func TestEndlessChunks(t *testing.T) {
	change := func(cfg *config.Config) { cfg.Limits.MessageTimeout = 300 * time.Millisecond }
	eachTransportInMemory(t, change, func(t *testing.T, r *rig, c *talker) {
		c.envelope()
		for {
			time.Sleep(10 * time.Millisecond)
			c.send("BDAT 0\r\nNOOP\r\n")
			lines, err := c.reply()
			if err != nil {
				t.Fatalf("no last word: %v", err)
			}
			if strings.HasPrefix(lines[0], "421 4.4.2") {
				return
			}
			c.expect("250")
		}
	})
}

// S8: message lines have no limit of their own, wherever the chunk begins.
func TestLongLines(t *testing.T) {
	long := strings.Repeat("x", 300_000) + "\r\n"
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		c.envelope()
		c.say("DATA", "354")
		c.send(long + ".\r\n")
		c.expect("250")
		c.envelope()
		c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(long), long))
		c.expect("250")
		wantBodies(t, r, long, long)
	})
}

// S8 again: command lines have one.
func TestLongCommand(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		c.say("NOOP "+strings.Repeat("x", 2048-7), "250")
		c.send("NOOP " + strings.Repeat("x", 2048) + "\r\nNOOP\r\n")
		c.expect("500 5.5.6")
		if replies := c.expectGone(); len(replies) > 0 {
			t.Errorf("the server went on: %q", replies)
		}
	})
}

// S9: a chunked message that is given up ends before the next command runs (the
// race detector looks on), and nothing of it is delivered.
func TestGivingUpChunks(t *testing.T) {
	for _, verb := range []string{"RSET", "EHLO again.example", "MAIL FROM:<c@sender.example>", "QUIT", "DATA", "VRFY x", "STARTTLS", "BOGUS"} {
		t.Run(verb, func(t *testing.T) {
			eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
				c.envelope()
				c.send("BDAT 4\r\nabc\nBDAT 0\r\nNOOP\r\n" + verb + "\r\n")
				c.expect("250 2.0.0 chunk received")
				c.expect("250 2.0.0 chunk received")
				c.expect("250 2.0.0 OK")
				c.reply()
				if verb == "QUIT" || verb == "STARTTLS" {
					return
				}
				if !strings.HasPrefix(verb, "MAIL") {
					c.say("MAIL FROM:<d@sender.example>", "250")
				}
				c.say("RCPT TO:<e@rcpt.example>", "250")
				c.send("BDAT 3 LAST\r\nnew")
				c.expect("250 2.6.0")
				wantBodies(t, r, "new")
				if r.hop.aborted == 0 {
					t.Error("the outgoing transaction was not aborted")
				}
			})
		})
	}
}

// S10: a second MAIL is refused and changes nothing.
func TestNestedMail(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		c.envelope()
		c.say("MAIL FROM:<second@sender.example>", "503 5.5.1")
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250")
		if r.hop.from.Path != "a@sender.example" {
			t.Errorf("message from %q", r.hop.from.Path)
		}
		wantBodies(t, r, message)
	})
}

// S5 is the next hop's: its guard is in the engine. Here is the other half: a
// client that does not read its replies loses the connection.
func TestClientDoesNotRead(t *testing.T) {
	eachTransportInMemory(t, quick, func(t *testing.T, r *rig, c *talker) {
		noops := strings.Repeat("NOOP\r\n", 10_000)
		for range 2_000 {
			if _, err := c.conn.Write([]byte(noops)); err != nil {
				return // the server hung up
			}
		}
		t.Error("the server took 20 million commands without having its replies read")
	})
}

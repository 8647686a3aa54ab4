package relay

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// What looks like the end of a message to a lax server is content to us, and
// reaches the engine as it came (it decides whether the next hop can have it).
func TestNothingElseEndsAMessage(t *testing.T) {
	ends := []string{"\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\n.\r", "\r.\n", "\r\n\x00.\r\n", "\r\n.\x00\r\n", "\r\n.\r\r\n", "\n\n.\n\n"}
	const inner = "MAIL FROM:<x@sender.example>\r\nRCPT TO:<y@rcpt.example>\r\nDATA\r\nsmuggled\r\n"
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		var want []string
		for _, end := range ends {
			c.envelope()
			c.say("DATA", "354")
			c.send("one" + end + inner + ".\r\n")
			c.expect("250")
			content := "one" + end + inner
			if strings.HasPrefix(end, "\r\n.") { // the dot of a line's start is the stuffing
				content = "one\r\n" + end[3:] + inner
			}
			want = append(want, content)
		}
		wantBodies(t, r, want...)
		if len(r.hop.batches) != len(ends) {
			t.Errorf("%d transactions, want %d", len(r.hop.batches), len(ends))
		}
	})
}

func TestDotUnstuffing(t *testing.T) {
	tests := []struct{ wire, body string }{
		{".\r\n", ""},
		{"\r\n.\r\n", "\r\n"},
		{"..\r\n.\r\n", ".\r\n"},
		{"a\r\n..\r\n...\r\n.x\r\n.\r\n", "a\r\n.\r\n..\r\nx\r\n"},
		{"a.\r\n.b.\r\n.\r\n", "a.\r\nb.\r\n"},
		{"a\r\r\n..\r\n.\r\n", "a\r\r\n.\r\n"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%q", tt.wire), func(t *testing.T) {
			for _, piece := range []int{1, 2, 3, 1000} {
				r := newRig(t, nil)
				c := r.hello("plain")
				c.envelope()
				c.say("DATA", "354")
				for part := range slices.Chunk([]byte(tt.wire), piece) {
					c.send(string(part))
				}
				c.expect("250")
				c.say("NOOP", "250")
				wantBodies(t, r, tt.body)
			}
		})
	}
}

// Bodies around the sizes of the buffers arrive as they were sent.
func TestBodySizes(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("plain")
	line := strings.Repeat("0123456789", 7) + "\r\n..dot\r\n"
	plain := strings.ReplaceAll(line, "\n..", "\n.")
	var want []string
	const smallInput, bigInput = 4 << 10, 64 << 10 // what is read at once
	for _, n := range []int{0, 1, smallInput/len(line) + 1, bigInput / len(line), bigInput/len(line) + 1, 3 * bigInput / len(line), 900_000 / len(line)} {
		c.envelope()
		c.send("DATA\r\n")
		c.expect("354")
		c.send(strings.Repeat(line, n) + ".\r\n")
		c.expect("250")
		c.envelope()
		body := strings.Repeat(plain, n)
		c.send(fmt.Sprintf("BDAT %d\r\n%sBDAT %d LAST\r\n%s", len(body)/3, body[:len(body)/3], len(body)-len(body)/3, body[len(body)/3:]))
		c.expect("250")
		c.expect("250")
		want = append(want, body, body)
	}
	wantBodies(t, r, want...)
}

// Each line of the session is either a command, or refused without a trace.
func TestCommandLines(t *testing.T) {
	tests := []struct{ send, want string }{
		{"NOOP\n", "500 5.5.2"},
		{"NO\rOP\r\n", "500 5.5.2"},
		{"NOOP \x00\r\n", "500 5.5.2"},
		{"NOOP \x1b[2J\r\n", "500 5.5.2"},
		{"\r\n", "500 5.5.1"},
		{"ETRN x\r\n", "500 5.5.1"},
		{"STARTTLSFOO bar\r\n", "500 5.5.1"},
		{"STARTTLS bar\r\n", "501 5.5.4"},
		{"DATA now\r\n", "501"},
		{"DATA\r\n", "503 5.5.1"},
		{"RCPT TO:<a@b.example>\r\n", "503 5.5.1"},
		{"MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n", "504"},
		{"MAIL FROM:<a@b.example> SIZE=1048577\r\n", "552 5.3.4"},
		{"MAIL FROM:<a@b.example> SIZE=99999999999999999999\r\n", "552 5.3.4"},
		{"MAIL FROM:<a@b.example> FOO=1\r\n", "555 5.5.4"},
		{"MAIL FROM:<\xc3\xa9@b.example>\r\n", "553 5.6.7"},
		{"MAIL FROM:<\xff@b.example> SMTPUTF8\r\n", "501 5.1.7"},
		{"mail  from: <a@b.example>  size=5 \r\n", "250"},
		{"MAIL\tFROM:<a@b.example>\r\n", "250"},
		{"VRFY a\r\n", "252"},
		{"AUTH PLAIN AGEAYg==\r\n", "502 5.5.1"}, // there are no users
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%.40q", tt.send), func(t *testing.T) {
			r := newRig(t, nil)
			c := r.hello("plain")
			c.send(tt.send)
			c.expect(tt.want)
			c.say("NOOP", "250")
		})
	}
}

func TestTooManyErrors(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		for range r.cfg.Limits.Errors - 1 {
			c.say("BOGUS", "500")
		}
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250") // forgives
		for range r.cfg.Limits.Errors {
			c.say("BOGUS", "500")
		}
		c.expect("421 4.7.0")
		if replies := c.expectClosed(); len(replies) > 0 {
			t.Errorf("then %q", replies)
		}
	})
}

// What the next hop refuses is not the client's error.
func TestRefusedRecipientsAreNoErrors(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) { cfg.Limits.Recipients = 100 })
	r.hop.rcpt = func(string) envelope.Verdict {
		return envelope.Verdict{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: []string{"no such user", "ask postmaster"}, Remote: "next"}
	}
	c := r.hello("plain")
	c.say("MAIL FROM:<a@sender.example>", "250")
	for range 30 {
		got := c.say("RCPT TO:<x@rcpt.example>", "550")
		if want := []string{"550-5.1.1 no such user", "550 5.1.1 ask postmaster"}; !slices.Equal(got, want) {
			t.Fatalf("got %q, want the next hop's %q", got, want)
		}
	}
	c.say("DATA", "503 5.5.1")
}

func TestEarlyTalker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the pause before the greeting is short
		r := newRigAt(t, &smtptest.Network{}, func(cfg *config.Config) { cfg.Listeners[0].Allow = nil }, nil)
		c := r.connect("plain")
		c.send("EHLO spam.example\r\n")
		c.expect("554 5.5.1")
		if replies := c.expectClosed(); len(replies) > 0 {
			t.Errorf("then %q", replies)
		}
	})
}

func TestIdleClient(t *testing.T) {
	eachTransportInMemory(t, quick, func(t *testing.T, r *rig, c *talker) {
		c.send("NO") // the rest of the line never comes
		c.expect("421 4.4.2")
		c.expectClosed()
	})
}

// What was pipelined in plain text after STARTTLS is not run, neither before
// nor after the handshake (CVE-2011-0411).
func TestStartTLSDropsPlainText(t *testing.T) {
	r := newRig(t, nil)
	c := r.connect("plain")
	c.expect("220")
	c.say("EHLO client.example", "250")
	c.envelope()
	c.send("STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<evil@sender.example>\r\n")
	c.expect("220")
	c.startTLS(nil)
	c.say("MAIL FROM:<a@sender.example>", "503") // no EHLO yet
	c.say("EHLO client.example", "250")
	c.say("RCPT TO:<b@rcpt.example>", "503") // the transaction is gone
	c.say("STARTTLS", "503")
	if r.hop.aborted == 0 {
		t.Error("the transaction from before was not aborted")
	}
}

func TestSizeLimitIsExact(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		limit := int(r.cfg.Listeners[0].MaxSize)
		exact := strings.Repeat(strings.Repeat("x", 62)+"\r\n", limit/64)
		for _, body := range []string{exact, exact + "x\r\n"} {
			want := "250"
			if len(body) > limit {
				want = "552 5.3.4"
			}
			c.envelope()
			c.say("DATA", "354")
			c.send(body + ".\r\n")
			c.expect(want)
			c.envelope()
			c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(body), body))
			c.expect(want)
		}
		wantBodies(t, r, exact, exact)
	})
}

// A client that goes on far beyond the limit is not listened to for ever.
func TestFlood(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) { cfg.Listeners[0].MaxSize = 1000 })
	c := r.hello("plain")
	c.envelope()
	c.send("BDAT 99999999999 LAST\r\n")
	block := []byte(strings.Repeat("x", 1<<20))
	for range 200 {
		if _, err := c.conn.Write(block); err != nil {
			wantBodies(t, r)
			return
		}
	}
	t.Error("the server took 200 MiB of a message that it refuses")
}

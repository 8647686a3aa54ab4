package nexthop

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/peek"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// eachHop runs a test with a next hop in plain text, after STARTTLS and over
// implicit TLS, by DATA and BDAT, with and without PIPELINING.
func eachHop(t *testing.T, on func(s *smtptest.Session, line string) string, test func(t *testing.T, h *engineTest, p *smtptest.Peer)) {
	ca := smtptest.NewCA(t)
	for _, transport := range []string{"off", "verify", "implicit"} {
		for _, keywords := range []string{"8BITMIME PIPELINING", "8BITMIME", "8BITMIME PIPELINING CHUNKING", "8BITMIME CHUNKING"} {
			t.Run(transport+"/"+keywords, func(t *testing.T) {
				p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
					p.Keywords, p.On = strings.Fields(keywords), on
					if transport != "off" {
						p.TLSConfig, p.Implicit = ca.Config("127.0.0.1"), transport == "implicit"
					}
				})
				h := newEngine(t, p)
				h.route.TLS, h.route.Roots = config.RouteTLS(transport), ca.Pool
				test(t, h, p)
			})
		}
	}
}

// settled waits until what the next hop has sent lies on our socket.
func (h *engineTest) settled(tx *Transaction) {
	h.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); tx.c.waiting() != peek.Input; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatal("the stray reply did not come")
		}
	}
}

// A reply that nobody asked for, after the last recipient: what the client hears
// is 451, whatever it says, and the connection is not used again.
func TestStrayReplyBeforeTheMessage(t *testing.T) {
	for _, stray := range []string{"250 2.1.5 late", "354 go", "550 5.1.1 late", "421 4.3.2 bye", "nonsense", "250-more\r\n250 2.0.0 late"} {
		t.Run(stray, func(t *testing.T) {
			say := make(chan bool)
			on := func(s *smtptest.Session, line string) string {
				switch {
				case s.Number == 1 && strings.HasPrefix(line, "RCPT"):
					s.Msg.To = append(s.Msg.To, line)
					s.Say("250 2.1.5 ok")
					<-say // when the client has heard of the recipient
					return stray
				case s.Number == 1 && line == ".":
					return "554 5.7.1 no"
				}
				return ""
			}
			eachHop(t, on, func(t *testing.T, h *engineTest, p *smtptest.Peer) {
				tx := h.Begin(h.route)
				if v := tx.Envelope(t.Context(), sender, to("a@x"), false); !v[0].OK() {
					t.Fatalf("recipient: %v", v)
				}
				say <- true
				h.settled(tx)
				if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); v.Code != 451 {
					t.Errorf("verdict %v", v)
				}
				h.mustMail(smtptest.Note)
				if p.Count() != 2 || len(p.Took()) != 1 {
					t.Errorf("%d messages over %d connections", len(p.Took()), p.Count())
				}
			})
		})
	}
}

// Two replies to one recipient: when the one too many has not shown up yet, a
// recipient may hear the verdict on another, but the message goes to nobody.
func TestStrayReplyAmongRecipients(t *testing.T) {
	on := func(s *smtptest.Session, line string) string {
		switch {
		case s.Number == 1 && strings.HasPrefix(line, "RCPT TO:<a"):
			return "250 2.1.5 ok\r\n250 2.1.5 ok"
		case s.Number == 1 && strings.HasPrefix(line, "RCPT"):
			return "550 5.1.1 nobody"
		}
		return ""
	}
	eachHop(t, on, func(t *testing.T, h *engineTest, p *smtptest.Peer) {
		tx := h.Begin(h.route)
		defer tx.Abort()
		for i, v := range tx.Envelope(t.Context(), sender, to("a@x", "nobody@x"), false) {
			if v.Code/100 == 5 {
				t.Errorf("recipient %d: %v", i, v)
			}
		}
		if tx.c != nil {
			h.settled(tx)
		}
		if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); v.Code != 451 {
			t.Errorf("verdict %v", v)
		}
	})
}

// A verdict that is said twice is true, and the connection is given up; when the
// two differ nothing is known.
func TestVerdictSaidTwice(t *testing.T) {
	for _, tt := range []struct {
		said string
		code int
	}{
		{"250 2.0.0 queued\r\n250 2.0.0 queued", 250},
		{"250 2.0.0 queued\r\n421 4.3.2 bye", 250},
		{"250 2.1.5 late\r\n554 5.7.1 no", 451},
		{"250 2.1.5 late\r\n452 4.3.1 full", 451},
		{"550 5.1.1 late\r\n250 2.0.0 queued", 451},
		{"554 5.7.1 no\r\n554 5.7.1 no", 554},
	} {
		t.Run(tt.said, func(t *testing.T) {
			on := func(s *smtptest.Session, line string) string {
				if s.Number == 1 && line == "." {
					return tt.said
				}
				return ""
			}
			eachHop(t, on, wantVerdictAndNewConnection(tt.code))
		})
	}
}

// wantVerdictAndNewConnection sends a message that gets a verdict of that code, and another
// one, which goes over a connection of its own.
func wantVerdictAndNewConnection(code int) func(*testing.T, *engineTest, *smtptest.Peer) {
	return func(t *testing.T, h *engineTest, p *smtptest.Peer) {
		if v := h.mail(smtptest.Note); v.Code != code {
			t.Errorf("verdict %v", v)
		}
		h.mustMail(smtptest.Note)
		if p.Count() != 2 {
			t.Errorf("%d connections", p.Count())
		}
	}
}

// A reply too many that comes while we wait for the verdict on a message, and looks
// like the one to an address: QUIT tells whether the verdict is still owed.
func TestOddVerdict(t *testing.T) {
	for _, tt := range []struct {
		said, quit string
		code       int
	}{
		{"250 2.1.5 ok", "554 5.7.1 no", 451},
		{"250 2.1.5 ok", "250 2.0.0 queued", 451},
		{"250 2.1.0 sender is fine", "452 4.3.1 full", 451},
		{"250 2.1.5 ok", "221 2.0.0 bye", 250},
		{"250 2.1.5 ok", smtptest.Cut, 250},
	} {
		t.Run(tt.said+" "+tt.quit, func(t *testing.T) {
			on := func(s *smtptest.Session, line string) string {
				switch {
				case s.Number == 1 && line == ".":
					return tt.said
				case s.Number == 1 && line == "QUIT":
					return tt.quit
				}
				return ""
			}
			eachHop(t, on, wantVerdictAndNewConnection(tt.code))
		})
	}
	for _, tt := range []struct {
		rcpt, chunk, final string
		odd                bool
	}{
		{"250 2.1.5 Ok", "", "250 2.0.0 Ok: 812 bytes queued as 1F", false},
		{"250 2.1.5 Ok", "250 2.0.0 Ok: 65536 bytes", "250 2.0.0 Ok: 91234 bytes queued as 1F", false},
		{"250 2.1.5 Ok", "250 2.0.0 Ok: 65536 bytes", "250 2.0.0 Ok: 131072 bytes", true},
		{"250 OK", "", "250 OK", true},
		{"250 OK", "", "250 OK queued", false},
		{"250 Accepted", "", "550 no", false},
	} {
		replies, w := mailReplies{rcpt: parsedReply(t, tt.rcpt)}, &bodyWriter{bdat: true}
		if tt.chunk != "" {
			w.chunks = &chunkWriter{before: parsedReply(t, tt.chunk)}
		}
		if odd := replies.suspectVerdict(parsedReply(t, tt.final), w); odd != tt.odd {
			t.Errorf("%v: %v", tt, odd)
		}
		if odd := replies.suspectVerdict(parsedReply(t, tt.final), &bodyWriter{}); odd {
			t.Errorf("%v: doubted behind DATA", tt)
		}
	}
}

// The verdict on a message comes a second time while the next envelope is on its
// way over the same connection: none of its verdicts is somebody else's.
func TestVerdictSaidAgainLater(t *testing.T) {
	on := func(s *smtptest.Session, line string) string {
		switch {
		case s.Number == 1 && strings.HasPrefix(line, "MAIL") && s.Msg.User == "" && len(s.Took()) == 1:
			s.Say("250 2.6.0 <id@hop.test> queued") // the one too many; the reply to MAIL follows
		case s.Number == 1 && strings.HasPrefix(line, "RCPT TO:<nobody"):
			return "550 5.1.1 nobody"
		case s.Number == 1 && line == "." && len(s.Took()) == 1:
			return "554 5.7.1 no"
		}
		return ""
	}
	eachHop(t, on, func(t *testing.T, h *engineTest, p *smtptest.Peer) {
		h.mustMail(smtptest.Note)
		tx := h.Begin(h.route)
		for _, v := range tx.Envelope(t.Context(), sender, to("nobody@x", "b@x"), false) {
			if v.Code != 451 {
				t.Errorf("recipient: %v", v)
			}
		}
		if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); v.Code != 451 {
			t.Errorf("message: %v", v)
		}
		if len(p.Took()) != 1 {
			t.Errorf("%d messages", len(p.Took()))
		}
	})
}

// A next hop that words its replies to MAIL differently each time is in step: the
// envelope goes out again over another connection, unless a 354 in its place shows
// that already.
func TestOddReplyToMail(t *testing.T) {
	on := func(s *smtptest.Session, line string) string {
		if s.Number == 1 && strings.HasPrefix(line, "MAIL") && len(s.Took()) == 1 {
			s.Msg.From = line
			return "250 2.1.7 as you like"
		}
		return ""
	}
	eachHop(t, on, func(t *testing.T, h *engineTest, p *smtptest.Peer) {
		h.mustMail(smtptest.Note)
		h.mustMail(smtptest.Note)
		want := 2
		if ext := p.Keywords; slices.Contains(ext, "PIPELINING") && !slices.Contains(ext, "CHUNKING") {
			want = 1
		}
		if p.Count() != want || len(p.Took()) != 2 {
			t.Errorf("%d messages over %d connections", len(p.Took()), p.Count())
		}
	})
}

// What waits is seen through TLS, also when it lies in a record that was read with
// the one before; a session ticket is no reply.
func TestWaitingUnderTLS(t *testing.T) {
	ours, theirs := net.Pipe()
	ours.Close()
	theirs.Close()
	if (&conn{transport: transport{nc: ours}, br: bufio.NewReader(ours)}).waiting() != peek.Unknown {
		t.Error("a pipe was looked into")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	step := make(chan string)
	go func() {
		nc, err := ln.Accept()
		if err != nil {
			return
		}
		tc := tls.Server(nc, smtptest.NewCA(t).Config("127.0.0.1"))
		defer nc.Close()
		for s := range step {
			io.WriteString(tc, s) // with the handshake and the tickets before the first
		}
	}()
	defer close(step)
	nc, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	c := &conn{transport: transport{nc: nc}, wait: newTimeouts(config.NextHop{})}
	tc := c.wrapTLS(&tls.Config{InsecureSkipVerify: true})
	c.nc, c.br = tc, bufio.NewReaderSize(tc, 2*maxReplyLine)
	step <- "220 ready\r\n"
	if r, err := c.receive(time.Minute); err != nil || r.code != 220 {
		t.Fatal(r, err)
	}
	for range 3 {
		if w := c.waiting(); w != peek.Nothing {
			t.Fatalf("waiting is %d, want nothing", w)
		}
	}
	step <- "250 one\r\n"
	step <- "250 two\r\n"
	for range 2 {
		for deadline := time.Now().Add(10 * time.Second); c.waiting() != peek.Input; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("nothing was seen")
			}
		}
		if r, err := c.receive(time.Minute); err != nil || r.code != 250 {
			t.Fatal(r, err)
		}
	}
	if w := c.waiting(); w != peek.Nothing {
		t.Errorf("waiting is %d, want nothing", w)
	}
}

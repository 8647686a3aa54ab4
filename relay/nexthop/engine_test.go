package nexthop

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// engineTest is an engine and the connections that it made.
type engineTest struct {
	*Engine
	t       testing.TB
	route   *Route
	mu      sync.Mutex
	conns   []*countingConn
	network *smtptest.Network // of the peers; nil: the real one
}

// countingConn remembers what was written by each call.
type countingConn struct {
	net.Conn
	mu     sync.Mutex
	writes []string
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.writes = append(c.writes, string(p))
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// SyscallConn lets the pool look at the socket.
func (c *countingConn) SyscallConn() (syscall.RawConn, error) {
	socket, ok := c.Conn.(syscall.Conn)
	if !ok {
		return nil, errors.New("a connection in memory")
	}
	return socket.SyscallConn()
}

func (h *engineTest) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	dial := new(net.Dialer).DialContext
	if h.network != nil {
		dial = h.network.Dial
	}
	nc, err := dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	c := &countingConn{Conn: nc}
	h.mu.Lock()
	h.conns = append(h.conns, c)
	h.mu.Unlock()
	return c, nil
}

// written returns what went out on connection n, one element a write.
func (h *engineTest) written(n int) []string {
	h.mu.Lock()
	c := h.conns[n]
	h.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.writes)
}

// newEngine makes an engine with a route to peers, TLS off and a pool of 4.
func newEngine(t testing.TB, peers ...*smtptest.Peer) *engineTest {
	t.Helper()
	leaks := goleak.IgnoreCurrent()
	h := &engineTest{t: t, route: &Route{Name: "*", TLS: "off"}}
	for _, p := range peers {
		h.route.Via = append(h.route.Via, p.Addr)
		h.network = p.Network
	}
	h.Engine = New(Options{
		Hostname: "relay.test",
		Limits:   config.Limits{PoolSize: 4, PoolIdle: time.Minute},
		Dial:     h.dial,
	})
	t.Cleanup(func() {
		h.Close()
		for _, p := range peers {
			p.Stop()
		}
		goleak.VerifyNone(t, leaks)
	})
	return h
}

// clock makes all parts of the engine tell the time from now.
func (h *engineTest) clock(now func() time.Time) {
	h.opt.Now, h.health.now, h.capacity.now, h.directory.now = now, now, now, now
}

// order is the hosts in the order in which a transaction would try them.
func (h *engineTest) order() []string {
	s := &search{n: h.Engine, route: h.route}
	s.begin(h.t.Context())
	var list []string
	for _, t := range s.targets {
		list = append(list, t.addr)
	}
	return list
}

// at is the target of an address.
func at(addr string) target {
	t, _ := literalTarget(addr)
	return t
}

func to(paths ...string) []envelope.Recipient {
	var rcpts []envelope.Recipient
	for _, p := range paths {
		rcpts = append(rcpts, envelope.Recipient{Path: p})
	}
	return rcpts
}

var sender = envelope.ReversePath{Path: "boss@example.com"}

// mail sends one message to one recipient in the usual way.
func (h *engineTest) mail(body string) envelope.Verdict {
	h.t.Helper()
	tx := h.Begin(h.route)
	defer tx.Abort()
	if v := tx.Envelope(h.t.Context(), sender, to("you@hop.test"), true); !v[0].OK() {
		return v[0]
	}
	return tx.Deliver(h.t.Context(), smtptest.Text(body))
}

func (h *engineTest) mustMail(body string) {
	h.t.Helper()
	if v := h.mail(body); !v.OK() {
		h.t.Fatalf("not delivered: %v (%v)", v, v.Cause)
	}
}

// wantVerdict checks code, enhanced code and a part of the words.
func wantVerdict(t testing.TB, v envelope.Verdict, code int, enhanced [3]int, words string) {
	t.Helper()
	if v.Code != code || v.Enhanced != enhanced || !strings.Contains(v.Error(), words) {
		t.Errorf("verdict %v (cause %v)\nwant %d %v with %q", v, v.Cause, code, enhanced, words)
	}
}

func without(keywords []string, drop ...string) []string {
	return slices.DeleteFunc(slices.Clone(keywords), func(k string) bool {
		return slices.ContainsFunc(drop, func(d string) bool { return strings.HasPrefix(k, d) })
	})
}

func TestDeliverModes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		set   func(*smtptest.Peer)
		early bool
		chunk bool
		heard []string
	}{
		{"pipelined, data early", nil, true, false,
			[]string{"EHLO relay.test", "MAIL FROM:<boss@example.com>", "RCPT TO:<you@hop.test>", "DATA"}},
		{"pipelined, data late", nil, false, false,
			[]string{"EHLO relay.test", "MAIL FROM:<boss@example.com>", "RCPT TO:<you@hop.test>", "DATA"}},
		{"chunking", func(p *smtptest.Peer) { p.Keywords = append(p.Keywords, "CHUNKING") }, true, true,
			[]string{"EHLO relay.test", "MAIL FROM:<boss@example.com>", "RCPT TO:<you@hop.test>", "BDAT 34 LAST"}},
		{"one by one", func(p *smtptest.Peer) { p.Keywords = without(p.Keywords, "PIPELINING") }, true, false,
			[]string{"EHLO relay.test", "MAIL FROM:<boss@example.com>", "RCPT TO:<you@hop.test>", "DATA"}},
		{"lower case keywords", func(p *smtptest.Peer) { p.Keywords = []string{"pipelining", "chunking", "size 1000"} }, true, true, nil},
		{"bare LF replies", func(p *smtptest.Peer) {
			p.On = func(s *smtptest.Session, line string) string {
				if line == "" {
					io.WriteString(s.Conn, "220-hop.test one\n220 two\n")
					return smtptest.Hush
				}
				return ""
			}
		}, true, false, nil},
		{"HELO only", func(p *smtptest.Peer) {
			p.On = func(s *smtptest.Session, line string) string {
				if strings.HasPrefix(line, "EHLO") {
					return "502 5.5.1 what?"
				}
				return ""
			}
		}, true, false, []string{"EHLO relay.test", "HELO relay.test", "MAIL FROM:<boss@example.com>", "RCPT TO:<you@hop.test>", "DATA"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, tt.set)
			h := newEngine(t, p)
			tx := h.Begin(h.route)
			v := tx.Envelope(t.Context(), sender, to("you@hop.test"), tt.early)
			if len(v) != 1 || v[0].Code != 250 || v[0].Enhanced != [3]int{2, 1, 5} {
				t.Fatalf("envelope: %v", v)
			}
			final := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note))
			wantVerdict(t, final, 250, [3]int{2, 6, 0}, "<id@hop.test> queued")
			if want := "hop.test [127.0.0.1]:"; !strings.HasPrefix(final.Remote, want) {
				t.Errorf("remote %q, want %q…", final.Remote, want)
			}
			got := p.Took()
			if len(got) != 1 || got[0].Body != smtptest.Note || got[0].Chunk != tt.chunk {
				t.Errorf("took %+v", got)
			}
			if tt.heard != nil && !slices.Equal(p.Heard(), tt.heard) {
				t.Errorf("heard %q\nwant  %q", p.Heard(), tt.heard)
			}
			if after := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); after.Code != 503 {
				t.Errorf("a second Deliver: %v", after)
			}
		})
	}
}

// What was pipelined to us must leave in one write, and the body in another.
func TestOneWriteABatch(t *testing.T) {
	for _, tt := range []struct {
		name     string
		chunking bool
		want     []string
	}{
		{"DATA", false, []string{"EHLO relay.test\r\n",
			"MAIL FROM:<boss@example.com>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n",
			"Subject: hello\r\n\r\nfirst\r\n..second\r\n.\r\n"}},
		{"BDAT", true, []string{"EHLO relay.test\r\n",
			"MAIL FROM:<boss@example.com>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\n",
			"BDAT 34 LAST\r\n" + smtptest.Note}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				if tt.chunking {
					p.Keywords = append(p.Keywords, "CHUNKING")
				}
			})
			h := newEngine(t, p)
			tx := h.Begin(h.route)
			tx.Envelope(t.Context(), sender, to("a@x", "b@x"), true)
			if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); !v.OK() {
				t.Fatal(v)
			}
			if got := h.written(0); !slices.Equal(got, tt.want) {
				t.Errorf("writes %q\nwant   %q", got, tt.want)
			}
		})
	}
}

func TestEachRecipientGetsItsOwnVerdict(t *testing.T) {
	for _, keywords := range [][]string{{"PIPELINING"}, {"CHUNKING"}, {"PIPELINING", "CHUNKING"}, nil} {
		t.Run(strings.Join(keywords, " "), func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.Keywords = append([]string{"ENHANCEDSTATUSCODES"}, keywords...)
				p.On = func(s *smtptest.Session, line string) string {
					switch {
					case strings.Contains(line, "full@"):
						return "452 4.2.2 mailbox full"
					case strings.Contains(line, "nobody@"):
						return "550-5.1.1 no such user\r\n550 5.1.1 ask postmaster"
					case strings.Contains(line, "moved@"):
						s.Msg.To = append(s.Msg.To, line)
						return "251 2.1.5 will forward"
					}
					return ""
				}
			})
			h := newEngine(t, p)
			tx := h.Begin(h.route)
			v := tx.Envelope(t.Context(), sender, to("full@x", "nobody@x"), false)
			v = append(v, tx.Envelope(t.Context(), sender, to("moved@x", "bad\r\nRCPT TO:<evil@x>", "fine@x"), true)...)
			wantVerdict(t, v[0], 452, [3]int{4, 2, 2}, "mailbox full")
			wantVerdict(t, v[1], 550, [3]int{5, 1, 1}, "no such user / ask postmaster")
			wantVerdict(t, v[2], 251, [3]int{2, 1, 5}, "will forward")
			wantVerdict(t, v[3], 553, [3]int{5, 1, 3}, "control character")
			wantVerdict(t, v[4], 250, [3]int{2, 1, 5}, "")
			if final := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); !final.OK() {
				t.Fatal(final)
			}
			if got := p.Took(); len(got) != 1 || len(got[0].To) != 2 {
				t.Errorf("took %+v", got)
			}
			h.mustMail(smtptest.Note) // the connection is still in step
			if p.Count() != 1 {
				t.Errorf("%d connections, want 1", p.Count())
			}
		})
	}
}

// DATA that was refused for want of a recipient can be sent again; RCPT after a
// DATA that was answered cannot.
func TestDataAgain(t *testing.T) {
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.On = script(map[string]string{"RCPT TO:<nobody@": "550 5.1.1 no such user"}) })
	h := newEngine(t, p)
	tx := h.Begin(h.route)
	v := tx.Envelope(t.Context(), sender, to("nobody@x"), true)
	wantVerdict(t, v[0], 550, [3]int{5, 1, 1}, "")
	v = tx.Envelope(t.Context(), sender, to("you@x"), true)
	wantVerdict(t, v[0], 250, [3]int{2, 1, 5}, "")
	v = tx.Envelope(t.Context(), sender, to("late@x"), true)
	wantVerdict(t, v[0], 503, [3]int{5, 5, 1}, "")
	if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); !v.OK() {
		t.Error(v)
	}
	if got := p.Took(); len(got) != 1 || len(got[0].To) != 1 {
		t.Errorf("took %+v", got)
	}
}

// A message that nobody shall get does not go out.
func TestNoRecipient(t *testing.T) {
	for _, early := range []bool{true, false} {
		p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
			p.On = script(map[string]string{"RCPT": "550 5.1.1 no such user", "DATA": "354 go"})
		})
		h := newEngine(t, p)
		tx := h.Begin(h.route)
		tx.Envelope(t.Context(), sender, to("nobody@x"), early)
		wantVerdict(t, tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)), 554, [3]int{5, 5, 1}, "no valid recipients")
		if len(p.Took()) > 0 {
			t.Error("it went out")
		}
	}
}

func TestMailRefused(t *testing.T) {
	for _, keywords := range [][]string{{"PIPELINING"}, nil} {
		t.Run(strings.Join(keywords, " "), func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.Keywords = keywords
				p.On = func(s *smtptest.Session, line string) string {
					if strings.HasPrefix(line, "MAIL FROM:<spam") {
						return "550 5.7.1 not from you"
					}
					return ""
				}
			})
			h := newEngine(t, p)
			tx := h.Begin(h.route)
			for range 2 { // the client may go on asking: the answer stays
				for _, v := range tx.Envelope(t.Context(), envelope.ReversePath{Path: "spam@x"}, to("a@x", "b@x"), true) {
					wantVerdict(t, v, 550, [3]int{5, 7, 1}, "not from you")
					if v.Remote == "" {
						t.Error("whose words?")
					}
				}
			}
			wantVerdict(t, tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)), 550, [3]int{5, 7, 1}, "")
			tx.Abort()
			h.mustMail(smtptest.Note)
			if p.Count() != 1 {
				t.Errorf("%d connections, want 1", p.Count())
			}
		})
	}
}

func TestEnvelopeParameters(t *testing.T) {
	from := envelope.ReversePath{Path: `"a b"@x`, Size: 1234, Body: "8BITMIME", UTF8: true, Ret: "HDRS", EnvID: "id+2B1"}
	rcpt := envelope.Recipient{Path: "ü@x", Notify: "SUCCESS,DELAY", ORcpt: "rfc822;me@x"}
	for _, tt := range []struct {
		name       string
		keywords   []string
		utf8       bool
		mail, rcpt string
	}{
		{"all", []string{"SIZE", "8BITMIME", "SMTPUTF8", "DSN"}, true,
			`FROM:<"a b"@x> SIZE=1234 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+2B1`, "TO:<ü@x> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;me@x"},
		{"none", []string{"PIPELINING"}, false, `FROM:<"a b"@x>`, "TO:<ü@x>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = tt.keywords })
			h := newEngine(t, p)
			f := from
			f.UTF8 = tt.utf8
			tx := h.Begin(h.route)
			defer tx.Abort()
			if v := tx.Envelope(t.Context(), f, []envelope.Recipient{rcpt}, false); !v[0].OK() {
				t.Fatal(v)
			}
			heard := p.Heard()
			if got := heard[1]; got != "MAIL "+tt.mail {
				t.Errorf("%q, want %q", got, tt.mail)
			}
			if got := heard[2]; got != "RCPT "+tt.rcpt {
				t.Errorf("%q, want %q", got, tt.rcpt)
			}
		})
	}
}

// What the next hop cannot take is refused truthfully, and the connection serves
// the next message.
func TestCannotCarry(t *testing.T) {
	long := strings.Repeat("x", 998)
	for _, tt := range []struct {
		name     string
		keywords string
		from     envelope.ReversePath
		body     string
		code     int
		enhanced [3]int
		words    string
	}{
		{"SMTPUTF8", "", envelope.ReversePath{Path: "ü@x", UTF8: true}, smtptest.Note, 550, [3]int{5, 6, 7}, "SMTPUTF8"},
		{"SMTPUTF8 for the header", "8BITMIME", envelope.ReversePath{Path: "a@x", UTF8: true}, "Subject: ü\r\n\r\nx\r\n", 550, [3]int{5, 6, 7}, "SMTPUTF8"},
		{"announced size", "SIZE 1000", envelope.ReversePath{Size: 1001}, smtptest.Note, 552, [3]int{5, 3, 4}, "1001 octets"},
		{"real size", "SIZE 1000", sender, smtptest.Note + long + "\r\n", 552, [3]int{5, 3, 4}, "1034 octets"},
		{"8-bit", "SIZE", envelope.ReversePath{Body: "8BITMIME"}, "Subject: ü\r\n\r\n", 554, [3]int{5, 6, 3}, "quoted-printable"},
		{"bare LF", "8BITMIME", sender, "a: b\r\n\r\nx\ny\r\n", 554, [3]int{5, 6, 11}, "an LF without CR"},
		{"bare CR", "8BITMIME", sender, "a: b\r\n\r\nx\ry\r\n", 554, [3]int{5, 6, 11}, "a CR without LF"},
		{"bare CR at the end", "8BITMIME", sender, "a: b\r\n\r\nx\r", 554, [3]int{5, 6, 11}, "a CR without LF"},
		{"two CR", "8BITMIME", sender, "a: b\r\n\r\nx\r\r\n", 554, [3]int{5, 6, 11}, "a CR without LF"},
		{"LF dot LF", "8BITMIME", sender, "a: b\r\n\r\nx\n.\nMAIL FROM:<>\r\n", 554, [3]int{5, 6, 11}, "an LF without CR"},
		{"CR dot CR", "8BITMIME", sender, "a: b\r\n\r\nx\r.\rMAIL FROM:<>\r\n", 554, [3]int{5, 6, 11}, "a CR without LF"},
		{"NUL", "8BITMIME", sender, "a: b\r\n\r\n\x00.\r\n", 554, [3]int{5, 6, 11}, "NUL"},
		{"long line with a dot", "8BITMIME", sender, "a: b\r\n\r\n" + long + ".\r\n", 554, [3]int{5, 6, 11}, "998 octets"},
		{"long last line with a dot", "8BITMIME", sender, "a: b\r\n\r\n" + long + ".", 554, [3]int{5, 6, 11}, "998 octets"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = []string{"PIPELINING", tt.keywords} })
			h := newEngine(t, p)
			tx := h.Begin(h.route)
			v := tx.Envelope(t.Context(), tt.from, to("you@x"), false)[0]
			if v.OK() {
				v = tx.Deliver(t.Context(), smtptest.Text(tt.body))
			}
			tx.Abort()
			wantVerdict(t, v, tt.code, tt.enhanced, tt.words)
			if v.Remote != "" {
				t.Errorf("%q did not say that", v.Remote)
			}
			h.mustMail(smtptest.Note)
			if got := p.Took(); len(got) != 1 || got[0].Body != smtptest.Note {
				t.Errorf("took %+v", got)
			}
		})
	}
}

// SMTPUTF8 that a client declares without need is no reason to refuse its mail.
func TestUTF8WithoutNeed(t *testing.T) {
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = []string{"PIPELINING", "8BITMIME"} })
	h := newEngine(t, p)
	body := "Subject: plain\r\n\r\nü\r\n"
	tx := h.Begin(h.route)
	defer tx.Abort()
	v := tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@x", UTF8: true, Body: "8BITMIME"}, []envelope.Recipient{{Path: "ü@x"}, {Path: "b@x"}}, false)
	wantVerdict(t, v[0], 550, [3]int{5, 6, 7}, "SMTPUTF8")
	if !v[1].OK() {
		t.Fatal(v[1])
	}
	if v := tx.Deliver(t.Context(), smtptest.Text(body)); !v.OK() {
		t.Fatal(v)
	}
	if got := p.Took(); len(got) != 1 || got[0].Body != body || strings.Contains(strings.Join(p.Heard(), "\n"), "SMTPUTF8") {
		t.Errorf("took %+v, heard %q", got, p.Heard())
	}
}

// With CHUNKING every octet passes.
func TestChunkCarriesEverything(t *testing.T) {
	body := "a: b\r\n\r\n.\n.\r\n\r.\r\x00.\r\n.\r\nMAIL FROM:<evil@x>\r\n" + strings.Repeat("x", 5000) + "."
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = append(p.Keywords, "CHUNKING") })
	h := newEngine(t, p)
	h.mustMail(body)
	h.mustMail("")
	if got := p.Took(); len(got) != 2 || got[0].Body != body || got[1].Body != "" {
		t.Errorf("took %+v", got)
	}
}

func TestDataBodies(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for _, tt := range []struct{ name, body, want string }{
		{"dots", ".\r\n..\r\n.a\r\n\r\n.\r\n", ""},
		{"no line end at the end", "a: b\r\n\r\nx", "a: b\r\n\r\nx\r\n"},
		{"empty", "", ""},
		{"long line", "a: b\r\n\r\n" + long + "\r\n.\r\n", ""},
		{"only a line end", "\r\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, nil)
			h := newEngine(t, p)
			h.mustMail(tt.body)
			want := tt.want
			if want == "" {
				want = tt.body
			}
			if got := p.Took(); len(got) != 1 || got[0].Body != want {
				t.Errorf("took %+v", got)
			}
		})
	}
}

// pieces gives a message in writes of n octets, or as a file gives it.
type pieces struct {
	body []byte
	n    int
	lie  int64 // added to the size
	fail error // after the body
}

func (p pieces) Size() int64    { return int64(len(p.body)) + p.lie }
func (p pieces) EightBit() bool { return false }
func (p pieces) WriteTo(w io.Writer) (int64, error) {
	if p.n == 0 {
		return io.Copy(w, io.LimitReader(bytes.NewReader(p.body), 1<<40))
	}
	sent := int64(0)
	for b := p.body; len(b) > 0; {
		n, err := w.Write(b[:min(p.n, len(b))])
		sent += int64(n)
		if err != nil {
			return sent, err
		}
		b = b[n:]
	}
	return sent, p.fail
}

func TestLargeBodies(t *testing.T) {
	body := bytes.Repeat([]byte("a line of text\r\n.a line with a dot\r\n..\r\n.\r\n"+strings.Repeat("y", 76)+"\r\n"), 10000)
	for _, keywords := range [][]string{{"PIPELINING"}, {"PIPELINING", "CHUNKING"}} {
		for _, n := range []int{1, 7, 1000, 40000, len(body), 0} {
			if n == 1 && testing.Short() {
				continue
			}
			t.Run(strings.Join(keywords, " "), func(t *testing.T) {
				p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = keywords })
				h := newEngine(t, p)
				tx := h.Begin(h.route)
				tx.Envelope(t.Context(), sender, to("you@x"), true)
				if v := tx.Deliver(t.Context(), pieces{body: body, n: n}); !v.OK() {
					t.Fatalf("pieces of %d: %v %v", n, v, v.Cause)
				}
				if got := p.Took(); len(got) != 1 || got[0].Body != string(body) {
					t.Errorf("pieces of %d: altered", n)
				}
				h.mustMail(smtptest.Note)
				if p.Count() != 1 {
					t.Errorf("%d connections", p.Count())
				}
			})
		}
	}
}

// A message that cannot be read again, or is not as long as it said, never ends
// as a message.
func TestSourceFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		msg  pieces
	}{
		{"error", pieces{body: []byte(smtptest.Note), n: 10, fail: errors.New("disk gone")}},
		{"error in a large one", pieces{body: bytes.Repeat([]byte(smtptest.Note), 5000), n: 1000, fail: errors.New("disk gone")}},
		{"shorter than said", pieces{body: []byte(smtptest.Note), n: 10, lie: 1}},
		{"longer than said", pieces{body: []byte(smtptest.Note), n: 10, lie: -1}},
	} {
		for _, keyword := range []string{"CHUNKING", "8BITMIME"} {
			t.Run(tt.name+" "+keyword, func(t *testing.T) {
				p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = []string{"PIPELINING", keyword} })
				h := newEngine(t, p)
				tx := h.Begin(h.route)
				tx.Envelope(t.Context(), sender, to("you@x"), true)
				wantVerdict(t, tx.Deliver(t.Context(), tt.msg), 451, [3]int{4, 3, 0}, "local error")
				h.mustMail(smtptest.Note)
				if got := p.Took(); len(got) != 1 || got[0].Body != smtptest.Note {
					t.Errorf("took %+v", got)
				}
			})
		}
	}
}

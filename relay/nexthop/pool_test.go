package nexthop

import (
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

func TestPoolLimits(t *testing.T) {
	for _, tt := range []struct {
		name  string
		set   func(*pool)
		conns int
	}{
		{"none", func(*pool) {}, 1},
		{"no pool", func(p *pool) { p.limits.PoolSize = 0 }, 6},
		{"uses", func(p *pool) { p.limits.PoolUses = 2 }, 3},
		{"age", func(p *pool) { p.limits.PoolAge = 2 * time.Minute }, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, nil)
			h := newEngine(t, p)
			tt.set(h.pool)
			now := time.Now()
			h.clock(func() time.Time { return now })
			for range 6 {
				h.mustMail(smtptest.Note)
				now = now.Add(time.Minute)
			}
			if p.Count() != tt.conns || len(p.Took()) != 6 {
				t.Errorf("%d connections for %d messages, want %d", p.Count(), len(p.Took()), tt.conns)
			}
			if slices.Contains(p.Heard(), "RSET") {
				t.Error("RSET after a finished message")
			}
		})
	}
}

// After a refused message the next one must find the server as it was.
func TestResetAfterRefusal(t *testing.T) {
	for _, tt := range []struct {
		keywords []string
		reset    bool
	}{
		{[]string{"PIPELINING", "CHUNKING"}, true}, // RFC 3030 §2
		{[]string{"CHUNKING"}, true},
		{[]string{"PIPELINING"}, true}, // needless, and free
		{nil, false},
	} {
		t.Run(strings.Join(tt.keywords, " "), func(t *testing.T) {
			var refused atomic.Bool
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.Keywords = append([]string{"8BITMIME"}, tt.keywords...)
				p.On = func(s *smtptest.Session, line string) string {
					if line == "." && refused.CompareAndSwap(false, true) {
						return "554 5.6.0 not like this"
					}
					return ""
				}
			})
			h := newEngine(t, p)
			wantVerdict(t, h.mail(smtptest.Note), 554, [3]int{5, 6, 0}, "not like this")
			h.mustMail(smtptest.Note)
			if p.Count() != 1 || slices.Contains(p.Heard(), "RSET") != tt.reset {
				t.Errorf("%d connections, heard %q", p.Count(), p.Heard())
			}
		})
	}
}

// A server that offers CHUNKING and does not know BDAT reads the body as commands:
// what it says then answers nothing of ours.
func TestChunkIsNotUnderstood(t *testing.T) {
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.Keywords = append(p.Keywords, "CHUNKING")
		p.On = func(s *smtptest.Session, line string) string {
			if strings.HasPrefix(line, "BDAT") && s.Number == 1 {
				return "502 5.5.1 what?" // the body is still to be read
			}
			return ""
		}
	})
	h := newEngine(t, p)
	wantVerdict(t, h.mail(smtptest.Note), 502, [3]int{5, 5, 1}, "what?")
	h.mustMail(smtptest.Note)
	if p.Count() != 2 || len(p.Took()) != 1 {
		t.Errorf("%d messages over %d connections", len(p.Took()), p.Count())
	}
}

// No more than PoolSize are kept, whatever ran at the same time.
func TestPoolSize(t *testing.T) {
	p := smtptest.NewPeer(t, nil)
	h := newEngine(t, p)
	h.pool.limits.PoolSize = 2
	var open []*Transaction
	for range 5 {
		tx := h.Begin(h.route)
		if v := tx.Envelope(t.Context(), sender, to("a@x"), false); !v[0].OK() {
			t.Fatal(v)
		}
		open = append(open, tx)
	}
	var done sync.WaitGroup
	for _, tx := range open {
		done.Go(func() { tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)) })
	}
	done.Wait()
	h.pool.mu.Lock()
	defer h.pool.mu.Unlock()
	if n := len(h.pool.idle[h.route.key(at(p.Addr))]); n != 2 || len(p.Took()) != 5 {
		t.Errorf("%d idle connections after %d messages", n, len(p.Took()))
	}
}

// An idle connection that dies is found out, or replaced when that comes too
// late, and the client never hears of it.
func TestIdleConnectionDies(t *testing.T) {
	for _, tt := range []struct {
		name    string
		watched bool
		kill    func(p *smtptest.Peer, s *smtptest.Session)
	}{
		{"closed", true, func(p *smtptest.Peer, s *smtptest.Session) { p.HangUp() }},
		{"421", true, func(p *smtptest.Peer, s *smtptest.Session) { s.Say("421 4.4.2 idle too long") }},
		{"stray reply", true, func(p *smtptest.Peer, s *smtptest.Session) { s.Say("250 2.0.0 surprise") }},
		{"closed at once", false, func(p *smtptest.Peer, s *smtptest.Session) { p.HangUp() }},
		{"421 at once", false, func(p *smtptest.Peer, s *smtptest.Session) { s.Say("421 4.4.2 idle too long") }},
		{"stray reply at once", false, func(p *smtptest.Peer, s *smtptest.Session) { s.Say("250 2.0.0 surprise") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var first atomic.Pointer[smtptest.Session]
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.On = func(s *smtptest.Session, line string) string {
					if s.Number == 1 {
						first.Store(s)
					}
					return ""
				}
			})
			h := newEngine(t, p)
			h.mustMail(smtptest.Note)
			tt.kill(p, first.Load())
			if tt.watched {
				h.pool.monitorAll()
				h.pool.watch.Wait() // the watcher has seen it
			}
			h.mustMail("Subject: second\r\n\r\n")
			if got := p.Took(); len(got) != 2 || p.Count() != 2 {
				t.Errorf("%d messages over %d connections", len(got), p.Count())
			}
		})
	}
}

// The connection dies when it is used again: the envelope is said once more on a
// new one, and only there.
func TestPooledConnectionDiesAtMail(t *testing.T) {
	for _, keywords := range [][]string{{"PIPELINING"}, nil} {
		for _, answer := range []string{smtptest.Cut, smtptest.Reset, "421 4.4.2 idle too long", "nonsense"} {
			t.Run(strings.Join(keywords, "")+answer, func(t *testing.T) {
				var mails atomic.Int32
				p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
					p.Keywords = keywords
					p.On = func(s *smtptest.Session, line string) string {
						if strings.HasPrefix(line, "MAIL") {
							if mails.Add(1) == 2 {
								return answer
							}
						}
						return ""
					}
				})
				h := newEngine(t, p)
				h.mustMail(smtptest.Note)
				h.mustMail(smtptest.Note)
				if got := p.Took(); len(got) != 2 || p.Count() != 2 {
					t.Errorf("%d messages over %d connections", len(got), p.Count())
				}
			})
		}
	}
}

// Once MAIL was answered nothing is said twice.
func TestPooledConnectionDiesAfterMail(t *testing.T) {
	var rcpts atomic.Int32
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = func(s *smtptest.Session, line string) string {
			if strings.HasPrefix(line, "RCPT") {
				if rcpts.Add(1) == 2 {
					return smtptest.Cut
				}
			}
			return ""
		}
	})
	h := newEngine(t, p)
	h.mustMail(smtptest.Note)
	wantVerdict(t, h.mail(smtptest.Note), 451, [3]int{4, 4, 2}, "at RCPT")
	if p.Count() != 1 || len(p.Took()) != 1 {
		t.Errorf("%d messages over %d connections", len(p.Took()), p.Count())
	}
}

// A connection that a firewall has forgotten gives no sign: it is not waited for
// longer than a new connection would take.
func TestPooledConnectionIsForgotten(t *testing.T) {
	var mails atomic.Int32
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = func(s *smtptest.Session, line string) string {
			// not simply the second MAIL: the new connection's may come first
			if s.Number == 1 && strings.HasPrefix(line, "MAIL") && mails.Add(1) == 2 {
				return smtptest.Stall
			}
			return ""
		}
	})
	h := newEngine(t, p)
	h.mustMail(smtptest.Note)
	key := h.route.key(at(p.Addr))
	h.pool.mu.Lock()
	h.pool.idle[key][0].wait.connect = 1
	h.pool.mu.Unlock()
	h.mustMail(smtptest.Note)
	if p.Count() != 2 || len(p.Took()) != 2 {
		t.Errorf("%d messages over %d connections", len(p.Took()), p.Count())
	}
}

// Replies that nobody asked for would make every verdict somebody else's.
func TestStrayRepliesEndAConnection(t *testing.T) {
	for _, tt := range []struct{ at, answer string }{
		{".", "250 2.0.0 queued\r\n250 2.0.0 and again"},
		{"RCPT", "250 2.1.5 ok\r\n250 2.1.5 ok again"},
	} {
		t.Run(tt.at, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.Keywords = []string{"8BITMIME"} // one by one: a stray reply is seen
				p.On = func(s *smtptest.Session, line string) string {
					if s.Number == 1 && strings.HasPrefix(line, tt.at) {
						if tt.at == "RCPT" {
							s.Msg.To = append(s.Msg.To, line)
						}
						return tt.answer
					}
					return ""
				}
			})
			h := newEngine(t, p)
			v := h.mail(smtptest.Note)
			if tt.at == "." && !v.OK() || tt.at == "RCPT" && v.Code != 451 {
				t.Errorf("verdict %v", v)
			}
			h.mustMail(smtptest.Note)
			if p.Count() != 2 {
				t.Errorf("%d connections, want 2", p.Count())
			}
		})
	}
}

func TestClose(t *testing.T) {
	p := smtptest.NewPeer(t, nil)
	h := newEngine(t, p)
	h.mustMail(smtptest.Note)
	tx := h.Begin(h.route)
	tx.Envelope(t.Context(), sender, to("a@x"), false)
	h.Close()
	h.Close()
	if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); !v.OK() {
		t.Errorf("the transaction that ran: %v", v)
	}
	if len(h.pool.idle) > 0 {
		t.Error("a connection was kept")
	}
}

func TestIdleLimit(t *testing.T) {
	p := smtptest.NewPeer(t, nil)
	h := newEngine(t, p)
	h.pool.limits.PoolIdle = 1
	h.mustMail(smtptest.Note)
	h.pool.monitorAll()
	h.pool.watch.Wait()
	h.pool.mu.Lock()
	idle := len(h.pool.idle)
	h.pool.mu.Unlock()
	if idle > 0 {
		t.Error("kept beyond the limit")
	}
}

// Many at once, with everything going on: for the race detector.
func TestConcurrentTransactions(t *testing.T) {
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = func(s *smtptest.Session, line string) string {
			if s.Number%5 == 3 && line == "." {
				io.WriteString(s.Conn, "250 2.0.0 last one\r\n")
				return smtptest.Cut
			}
			return ""
		}
	})
	h := newEngine(t, p)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for j := range 10 {
				tx := h.Begin(h.route)
				tx.Envelope(t.Context(), sender, to("a@x"), j%2 == 0)
				if (i+j)%7 == 0 {
					tx.Abort()
					continue
				}
				if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); !v.OK() {
					t.Errorf("%v", v)
				}
			}
		})
	}
	all.Wait()
}

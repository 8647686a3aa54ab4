package nexthop

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// busy is a peer that takes so many connections at once, says so at a command to
// those that are too many, and needs a second for each message.
func busy(most int, verb, says string) func(*smtptest.Peer) {
	return func(p *smtptest.Peer) {
		p.Most = most
		p.On = func(s *smtptest.Session, line string) string {
			switch {
			case line == "":
				s.Within()
			case line == ".":
				time.Sleep(time.Second)
			}
			if s.Excess && strings.HasPrefix(line, verb) && (line == "") == (verb == "") {
				return says
			}
			return ""
		}
	}
}

const tooMany = "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel"

// together sends n messages at the same time.
func (s *still) together(n int) []envelope.Verdict {
	verdicts := make([]envelope.Verdict, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { verdicts[i], _ = s.mail(s.t.Context()) })
	}
	all.Wait()
	return verdicts
}

func (s *still) wantAll(verdicts []envelope.Verdict) {
	s.t.Helper()
	for _, v := range verdicts {
		if !v.OK() {
			s.t.Errorf("%v (%v)", v, v.Cause)
		}
	}
	s.capacity.mu.Lock()
	defer s.capacity.mu.Unlock()
	for name, l := range s.capacity.hosts {
		if len(l.waiting) > 0 {
			s.t.Errorf("%d still wait for %s", len(l.waiting), name)
		}
	}
}

// Who finds no place at a host waits for a connection that is at work, and none is
// opened beyond the limit.
func TestMaxConnections(t *testing.T) {
	for _, tt := range []struct {
		name string
		most func(*config.Config)
		of   int // the route's own
		want int
	}{
		{"none", nil, 0, 6},
		{"of all", func(c *config.Config) { c.NextHop.MaxConnections = 2 }, 0, 2},
		{"of the route", nil, 3, 3},
		{"of the route, not of all", func(c *config.Config) { c.NextHop.MaxConnections = 1 }, 2, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := smtptest.MakePeer(t, busy(0, "", ""))
				s := newStill(t, tt.most, p)
				s.route.MaxConnections = tt.of
				start := time.Now()
				s.wantAll(s.together(6))
				if p.Count() != tt.want || len(p.Took()) != 6 {
					t.Errorf("%d messages over %d connections, want %d", len(p.Took()), p.Count(), tt.want)
				}
				if took, want := time.Since(start), time.Duration(6/tt.want)*time.Second; took != want {
					t.Errorf("after %v, want %v", took, want)
				}
			})
		})
	}
}

// A host that bears no more than we have open is not taken for one that fails: what
// is at work is waited for, also where the host says it late, and no more are
// tried for a while.
func TestTooManyConnections(t *testing.T) {
	for _, verb := range []string{"", "EHLO", "MAIL"} {
		for _, says := range []string{tooMany, "421 Too many concurrent SMTP connections; please try again later.", "450 4.7.1 Error: too many connections from 192.0.2.9"} {
			t.Run(verb+" "+says[:3], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := smtptest.MakePeer(t, busy(2, verb, says))
					s := newStill(t, nil, p)
					seen := new(failures)
					s.opt.Observer = seen
					s.wantAll(s.together(6))
					if len(seen.events) > 0 || len(seen.full) == 0 {
						t.Errorf("failed %v, full %v", seen.events, seen.full)
					}
					if n := len(p.Took()); n != 6 || s.health.lastFailure(s.route.key(at(p.Addr))) != nil {
						t.Errorf("took %d, ails: %v", n, s.health.lastFailure(s.route.key(at(p.Addr))))
					}
					tried := p.Count()
					s.wantAll(s.together(6))
					if p.Count() != tried {
						t.Errorf("%d further connections to a host that bears no more", p.Count()-tried)
					}
				})
			})
		}
	}
}

// With another host in via nobody waits: it is tried.
func TestTooManyConnectionsGoElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := smtptest.MakePeer(t, busy(2, "", tooMany)), smtptest.MakePeer(t, busy(0, "", ""))
		s := newStill(t, nil, first, second)
		start := time.Now()
		s.wantAll(s.together(6))
		if took := time.Since(start); took != time.Second || len(first.Took()) != 2 || len(second.Took()) != 4 {
			t.Errorf("%d and %d after %v", len(first.Took()), len(second.Took()), took)
		}
		if s.health.lastFailure(s.route.key(at(first.Addr))) != nil {
			t.Error("the first counts as failed")
		}
	})
}

// When we hold none there is nothing to wait for.
func TestTooManyConnectionsOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := smtptest.MakePeer(t, func(p *smtptest.Peer) { p.Greeting = tooMany })
		s := newStill(t, nil, p)
		v, took := s.mail(t.Context())
		if !v.Temporary() || !strings.Contains(v.Error(), "maximum number of concurrent connections") || took > 0 {
			t.Errorf("%v after %v", v, took)
		}
	})
}

// What a host bears is forgotten after a while.
func TestLimitIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := smtptest.MakePeer(t, busy(2, "", tooMany))
		s := newStill(t, nil, p)
		s.wantAll(s.together(3))
		p.Mu.Lock()
		p.Most = 0
		p.Mu.Unlock()
		time.Sleep(learnedLimitAge)
		before := p.Count()
		s.wantAll(s.together(4))
		if n := p.Count() - before; n != 4 {
			t.Errorf("%d connections, want 4", n)
		}
	})
}

// The client's time bounds the wait, and what comes free then goes to the next who
// waits.
func TestWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := smtptest.MakePeer(t, busy(0, "", ""))
		s := newStill(t, func(c *config.Config) { c.NextHop.MaxConnections = 1 }, p)
		var all sync.WaitGroup
		all.Go(func() { s.mail(t.Context()) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel()
		all.Go(func() {
			v, took := s.mail(ctx)
			if !v.Temporary() || !strings.Contains(v.Error(), "no connection became free") || took != 400*time.Millisecond || !errors.Is(v.Cause, context.DeadlineExceeded) {
				t.Errorf("%v after %v", v, took)
			}
		})
		synctest.Wait()
		all.Go(func() {
			if v, took := s.mail(t.Context()); !v.OK() || took != 2*time.Second {
				t.Errorf("%v after %v", v, took)
			}
		})
		all.Wait()
		s.wantAll(nil)
	})
}

// A waiter that is woken at the moment at which its time ends does not keep the
// connection from the next.
func TestWokenTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := smtptest.MakePeer(t, busy(0, "", ""))
		s := newStill(t, func(c *config.Config) { c.NextHop.MaxConnections = 1 }, p)
		var all sync.WaitGroup
		all.Go(func() { s.mail(t.Context()) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // when the first is done
		defer cancel()
		for range 3 {
			all.Go(func() { s.mail(ctx) })
			synctest.Wait()
		}
		all.Go(func() {
			if v, took := s.mail(t.Context()); !v.OK() || took > 3*time.Second {
				t.Errorf("%v after %v", v, took)
			}
		})
		all.Wait()
		s.wantAll(nil)
	})
}

// Who waits for several hosts takes the first connection that comes free.
func TestWaitForAnyHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := smtptest.MakePeer(t, func(p *smtptest.Peer) {
			p.On = func(_ *smtptest.Session, line string) string {
				if line == "." {
					time.Sleep(time.Minute)
				}
				return ""
			}
		})
		short := smtptest.MakePeer(t, busy(0, "", ""))
		s := newStill(t, func(c *config.Config) { c.NextHop.MaxConnections = 1 }, long, short)
		var all sync.WaitGroup
		for _, want := range []time.Duration{time.Minute, time.Second, 2 * time.Second, 3 * time.Second} {
			all.Go(func() {
				if v, took := s.mail(t.Context()); !v.OK() || took != want {
					t.Errorf("%v after %v, want %v", v, took, want)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		s.wantAll(nil)
	})
}

// An idle connection that another route made cannot serve us, and gives way.
func TestIdleConnectionGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := smtptest.MakePeer(t, nil)
		s := newStill(t, func(c *config.Config) { c.NextHop.MaxConnections = 1 }, p)
		s.mustMail()
		s.route = &Route{Name: "other", TLS: "opportunistic", Via: s.route.Via}
		if v, took := s.mail(t.Context()); !v.OK() || took > 0 {
			t.Errorf("%v after %v", v, took)
		}
		if p.Count() != 2 {
			t.Errorf("%d connections", p.Count())
		}
	})
}

// Clients that take turns under a limit all get through, with connections that
// have carried as many messages as they bear.
func TestManyClientsUnderALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := smtptest.MakePeer(t, busy(3, "", tooMany))
		s := newStill(t, func(c *config.Config) { c.Limits.PoolUses = 2 }, p)
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				visit := s.NewSession()
				defer s.EndSession(visit)
				for range 1 + i%4 {
					tx := s.Mail(visit, s.route)
					if v := tx.Envelope(t.Context(), sender, to("you@hop.test"), true); !v[0].OK() {
						t.Errorf("%v", v[0])
					} else if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); !v.OK() {
						t.Errorf("%v", v)
					}
					tx.Abort()
				}
			})
		}
		all.Wait()
		s.wantAll(nil)
		if n := len(p.Took()); n != 30 {
			t.Errorf("took %d, want 30", n)
		}
	})
}

func TestSaysCrowded(t *testing.T) {
	for _, tt := range []struct {
		says          string
		crowded, full bool
	}{
		{tooMany, true, false},
		{"421 4.4.5 Too many concurrent SMTP connections; please try again later", true, false},
		{"421 4.7.0 mail.example.com Error: too many connections from 192.0.2.1", true, false},
		{"421 4.3.2 Connection rate limit exceeded.", true, false},
		{"452 4.3.2 Too many open connections.", true, false},
		{"432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending", true, false},
		{"421 4.3.2 All server ports are busy", true, false},
		{"421 4.7.0 Too many connections from your host; no messages are accepted now", true, false},
		{"421 Too many SMTP clients", true, false},
		{"450 4.7.0 Concurrency limit reached", true, false},
		{"421 Maximum number of sessions exceeded", true, false},
		{"554 5.7.1 too many connections", false, false}, // for good
		{"421 4.7.0 Too many errors on this connection", false, true},
		{"421 4.7.0 too many invalid recipients in this session", false, true},
		{"421 4.7.0 Maximum number of messages per connection exceeded", false, true},
		{"421 Too many emails per session", false, true},
		{"421 4.7.0 hop.example too many messages on this connection", false, true},
		{"421 4.7.0 Too many messages in this session, closing connection", false, true},
		{"421 4.5.0 closing", false, true},
		{"421 4.4.2 mx.example Error: timeout exceeded", false, false},
		{"421 4.4.1 connection timed out", false, false},
		{"421 4.3.2 Service not available", false, false},
		{"421 idle for too long", false, false},
		{"452 4.3.1 Insufficient system resources", false, false},
		{"451 4.7.1 greylisted", false, false},
	} {
		t.Run(tt.says, func(t *testing.T) {
			r := parsedReply(t, tt.says)
			if r.isConnectionLimit() != tt.crowded || r.isMessageLimit() != tt.full {
				t.Errorf("crowded %v, full %v", r.isConnectionLimit(), r.isMessageLimit())
			}
		})
	}
}

package nexthop

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// bads are hosts that cannot be used, each in its own way, and what the log and
// a client without another host read of it.
var bads = []struct {
	name string
	set  func(*smtptest.Peer)
	word string
}{
	{"greeting 421", func(p *smtptest.Peer) { p.Greeting = "421 4.3.2 busy" }, "greeting: 421 4.3.2 busy"},
	{"greeting 554", func(p *smtptest.Peer) { p.Greeting = "554 no service" }, "greeting: 554 no service"},
	{"greeting cut", func(p *smtptest.Peer) { p.On = script(map[string]string{"": smtptest.Cut}) }, "greeting: "},
	{"EHLO cut", func(p *smtptest.Peer) { p.On = script(map[string]string{"EHLO": smtptest.Cut}) }, "ehlo: "},
	{"EHLO 421", func(p *smtptest.Peer) { p.On = script(map[string]string{"EHLO": "421 4.3.2 no"}) }, "ehlo: 421 4.3.2 no"},
	{"EHLO 450", func(p *smtptest.Peer) { p.On = script(map[string]string{"EHLO": "450 4.3.2 no"}) }, "ehlo: 450 4.3.2 no"},
	{"EHLO 550", func(p *smtptest.Peer) {
		p.On = script(map[string]string{"EHLO": "550 5.7.1 not you", "HELO": "550 5.7.1 not you"})
	}, "ehlo: 550 5.7.1 not you"},
	{"MAIL 421", func(p *smtptest.Peer) { p.On = script(map[string]string{"MAIL": "421 4.3.2 busy"}) }, "4.3.2 busy"},
	{"MAIL 451", func(p *smtptest.Peer) { p.On = script(map[string]string{"MAIL": "451 4.7.0 PRX5"}) }, "451 4.7.0 PRX5"},
	{"MAIL 452", func(p *smtptest.Peer) {
		p.On = script(map[string]string{"MAIL": "452 4.3.1 Insufficient system resources"})
	}, "452 4.3.1 Insufficient"},
	{"MAIL cut", func(p *smtptest.Peer) { p.On = script(map[string]string{"MAIL": smtptest.Cut}) }, "at MAIL"},
	{"RCPT 421", func(p *smtptest.Peer) { p.On = script(map[string]string{"RCPT": "421 4.3.2 shutting down"}) }, "4.3.2 shutting"},
	{"RCPT cut", func(p *smtptest.Peer) { p.On = script(map[string]string{"RCPT": smtptest.Cut}) }, "at RCPT"},
}

// Until the client has heard of a recipient that was taken the next host is
// tried; the one that failed comes last for a while.
func TestFailover(t *testing.T) {
	for _, tt := range bads {
		for _, keywords := range [][]string{{"PIPELINING"}, {"PIPELINING", "CHUNKING"}, nil} {
			t.Run(tt.name+" "+strings.Join(keywords, " "), func(t *testing.T) {
				bad := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = keywords; tt.set(p) })
				good := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = keywords })
				h := newEngine(t, bad, good)
				now := time.Now()
				h.clock(func() time.Time { return now })
				h.pool.limits.PoolSize = 0
				h.mustMail(smtptest.Note)
				if !slices.Equal(h.order(), []string{good.Addr, bad.Addr}) {
					t.Error("the host that failed is not last")
				}
				h.mustMail(smtptest.Note)
				if bad.Count() != 1 {
					t.Errorf("the host that failed was tried %d times", bad.Count())
				}
				now = now.Add(backoffFirst)
				if !slices.Equal(h.order(), h.route.Via) {
					t.Error("the host that failed is never tried first again")
				}
				h.mustMail(smtptest.Note)
				if len(good.Took()) != 3 || bad.Count() != 2 {
					t.Errorf("took %d, the other was tried %d times", len(good.Took()), bad.Count())
				}
			})
		}
		t.Run(tt.name+", no other", func(t *testing.T) {
			h := newEngine(t, smtptest.NewPeer(t, tt.set))
			v := h.mail(smtptest.Note)
			if !v.Temporary() || !strings.Contains(v.Error(), tt.word) {
				t.Errorf("got %v, want %q", v, tt.word)
			}
		})
		t.Run(tt.name+", the other no better", func(t *testing.T) {
			gone := smtptest.NewPeer(t, nil)
			gone.Stop()
			h := newEngine(t, smtptest.NewPeer(t, tt.set), gone)
			v := h.mail(smtptest.Note)
			if !v.Temporary() || !strings.Contains(v.Error(), tt.word) {
				t.Errorf("got %v, want %q", v, tt.word)
			}
		})
	}
}

// What is about the sender or a recipient is the client's, whatever other hosts
// there are.
func TestNoFailover(t *testing.T) {
	for _, tt := range []struct{ verb, says string }{
		{"MAIL", "550 5.7.1 not from you"},
		{"RCPT", "451 4.7.1 greylisted"},
		{"RCPT", "550 5.1.1 unknown"},
	} {
		t.Run(tt.says, func(t *testing.T) {
			first := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.On = script(map[string]string{tt.verb: tt.says}) })
			second := smtptest.NewPeer(t, nil)
			h := newEngine(t, first, second)
			if v := h.mail(smtptest.Note); !strings.Contains(v.Error(), tt.says) {
				t.Errorf("got %v", v)
			}
			if second.Count() > 0 || !slices.Equal(h.order(), h.route.Via) {
				t.Error("the second host was asked")
			}
		})
	}
}

// One that was taken already is not named elsewhere.
func TestNoFailoverAfterARecipient(t *testing.T) {
	first := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = func(_ *smtptest.Session, line string) string {
			if strings.Contains(line, "gone@") {
				return smtptest.Cut
			}
			return ""
		}
	})
	second := smtptest.NewPeer(t, nil)
	h := newEngine(t, first, second)
	tx := h.Begin(h.route)
	defer tx.Abort()
	v := tx.Envelope(t.Context(), sender, to("you@hop.test", "gone@hop.test"), false)
	if !v[0].OK() || v[1].Code != 451 || second.Count() > 0 {
		t.Errorf("%v, %d connections to the second", v, second.Count())
	}
}

// lostLate are hosts that accept a recipient and fail with the message.
var lostLate = []struct{ name, at, answer string }{
	{"cut at DATA", "DATA", smtptest.Cut},
	{"421 at DATA", "DATA", "421 4.3.2 going down"},
	{"garbage at DATA", "DATA", "250 ok"},
	{"cut after the message", ".", smtptest.Cut},
	{"reset after the message", ".", smtptest.Reset},
	{"421 after the message", ".", "421 4.3.2 going down"},
	{"cut at BDAT", "BDAT", smtptest.Cut},
}

// A host that fails with the message takes MAIL all the same. The client's next try
// goes to the other one, and only a message that was replied to forgives the host.
func TestFailoverAfterTheMessage(t *testing.T) {
	for _, tt := range lostLate {
		t.Run(tt.name, func(t *testing.T) {
			bad := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				if p.Keywords = []string{"PIPELINING"}; tt.at == "BDAT" {
					p.Keywords = append(p.Keywords, "CHUNKING")
				}
				p.On = script(map[string]string{tt.at: tt.answer})
			})
			good := smtptest.NewPeer(t, nil)
			h := newEngine(t, bad, good)
			now := time.Now()
			h.clock(func() time.Time { return now })
			for i := range 3 {
				if v := h.mail(smtptest.Note); !v.Temporary() {
					t.Fatalf("try %d: %v", i, v)
				}
				h.mustMail(smtptest.Note)
				if len(good.Took()) != i+1 {
					t.Fatalf("the other host took %d messages, want %d", len(good.Took()), i+1)
				}
				for _, state := range h.Reach(t.Context(), h.route) {
					if state.Err != nil {
						t.Errorf("readiness: %v", state)
					}
				}
				now = now.Add(backoffFirst<<i - 1)
				if !slices.Equal(h.order(), []string{good.Addr, bad.Addr}) {
					t.Error("MAIL has forgiven the host")
				}
				now = now.Add(1)
			}
		})
	}
}

// The rest of a host doubles with each failure after it, and ends with what it
// does well.
func TestRestGrows(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	h := &health{now: func() time.Time { return now }}
	key := hostKey{addr: "192.0.2.1:25"}
	for i, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, backoffMost, backoffMost} {
		h.try(key)
		if got := h.failed(key, errLoop); got != want {
			t.Errorf("rest %d is %v, want %v", i+1, got, want)
		}
		now = now.Add(want - 1)
		if h.failed(key, errLoop) != 1 || !h.inBackoff(key) {
			t.Error("a failure during the rest counts")
		}
		now = now.Add(1)
		if h.inBackoff(key) {
			t.Error("the rest does not end")
		}
		h.try(key)
		if !h.inBackoff(key) {
			t.Error("two try it at once")
		}
		now = now.Add(retryTime)
		if h.inBackoff(key) || h.lastFailure(key) == nil {
			t.Error("a trial without an end keeps the host away")
		}
	}
	h.works(key)
	if h.failed(key, errLoop) != backoffFirst {
		t.Error("what worked is not forgiven")
	}
}

// With via_policy = "share" open connections decide, and hosts that failed come
// last.
func TestShare(t *testing.T) {
	a, b := smtptest.NewPeer(t, nil), smtptest.NewPeer(t, nil)
	dead := smtptest.NewPeer(t, nil)
	dead.Stop()
	h := newEngine(t, dead, a, b)
	h.route.Policy = "share"
	var open []*Transaction
	for range 8 {
		tx := h.Begin(h.route)
		if v := tx.Envelope(t.Context(), sender, to("you@hop.test"), false); !v[0].OK() {
			t.Fatal(v)
		}
		open = append(open, tx)
	}
	if a.Count() != 4 || b.Count() != 4 {
		t.Errorf("%d and %d connections", a.Count(), b.Count())
	}
	for _, tx := range open {
		tx.Abort()
	}
	h.mustMail(smtptest.Note) // by one of those that are idle
	if a.Count()+b.Count() != 8 {
		t.Error("a new connection although others were idle")
	}
	if got := fmt.Sprint(h.order()); !strings.HasSuffix(got, dead.Addr+"]") {
		t.Errorf("order %s", got)
	}
}

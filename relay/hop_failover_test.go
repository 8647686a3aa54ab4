package relay

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// bads are hosts that cannot be used, each in its own way, and what the log and
// a client without another host read of it.
var bads = []struct {
	name string
	set  func(*peer)
	word string
}{
	{"greeting 421", func(p *peer) { p.greeting = "421 4.3.2 busy" }, "greeting: 421 4.3.2 busy"},
	{"greeting 554", func(p *peer) { p.greeting = "554 no service" }, "greeting: 554 no service"},
	{"greeting cut", func(p *peer) { p.on = script(map[string]string{"": cut}) }, "greeting: "},
	{"EHLO cut", func(p *peer) { p.on = script(map[string]string{"EHLO": cut}) }, "ehlo: "},
	{"EHLO 421", func(p *peer) { p.on = script(map[string]string{"EHLO": "421 4.3.2 no"}) }, "ehlo: 421 4.3.2 no"},
	{"EHLO 450", func(p *peer) { p.on = script(map[string]string{"EHLO": "450 4.3.2 no"}) }, "ehlo: 450 4.3.2 no"},
	{"EHLO 550", func(p *peer) {
		p.on = script(map[string]string{"EHLO": "550 5.7.1 not you", "HELO": "550 5.7.1 not you"})
	}, "ehlo: 550 5.7.1 not you"},
	{"MAIL 421", func(p *peer) { p.on = script(map[string]string{"MAIL": "421 4.3.2 busy"}) }, "4.3.2 busy"},
	{"MAIL 451", func(p *peer) { p.on = script(map[string]string{"MAIL": "451 4.7.0 PRX5"}) }, "451 4.7.0 PRX5"},
	{"MAIL 452", func(p *peer) {
		p.on = script(map[string]string{"MAIL": "452 4.3.1 Insufficient system resources"})
	}, "452 4.3.1 Insufficient"},
	{"MAIL cut", func(p *peer) { p.on = script(map[string]string{"MAIL": cut}) }, "at MAIL"},
	{"RCPT 421", func(p *peer) { p.on = script(map[string]string{"RCPT": "421 4.3.2 shutting down"}) }, "4.3.2 shutting"},
	{"RCPT cut", func(p *peer) { p.on = script(map[string]string{"RCPT": cut}) }, "at RCPT"},
}

// Until the client has heard of a recipient that was taken the next host is
// tried; the one that failed comes last for a while.
func TestFailover(t *testing.T) {
	for _, tt := range bads {
		for _, keywords := range [][]string{{"PIPELINING"}, {"PIPELINING", "CHUNKING"}, nil} {
			t.Run(tt.name+" "+strings.Join(keywords, " "), func(t *testing.T) {
				bad := newPeer(t, func(p *peer) { p.keywords = keywords; tt.set(p) })
				good := newPeer(t, func(p *peer) { p.keywords = keywords })
				h := newHop(t, bad, good)
				now := time.Now()
				h.clock(func() time.Time { return now })
				h.pool.limits.PoolSize = 0
				h.mustMail(note)
				if !slices.Equal(h.order(), []string{good.addr, bad.addr}) {
					t.Error("the host that failed is not last")
				}
				h.mustMail(note)
				if bad.count() != 1 {
					t.Errorf("the host that failed was tried %d times", bad.count())
				}
				now = now.Add(restFirst)
				if !slices.Equal(h.order(), h.route.Via) {
					t.Error("the host that failed is never tried first again")
				}
				h.mustMail(note)
				if len(good.took()) != 3 || bad.count() != 2 {
					t.Errorf("took %d, the other was tried %d times", len(good.took()), bad.count())
				}
			})
		}
		t.Run(tt.name+", no other", func(t *testing.T) {
			h := newHop(t, newPeer(t, tt.set))
			v := h.mail(note)
			if !v.Temporary() || !strings.Contains(v.Error(), tt.word) {
				t.Errorf("got %v, want %q", v, tt.word)
			}
		})
		t.Run(tt.name+", the other no better", func(t *testing.T) {
			gone := newPeer(t, nil)
			gone.close()
			h := newHop(t, newPeer(t, tt.set), gone)
			v := h.mail(note)
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
			first := newPeer(t, func(p *peer) { p.on = script(map[string]string{tt.verb: tt.says}) })
			second := newPeer(t, nil)
			h := newHop(t, first, second)
			if v := h.mail(note); !strings.Contains(v.Error(), tt.says) {
				t.Errorf("got %v", v)
			}
			if second.count() > 0 || !slices.Equal(h.order(), h.route.Via) {
				t.Error("the second host was asked")
			}
		})
	}
}

// One that was taken already is not named elsewhere.
func TestNoFailoverAfterARecipient(t *testing.T) {
	first := newPeer(t, func(p *peer) {
		p.on = func(_ *peerSession, line string) string {
			if strings.Contains(line, "gone@") {
				return cut
			}
			return ""
		}
	})
	second := newPeer(t, nil)
	h := newHop(t, first, second)
	tx := h.Begin(h.route)
	defer tx.Abort()
	v := tx.Envelope(t.Context(), sender, to("you@hop.test", "gone@hop.test"), false)
	if !v[0].OK() || v[1].Code != 451 || second.count() > 0 {
		t.Errorf("%v, %d connections to the second", v, second.count())
	}
}

// The rest of a host doubles with each failure behind it, and ends with what it
// does well.
func TestRestGrows(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	h := &health{now: func() time.Time { return now }}
	key := hopKey{addr: "192.0.2.1:25"}
	for i, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, restMost, restMost} {
		h.try(key)
		if got := h.failed(key, errLoop); got != want {
			t.Errorf("rest %d is %v, want %v", i+1, got, want)
		}
		now = now.Add(want - 1)
		if h.failed(key, errLoop) != 1 || !h.resting(key) {
			t.Error("a failure during the rest counts")
		}
		now = now.Add(1)
		if h.resting(key) {
			t.Error("the rest does not end")
		}
		h.try(key)
		if !h.resting(key) {
			t.Error("two try it at once")
		}
		now = now.Add(trialTime)
		if h.resting(key) || h.ails(key) == nil {
			t.Error("a trial without an end keeps the host away")
		}
	}
	h.works(key)
	if h.failed(key, errLoop) != restFirst {
		t.Error("what worked is not forgiven")
	}
}

// With via_policy = "share" open connections decide, and hosts that failed come
// last.
func TestShare(t *testing.T) {
	a, b := newPeer(t, nil), newPeer(t, nil)
	dead := newPeer(t, nil)
	dead.close()
	h := newHop(t, dead, a, b)
	h.route.Policy = "share"
	var open []*Transaction
	for range 8 {
		tx := h.Begin(h.route)
		if v := tx.Envelope(t.Context(), sender, to("you@hop.test"), false); !v[0].OK() {
			t.Fatal(v)
		}
		open = append(open, tx)
	}
	if a.count() != 4 || b.count() != 4 {
		t.Errorf("%d and %d connections", a.count(), b.count())
	}
	for _, tx := range open {
		tx.Abort()
	}
	h.mustMail(note) // by one of those that are idle
	if a.count()+b.count() != 8 {
		t.Error("a new connection although others were idle")
	}
	if got := fmt.Sprint(h.order()); !strings.HasSuffix(got, dead.addr+"]") {
		t.Errorf("order %s", got)
	}
}

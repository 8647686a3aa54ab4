package relay

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
)

// enterAll lets messages of these costs ask one after the other, and returns what
// became of each so far: 0 waits, 1 runs, 2 was refused.
func enterAll(ctx context.Context, b *budget, wait time.Duration, costs ...int64) (state []*atomic.Int32, leave []func()) {
	leave = make([]func(), len(costs))
	for i, cost := range costs {
		st := new(atomic.Int32)
		state = append(state, st)
		go func() {
			var err error
			if leave[i], err = b.enter(ctx, cost, wait); err != nil {
				st.Store(2)
				return
			}
			st.Store(1)
		}()
		synctest.Wait() // so that they queue in this order
	}
	return state, leave
}

func states(list []*atomic.Int32) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteByte("wrx"[s.Load()])
	}
	return b.String()
}

func TestBudget(t *testing.T) {
	const total = 1 << 30
	small, medium, large := int64(1), int64(mediumCost), int64(total/2)
	narrow := func() *budget {
		b := newBudget(total)
		b.classes[0].slots, b.classes[1].slots, b.classes[2].slots = 2, 2, 2
		return b
	}
	t.Run("classes do not wait for each other", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := narrow()
			b.classes[2].slots = 1
			st, leave := enterAll(t.Context(), b, time.Hour, large, large, small, medium, small, small)
			if got := states(st); got != "rwrrrw" {
				t.Errorf("got %s", got)
			}
			leave[0]()
			leave[2]()
			synctest.Wait()
			if got := states(st); got != "rrrrrr" {
				t.Errorf("then %s", got)
			}
		})
	})
	t.Run("in order, and nobody overtakes who does not fit", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := narrow()
			b.classes[2].slots = 10
			st, leave := enterAll(t.Context(), b, time.Hour, total/4, total/4*2, total/4*2, total/5, small)
			if got := states(st); got != "rrwwr" {
				t.Errorf("got %s", got)
			}
			leave[1]()
			synctest.Wait()
			if got := states(st); got != "rrrwr" {
				t.Errorf("then %s", got)
			}
		})
	})
	t.Run("the sum is bounded", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBudget(100 << 20)
			for i := range b.classes {
				b.classes[i].slots = 1000
			}
			_, _ = enterAll(t.Context(), b, time.Hour, small, smallCost, smallCost+1, 40<<20, 60<<20, 30<<20, smallCost)
			if b.used > b.total {
				t.Errorf("%d of %d", b.used, b.total)
			}
		})
	})
	t.Run("a wait has an end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := narrow()
			ctx, cancel := context.WithCancel(t.Context())
			st, leave := enterAll(ctx, b, time.Minute, large, large, large, total)
			time.Sleep(30 * time.Second)
			late, _ := enterAll(t.Context(), b, time.Minute, large)
			if got := states(st) + states(late); got != "rwwxw" {
				t.Errorf("at first %s", got)
			}
			time.Sleep(31 * time.Second)
			if got := states(st) + states(late); got != "rxxxw" {
				t.Errorf("behind the deadline %s", got)
			}
			cancel()
			leave[0]()
			leave[0]() // twice is once
			synctest.Wait()
			if got := states(st) + states(late); got != "rxxxr" {
				t.Errorf("at last %s", got)
			}
			if b.used != large {
				t.Errorf("%d octets in use", b.used)
			}
		})
	})
	t.Run("who goes away leaves the queue", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := narrow()
			ctx, cancel := context.WithCancel(t.Context())
			_, leave := enterAll(t.Context(), b, time.Hour, large)
			gone, _ := enterAll(ctx, b, time.Hour, large)
			cancel()
			synctest.Wait()
			if _, err := b.enter(ctx, large, time.Hour); !errors.Is(err, context.Canceled) || states(gone) != "x" || len(b.classes[2].waiting) != 0 {
				t.Errorf("%v %s", err, states(gone))
			}
			leave[0]()
			if b.used != 0 {
				t.Errorf("%d octets in use", b.used)
			}
		})
	})
	t.Run("another total", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBudget(64 << 20)
			if _, err := b.enter(t.Context(), 60<<20, time.Hour); !errors.Is(err, errOverBudget) {
				t.Error(err)
			}
			b.resize(1 << 30)
			if _, err := b.enter(t.Context(), 60<<20, time.Hour); err != nil {
				t.Error(err)
			}
		})
	})
}

// meeting is a calendar that is repaired.
const meeting = "From: a@sender.example\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n" +
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nPRODID:Microsoft CDO for Microsoft Exchange\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260301T090000Z\r\n" +
	"DTSTART:20260310T100000Z\r\nDTEND:20260310T110000Z\r\nORGANIZER:MAILTO:a@sender.example\r\nSEQUENCE:0\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// While one message takes all of the budget, another one waits no longer than it
// may, and then goes out as it came.
func TestBusy(t *testing.T) {
	change := func(cfg *config.Config) { cfg.Rewrite.Timeout, cfg.Rewrite.Wait = 10*time.Second, 20*time.Millisecond }
	eachTransport(t, change, func(t *testing.T, r *rig, c *talker) {
		b := r.srv.budget
		b.mu.Lock()
		b.classes[0].slots = 0 // as if others had them
		b.mu.Unlock()
		send := func(body string) {
			c.envelope()
			c.say("DATA", "354")
			c.send(body + ".\r\n")
			c.expect("250")
		}
		send(meeting)
		wantBodies(t, r, meeting)
		for _, want := range []string{"msg=left-alone", "what=message why=busy", "outcome=left-alone", "level=INFO"} {
			if !strings.Contains(r.log.String(), want) {
				t.Errorf("%s is missing in the log: %s", want, r.log)
			}
		}
		send(message) // no calendar, no wait
		b.mu.Lock()
		b.classes[0].slots = 1
		b.mu.Unlock()
		send(meeting)
		if got := r.hop.bodies(); len(got) != 3 || got[2] == meeting {
			t.Errorf("not repaired: %s", brief(got))
		}
	})
}

// A client that goes away while its message waits for its turn gets nothing
// delivered: it will send it again.
func TestGoneWhileWaiting(t *testing.T) {
	change := func(cfg *config.Config) { cfg.Rewrite.Timeout, cfg.Rewrite.Wait = 10*time.Second, time.Hour }
	eachTransport(t, change, func(t *testing.T, r *rig, c *talker) {
		b := r.srv.budget
		b.mu.Lock()
		b.classes[0].slots = 0
		b.mu.Unlock()
		c.envelope()
		c.say("DATA", "354")
		c.send(meeting + ".\r\n")
		eventually(t, func() bool { b.mu.Lock(); defer b.mu.Unlock(); return len(b.classes[0].waiting) == 1 })
		c.conn.Close()
		eventually(t, func() bool { return strings.Contains(r.log.String(), "verdict=aborted") })
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.classes[0].waiting) != 0 {
			t.Error("it still waits")
		}
		wantBodies(t, r)
	})
}

// The forms of one message share one time: what the first one took is not there
// for the next.
func TestTimeInSum(t *testing.T) {
	var clock atomic.Int64
	var given []time.Duration
	r := newRig(t, func(cfg *config.Config) { cfg.Rewrite.Timeout, cfg.Rewrite.OnRefuse = 10*time.Second, "fallback" }, func(o *Options) {
		o.Now = func() time.Time { return time.Unix(clock.Load(), 0) }
		o.Rewrite = func(src rewrite.Source, o rewrite.Options) (rewrite.Result, error) {
			if o.Mode == rewrite.Off {
				return rewrite.Message(src, o)
			}
			given = append(given, o.Timeout)
			if o.Timeout < time.Second {
				return rewrite.Result{}, rewrite.ErrTimeout
			}
			err := o.Admit(1)
			clock.Add(4)
			o.Admit = nil
			res, _ := rewrite.Message(src, o)
			return res, err
		}
	})
	r.hop.final = func(string) envelope.Verdict {
		return envelope.Verdict{Code: 554, Enhanced: [3]int{5, 6, 0}, Text: []string{"not this"}, Whole: true, Remote: hopSays250.Remote}
	}
	c := r.hello("plain")
	c.envelope()
	c.say("DATA", "354")
	c.send(meeting + ".\r\n")
	c.expect("554")
	if len(given) < 4 || given[0] != 10*time.Second || given[1] != 6*time.Second || given[2] != 2*time.Second || given[3] > time.Second {
		t.Errorf("given %v", given)
	}
}

package delivery

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
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

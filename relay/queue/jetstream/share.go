package jetstream

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/queue"
)

// sharing is one use of the store by a queue.
type sharing struct {
	*Store
	to     queue.Owner
	places places
	key    string // that says that this relay is alive
	beat   uint64 // its revision
	said   string // the last error that was reported
	wg     sync.WaitGroup
	swept  time.Time // when the object store was swept
}

// Share implements queue.Shared.
func (s *Store) Share(ctx context.Context, to queue.Owner) {
	select {
	case <-ctx.Done():
		return
	case <-s.prepared:
	}
	places, err := s.ready()
	if err != nil {
		return
	}
	h := &sharing{Store: s, to: to, places: places, key: keyRelay + rand.Text(), swept: time.Now()}
	tick := time.NewTicker(max(s.lease/6, 10*time.Millisecond))
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := h.share(ctx); ctx.Err() == nil {
			h.report("sharing the queue with other relays", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	h.leave()
}

// report reports an error once, until another one or none follows.
func (h *sharing) report(what string, err error) {
	if err == nil {
		h.said = ""
		return
	}
	if text := err.Error(); text != h.said {
		h.said = text
		h.to.Trouble(what, err)
	}
}

// balance renews the leases, and takes or gives back partitions, so that each relay
// has as many as the others. What is under way when stopped ends is not broken off: NATS could
// store a lease of which we do not know, and so do not give back. It returns the number of
// partitions that nobody has then.
func (h *sharing) balance(stopped context.Context) (free int, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(stopped), max(h.lease/3, time.Second))
	defer cancel()
	rev, err := h.places.leases.Put(ctx, h.key, []byte(h.opt.Relay))
	if err == nil {
		h.beat = rev
	}
	lost, failed := h.renew(ctx, h.places)
	for _, n := range lost {
		h.release(n)
	}
	if err == nil {
		err = failed
	}
	if err == nil {
		free, err = h.level(ctx, stopped)
	}
	if err == nil && h.is(0, held) && time.Since(h.swept) > sweepEvery {
		h.swept = time.Now()
		h.wg.Go(h.sweep)
	}
	return free, err
}

// level takes or gives back partitions; it takes none when stopped has ended. It
// returns the number of those that nobody has then.
func (h *sharing) level(ctx, stopped context.Context) (unheld int, err error) {
	relays, leased, err := h.alive(ctx)
	if err != nil {
		return 0, err
	}
	want, have := (partitionCount+relays-1)/relays, h.count(held)
	for n := partitionCount - 1; n >= 0 && have > want; n-- {
		if h.is(n, held) {
			h.release(n)
			have--
		}
	}
	for n := 0; n < partitionCount && have < want && stopped.Err() == nil; n++ {
		if leased[n] || !h.is(n, free) {
			continue
		}
		ok, err := h.take(ctx, h.places, n)
		if err != nil {
			return 0, err
		}
		leased[n] = true // by this relay, or by one that was faster
		if ok {
			h.begin(n)
			have++
		}
	}
	for _, has := range leased {
		if !has {
			unheld++
		}
	}
	return unheld, nil
}

func (h *sharing) is(n int, what phase) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.partitions[n].phase == what
}

func (h *sharing) count(what phase) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.partitions {
		if h.partitions[i].phase == what {
			n++
		}
	}
	return n
}

// begin reads the messages of a partition that this relay has now.
func (h *sharing) begin(n int) {
	ctx, stop := context.WithCancel(context.Background())
	h.mu.Lock()
	at := &h.partitions[n]
	at.stop = stop
	done := at.done
	h.mu.Unlock()
	h.wg.Go(func() {
		defer close(done)
		h.follow(ctx, n)
	})
}

// release gives back a partition when the attempts that are being made have ended.
func (h *sharing) release(n int) {
	h.mu.Lock()
	at := &h.partitions[n]
	at.phase = draining
	stop, done := at.stop, at.done
	h.mu.Unlock()
	h.wg.Go(func() {
		stop()
		<-done
		h.to.Taken(h.ctx)
		h.forgetAll(n)
		h.giveBack(n)
	})
}

// forgetAll drops what is known of the messages of a partition.
func (h *sharing) forgetAll(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, at := range h.known {
		if at.partition == n {
			h.forget(id)
		}
	}
}

// leave gives back everything. The queue has ended its attempts.
func (h *sharing) leave() {
	for n := range partitionCount {
		if h.is(n, held) {
			h.release(n)
		}
	}
	h.wg.Wait()
	h.deleteKey(h.key, h.beat)
}

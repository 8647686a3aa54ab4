package resolver

import (
	"context"
	"errors"
	"net"
)

// flight is a look-up that some callers wait for. It ends early when none waits.
type flight struct {
	waiting int // guarded by Resolver.mu
	cancel  context.CancelFunc
	done    chan struct{} // closed when the fields below are set
	found   entry
	err     error
}

// share returns the result of the look-up that is under way for a question, or begins
// one: many messages to one domain ask once.
func (r *Resolver) share(ctx context.Context, q question) (entry, error) {
	f := r.join(ctx, q)
	defer r.leave(q, f)
	select {
	case <-f.done:
		return f.found, f.err
	case <-ctx.Done():
		return entry{}, &net.DNSError{Err: ctx.Err().Error(), Name: q.name, IsTimeout: true, IsTemporary: true, UnwrapErr: ctx.Err()}
	}
}

func (r *Resolver) join(ctx context.Context, q question) *flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.flights[q]; f != nil {
		f.waiting++
		return f
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTimeout)
	f := &flight{waiting: 1, cancel: cancel, done: make(chan struct{})}
	r.flights[q] = f
	go r.run(ctx, q, f)
	return f
}

func (r *Resolver) run(ctx context.Context, q question, f *flight) {
	defer f.cancel()
	f.found, f.err = r.follow(ctx, q)
	switch {
	case f.err == nil:
		r.cache.put(q, f.found, r.opt.Now())
	case ctx.Err() != context.Canceled && !errors.Is(f.err, errNoServers): // else the failure is ours
		r.cache.put(q, entry{err: f.err, ttl: failureTTL}, r.opt.Now())
	}
	r.mu.Lock()
	if r.flights[q] == f {
		delete(r.flights, q)
	}
	r.mu.Unlock()
	close(f.done)
}

// leave ends a look-up that nobody waits for any more.
func (r *Resolver) leave(q question, f *flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		if r.flights[q] == f {
			delete(r.flights, q) // the next caller must not get its failure
		}
	}
}

package delivery

import (
	"context"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/rewrite"
)

// effort is the work on one form of a message: its part of the budget, and the time
// that it takes.
type effort struct {
	d     *Delivery
	began time.Time
	leave func() // nil until it was admitted
}

// beginWork sets the options that limit a rewrite: its turn in the budget, its end
// when the client disconnects, and the remaining time. All forms of one message
// together get no more than rewrite.timeout. end must be called when the result
// needs no further work.
func (d *Delivery) beginWork(ctx context.Context, o *rewrite.Options) *effort {
	e := &effort{d: d, began: d.engine.opt.Now()}
	cfg := d.Config.Rewrite
	o.Context = ctx
	o.Timeout = max(workTimeout(cfg)-d.worked, 1) // 0 would be the default
	o.Admit = func(octets int64) error {
		leave, err := d.engine.budget.enter(ctx, octets, workWait(cfg))
		if err == nil {
			e.began, e.leave = d.engine.opt.Now(), leave // the wait does not count
		}
		return err
	}
	return e
}

func (e *effort) end() {
	took := e.d.engine.opt.Now().Sub(e.began)
	e.d.engine.opt.Metrics.Rewriting(took)
	if e.leave != nil {
		e.d.worked += took
		e.leave()
	}
}

// A configuration that was loaded has both.
func workTimeout(r config.Rewrite) time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return rewrite.DefaultTimeout
}

func workWait(r config.Rewrite) time.Duration {
	if r.Wait > 0 || r.Timeout > 0 {
		return r.Wait
	}
	return 30 * time.Second
}

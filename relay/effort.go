package relay

import (
	"context"
	"errors"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtpd"
	"github.com/reconvene/reconvene/rewrite"
)

// effort is the work on one form of a message: what it was given of the budget, and
// the time that it takes.
type effort struct {
	s     *session
	began time.Time
	leave func() // nil until it was admitted
}

// beginWork completes the options of a rewrite: its turn, its end with the client,
// and the time that is left. All forms of one message together get no more than
// rewrite.timeout. end must be called when the result needs no further work.
func (s *session) beginWork(ctx context.Context, o *rewrite.Options) *effort {
	e := &effort{s: s, began: s.server.opt.Now()}
	cfg := s.tx.setup.cfg.Rewrite
	o.Context = ctx
	o.Timeout = max(workTimeout(cfg)-s.tx.worked, 1) // 0 would be the default
	o.Admit = func(octets int64) error {
		leave, err := s.server.budget.enter(ctx, octets, workWait(cfg))
		if err == nil {
			e.began, e.leave = s.server.opt.Now(), leave // to wait is not to work
		}
		return err
	}
	return e
}

func (e *effort) end() {
	took := e.s.server.opt.Now().Sub(e.began)
	e.s.server.opt.Metrics.Rewriting(took)
	if e.leave != nil {
		e.s.tx.worked += took
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

// leftAloneWhy is why a message whose rewriting ended in an error goes out as it
// came, in the words of the log. All but "fault" are limits that did their work.
func leftAloneWhy(err error) string {
	switch {
	case errors.Is(err, errBusy):
		return "busy"
	case errors.Is(err, rewrite.ErrTimeout):
		return "timeout"
	case errors.Is(err, errOverBudget):
		return "too large: " + errOverBudget.Error()
	case errors.Is(err, rewrite.ErrStopped), errors.Is(err, context.Canceled):
		return smtpd.ErrGone.Error()
	case errors.Is(err, rewrite.ErrLimit):
		return err.Error()
	}
	return "fault"
}

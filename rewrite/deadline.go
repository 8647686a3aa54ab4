package rewrite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// ErrStopped reports that Options.Context ended before the work.
var ErrStopped = errors.New("rewriting was stopped")

// deadline bounds the time that the work on one message takes.
type deadline struct {
	ctx     context.Context // nil never ends
	now     func() time.Time
	timeout time.Duration
	at      time.Time
}

// restart gives the work its whole time from now on.
func (d *deadline) restart() { d.at = d.now().Add(d.timeout) }

// expired returns an error when the work has to end: its time is over, or the
// context of the caller has ended.
func (d *deadline) expired() error {
	if d.ctx != nil && d.ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrStopped, d.ctx.Err())
	}
	if d.now().After(d.at) {
		return fmt.Errorf("%w: more than %v", ErrTimeout, d.timeout)
	}
	return nil
}

// stopped is the value with which tick panics; contain makes an error of it.
type stopped struct{ error }

// tick ends the work when it is expired. It is called in the loops of the parser
// and the guard, and between the findings of a remedy: each of these takes time in
// proportion to a calendar, and none of them has an error to return.
func (d *deadline) tick() {
	if err := d.expired(); err != nil {
		panic(stopped{err})
	}
}

// contain converts a panic to an error. A pass defers it, so that its other results
// have what was done until then.
func contain(err *error) {
	switch cause := recover().(type) {
	case nil:
	case stopped:
		*err = cause.error
	default:
		*err = fmt.Errorf("%w: %v at %s", ErrPanic, cause, panicSite())
	}
}

// panicSite returns the line that panicked, which is the only part of the stack that
// fits into a log line.
func panicSite() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.Function, f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}

package relay

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/reconvene/reconvene/relay/peek"
)

// watchDelay is how long the next hop may take before we look whether the client
// is still there. Most transactions are over by then.
const watchDelay = 50 * time.Millisecond

// watch calls gone when the client closes the connection while the session waits
// for the next hop. What the client sends meanwhile goes to the buffer. A client
// that closes its side behind further commands is taken to be waiting for their
// answers. The session must not use the gate before it has called end.
func (g *gate) watch(gone func()) *watcher {
	if w := g.watcher; w != nil {
		w.gone = gone
		w.timer.Reset(g.opt.watchDelay)
		return w
	}
	w := &watcher{g: g, gone: gone, done: make(chan struct{})}
	w.timer = time.AfterFunc(g.opt.watchDelay, w.run)
	g.watcher = w
	return w
}

// watcher is used again as long as its time did not come.
type watcher struct {
	g       *gate
	gone    func()
	timer   *time.Timer
	stopped bool // guarded by g.mu
	done    chan struct{}
}

// end is called when the next hop has answered.
func (w *watcher) end() {
	if w.timer.Stop() {
		return
	}
	w.g.watcher = nil
	w.stop()
	<-w.done
}

func (w *watcher) run() {
	defer close(w.done)
	for w.waitForever() {
		if len(w.g.in.room()) == 0 {
			return // it sends more than we want to keep: it is there
		}
		err := w.g.in.fill(w.g.conn)
		switch {
		case err == nil:
			continue
		case errors.Is(err, os.ErrDeadlineExceeded):
			return
		}
		w.g.in.eof = err
		if w.g.in.buffered() == 0 || !isEOF(err) {
			w.gone()
		}
		return
	}
}

// waitForever takes the read deadline away, unless stop was faster.
func (w *watcher) waitForever() bool {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	if !w.stopped {
		w.g.conn.SetReadDeadline(time.Time{})
	}
	return !w.stopped
}

func (w *watcher) stop() {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	w.stopped = true
	w.g.conn.SetReadDeadline(time.Unix(1, 0))
}

// talksEarly reports whether the client speaks before it was greeted. With a delay
// it gets some time to do so: what sends its commands without listening is seldom a
// mail server.
func (g *gate) talksEarly(delay time.Duration) bool {
	if delay == 0 {
		return peek.At(g.conn) == peek.Input
	}
	g.conn.SetReadDeadline(time.Now().Add(delay))
	return g.in.fill(g.conn) == nil
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

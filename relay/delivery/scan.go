package delivery

import (
	"cmp"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/rewrite"
)

// Scan examines a message while it is received; *rewrite.Scanner implements it.
type Scan interface {
	Write(p []byte) (int, error)
	End()
	Clear() int64     // the octets before this offset will not be changed
	Found() bool      // a part that may hold a meeting begins at Clear
	HeaderSeen() bool // the header of the message was received
	Finish(rewrite.Source, rewrite.Options) (rewrite.Result, error)
	Err() error // why the examination was stopped
	Close()
}

// newScan begins the examination. When nothing is to be rewritten, nothing is
// examined.
func (d *Delivery) newScan() Scan {
	if d.Config.Rewrite.Mode == config.RewriteOff {
		return &noScan{empty: true}
	}
	return &guardedScan{Scan: d.engine.opt.Scan()}
}

// endScan ends an examination. It reports a failure to the caller: the message is
// sent nevertheless.
func (d *Delivery) endScan(scan Scan) {
	scan.Close()
	if err := scan.Err(); err != nil && !d.scanFailed {
		d.scanFailed = true
		d.observer.ScanFailed(err)
	}
}

// guardedScan converts a panic to an error: it prevents the repair, not the
// delivery. What was not found by then is sent unchanged.
type guardedScan struct {
	Scan
	came, clear int64
	found, seen bool
	err         error
}

func (g *guardedScan) guard(work func()) {
	if g.err != nil {
		return
	}
	if err := noPanic(func() error { work(); return nil }); err != nil {
		g.err = err
	}
}

// step does the work and stores its results.
func (g *guardedScan) step(work func()) {
	g.guard(func() {
		work()
		clear, found, seen := g.Scan.Clear(), g.Scan.Found(), g.Scan.HeaderSeen()
		g.clear, g.found, g.seen = clear, found, seen
		g.err = g.Scan.Err()
	})
	if g.err != nil && !g.found {
		g.clear = g.came
	}
}

func (g *guardedScan) Write(p []byte) (int, error) {
	g.came += int64(len(p))
	g.step(func() { g.Scan.Write(p) })
	return len(p), nil
}

func (g *guardedScan) End()             { g.step(g.Scan.End) }
func (g *guardedScan) Clear() int64     { return g.clear }
func (g *guardedScan) Found() bool      { return g.found }
func (g *guardedScan) HeaderSeen() bool { return g.seen }
func (g *guardedScan) Err() error       { return g.err }

// Finish returns the source, unchanged, on an error.
func (g *guardedScan) Finish(src rewrite.Source, o rewrite.Options) (res rewrite.Result, err error) {
	g.guard(func() { res, err = g.Scan.Finish(src, o) })
	if g.err != nil {
		return rewrite.Result{}, g.err
	}
	return res, err
}

// Close releases the message, also after a panic.
func (g *guardedScan) Close() {
	before := g.err
	g.err = nil
	g.guard(g.Scan.Close)
	g.err = cmp.Or(before, g.err, g.Scan.Err())
}

// noScan finds nothing. It only finds the end of the header, at which Received
// fields are counted.
type noScan struct {
	came   int64
	empty  bool // no octet of the current line has come
	header bool
}

func (u *noScan) Write(p []byte) (int, error) {
	u.came += int64(len(p))
	for i := 0; i < len(p) && !u.header; i++ {
		switch c := p[i]; {
		case c == '\n':
			u.header, u.empty = u.empty, true
		case c != '\r':
			u.empty = false
		}
	}
	return len(p), nil
}

func (u *noScan) End()             {}
func (u *noScan) Clear() int64     { return u.came }
func (u *noScan) Found() bool      { return false }
func (u *noScan) HeaderSeen() bool { return u.header }
func (u *noScan) Err() error       { return nil }
func (u *noScan) Close()           {}

func (u *noScan) Finish(rewrite.Source, rewrite.Options) (rewrite.Result, error) {
	return rewrite.Result{}, nil
}

package relay

import (
	"cmp"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/rewrite"
)

// arrival is the look at a message while it arrives; *rewrite.Scanner is one.
type arrival interface {
	Write(p []byte) (int, error)
	End()
	Clear() int64     // nothing in front of it will be changed
	Found() bool      // a part that may hold a meeting begins at Clear
	HeaderSeen() bool // the header of the message has come
	Finish(rewrite.Source, rewrite.Options) (rewrite.Result, error)
	Err() error // why the look was given up
	Close()
}

// newArrival begins a look at the transaction's message. When nothing is to be
// rewritten, nothing is looked at.
func (s *session) newArrival() arrival {
	if s.tx.setup.cfg.Rewrite.Mode == config.RewriteOff {
		return &unseen{empty: true}
	}
	return &guarded{arrival: s.server.opt.newArrival()}
}

// guarded is a boundary around an arrival: a panic in the look costs the repair,
// never the message. What was not found by then goes on as it comes.
type guarded struct {
	arrival
	came, clear int64
	found, seen bool
	err         error
}

func (g *guarded) guard(work func()) {
	if g.err != nil {
		return
	}
	if err := noPanic(func() error { work(); return nil }); err != nil {
		g.err = err
	}
}

// step does the work and asks what it has shown.
func (g *guarded) step(work func()) {
	g.guard(func() {
		work()
		clear, found, seen := g.arrival.Clear(), g.arrival.Found(), g.arrival.HeaderSeen()
		g.clear, g.found, g.seen = clear, found, seen
		g.err = g.arrival.Err()
	})
	if g.err != nil && !g.found {
		g.clear = g.came
	}
}

func (g *guarded) Write(p []byte) (int, error) {
	g.came += int64(len(p))
	g.step(func() { g.arrival.Write(p) })
	return len(p), nil
}

func (g *guarded) End()             { g.step(g.arrival.End) }
func (g *guarded) Clear() int64     { return g.clear }
func (g *guarded) Found() bool      { return g.found }
func (g *guarded) HeaderSeen() bool { return g.seen }
func (g *guarded) Err() error       { return g.err }

// Finish returns the source, unchanged, on an error.
func (g *guarded) Finish(src rewrite.Source, o rewrite.Options) (res rewrite.Result, err error) {
	g.guard(func() { res, err = g.arrival.Finish(src, o) })
	if g.err != nil {
		return rewrite.Result{}, g.err
	}
	return res, err
}

// Close forgets the message, also after a panic.
func (g *guarded) Close() {
	before := g.err
	g.err = nil
	g.guard(g.arrival.Close)
	g.err = cmp.Or(before, g.err, g.arrival.Err())
}

// unseen passes everything. It only knows where the header ends, which is where
// Received fields are counted.
type unseen struct {
	came   int64
	empty  bool // no octet of the current line has come
	header bool
}

func (u *unseen) Write(p []byte) (int, error) {
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

func (u *unseen) End()             {}
func (u *unseen) Clear() int64     { return u.came }
func (u *unseen) Found() bool      { return false }
func (u *unseen) HeaderSeen() bool { return u.header }
func (u *unseen) Err() error       { return nil }
func (u *unseen) Close()           {}

func (u *unseen) Finish(rewrite.Source, rewrite.Options) (rewrite.Result, error) {
	return rewrite.Result{}, nil
}

package rewrite

import (
	"fmt"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// Watch looks for meetings in a mail while it arrives, so that a mail without
// one need not be collected before it is sent on. It is as suspicious as Message
// is: it reads the same parts with the same scanner and asks the same questions.
//
// The order of calls: Write for each piece; what lies in front of Clear can be
// sent on as it is, whatever follows; when all has come End, and then Finish,
// once. Close at the end. A meeting that Found announces is repaired by Finish
// when the octets from Clear on were kept.
//
// It changes nothing in front of Clear, so that there is no X-Reconvene field and
// no part is moved: whoever wants that collects the message and calls Message. A bare calendar is
// for Message only.
type Watch struct {
	lim     Limits
	arrival *mime.Arrival
	came    int64 // octets
	seen    int   // parts that were looked at
	found   bool
	clear   int64
	err     error // a panic in the look
}

// NewWatch begins to look at a mail.
func NewWatch(lim Limits) *Watch {
	return &Watch{lim: lim, arrival: mime.NewArrival(lim.scan())}
}

// Write takes the next octets and never fails.
func (w *Watch) Write(p []byte) (int, error) {
	w.came += int64(len(p))
	w.step(func() { w.arrival.Write(p) })
	return len(p), nil
}

// End says that the mail is whole.
func (w *Watch) End() { w.step(w.arrival.End) }

// step lets the scanner work, and asks. Where that fails nothing can be repaired
// any more, and the mail goes on as it comes.
func (w *Watch) step(work func()) {
	if w.err == nil {
		w.guard(func() {
			work()
			w.look()
		})
	}
	if w.err != nil && !w.found {
		w.clear = w.came
	}
}

// guard is a boundary: a panic in there is an error, and the mail goes on.
func (w *Watch) guard(work func()) {
	defer contain(&w.err)
	work()
}

// look asks of new parts what Message asks.
func (w *Watch) look() {
	if w.found {
		return
	}
	parts := w.arrival.Parts()
	for ; w.seen < len(parts); w.seen++ {
		if p := parts[w.seen]; isCalendarPart(p) || isTNEF(p) {
			w.found, w.clear = true, p.Header.Start
			return
		}
	}
	w.clear = min(w.came, w.arrival.Passed())
}

// Err says why the look was given up; the mail goes on unchanged then.
func (w *Watch) Err() error { return w.err }

// Clear is the offset up to which nothing will be changed.
func (w *Watch) Clear() int64 { return w.clear }

// Found says that a part which may hold a meeting begins at Clear.
func (w *Watch) Found() bool { return w.found }

// HeaderSeen says that the header of the mail has come.
func (w *Watch) HeaderSeen() bool { return len(w.arrival.Parts()) > 0 }

// Finish is Message for the mail that has come. Of the source it reads the header
// of the mail and what lies from Clear on. On an error the Result is the source,
// unchanged.
func (w *Watch) Finish(source Source, o Options) (res Result, err error) {
	if o.Mode == Off {
		return untouched(source), nil
	}
	o.Header, o.Limits = false, w.lim
	p := newPipeline(source, o, allRemedies())
	p.streamed = true
	if w.err == nil {
		w.guard(func() { res, err = w.finish(p) })
	}
	if w.err != nil {
		return p.unchanged(Report{}, w.err), w.err
	}
	return res, err
}

func (w *Watch) finish(p *pipeline) (Result, error) {
	tree, err := w.arrival.Tree()
	if err != nil {
		return p.unchanged(Report{}, err), err
	}
	res, err := p.run(tree)
	if err == nil && res.Changed() && res.Edits()[0].Start < w.clear {
		err = fmt.Errorf("%w: it would change octets that were already sent", ErrCheck)
		res = p.unchanged(res.Report, err)
	}
	return res, err
}

// Close forgets the mail, at whatever octet it is.
func (w *Watch) Close() { w.guard(w.arrival.Close) }

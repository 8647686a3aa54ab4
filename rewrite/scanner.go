package rewrite

import (
	"fmt"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// Scanner looks for meetings in a mail while it arrives, so that a mail without
// one need not be collected before it is sent on. It finds the same parts as Message,
// with the same scanner.
//
// The order of calls: Write for each piece; what lies in front of Clear can be
// sent on as it is, whatever follows; when all has come End, and then Finish,
// once. Close at the end. A meeting that Found announces is repaired by Finish
// when the octets from Clear on were kept.
//
// It changes nothing in front of Clear, so that there is no X-Reconvene field and
// no part is moved: whoever wants that collects the message and calls Message. A bare
// calendar is for Message only.
type Scanner struct {
	lim     Limits
	arrival *mime.Arrival
	came    int64 // octets that were written
	seen    int   // parts that were looked at
	found   bool
	clear   int64
	err     error // a panic while looking
}

// arrivingHeader bounds the header section of a part while a mail arrives: until its end has
// come it is held in memory, of as many mails as arrive together, whatever the memory for
// rewriting. A longer one goes on unchanged, with all that follows it.
const arrivingHeader = 256 << 10

// NewScanner begins to look at a mail.
func NewScanner(lim Limits) *Scanner {
	of := lim.scan()
	if of.Header == 0 {
		of.Header = arrivingHeader
	}
	return &Scanner{lim: lim, arrival: mime.NewArrival(of)}
}

// Write takes the next octets and never fails.
func (s *Scanner) Write(p []byte) (int, error) {
	s.came += int64(len(p))
	s.step(func() { s.arrival.Write(p) })
	return len(p), nil
}

// End says that the mail is whole.
func (s *Scanner) End() { s.step(s.arrival.End) }

// step lets the scanner work, and asks. Where that fails nothing can be repaired
// any more, and the mail goes on as it comes.
func (s *Scanner) step(work func()) {
	if s.err == nil {
		s.guard(func() {
			work()
			s.look()
		})
	}
	if s.err != nil && !s.found {
		s.clear = s.came
	}
}

// guard is a boundary: a panic in there is an error, and the mail goes on.
func (s *Scanner) guard(work func()) {
	defer contain(&s.err)
	work()
}

// look asks of new parts what Message asks.
func (s *Scanner) look() {
	if s.found {
		return
	}
	parts := s.arrival.Parts()
	for ; s.seen < len(parts); s.seen++ {
		if p := parts[s.seen]; isCalendarPart(p) || isTNEF(p) {
			s.found, s.clear = true, p.Header.Start
			return
		}
	}
	s.clear = min(s.came, s.arrival.Passed())
}

// Err says why the look was given up; the mail goes on unchanged then.
func (s *Scanner) Err() error { return s.err }

// Clear is the offset up to which nothing will be changed.
func (s *Scanner) Clear() int64 { return s.clear }

// Found says that a part which may hold a meeting begins at Clear.
func (s *Scanner) Found() bool { return s.found }

// HeaderSeen says that the header of the mail has come.
func (s *Scanner) HeaderSeen() bool { return len(s.arrival.Parts()) > 0 }

// Finish is Message for the mail that has come. Of the source it reads the header
// of the mail and what lies from Clear on. On an error the Result is the source,
// unchanged.
func (s *Scanner) Finish(source Source, o Options) (res Result, err error) {
	if o.Mode == Off {
		return untouched(source), nil
	}
	o.Header, o.Limits = false, s.lim
	p := newPipeline(source, o, allRemedies())
	p.streamed = true
	if s.err == nil {
		s.guard(func() { res, err = s.finish(p) })
	}
	if s.err != nil {
		return p.unchanged(Report{}, s.err), s.err
	}
	return res, err
}

func (s *Scanner) finish(p *pipeline) (Result, error) {
	tree, err := s.arrival.Tree()
	if err != nil {
		return p.unchanged(Report{}, err), err
	}
	res, err := p.run(tree)
	if err == nil && res.Changed() && res.Edits()[0].Start < s.clear {
		err = fmt.Errorf("%w: it would change octets that were already sent", errCheck)
		res = p.unchanged(res.Report, err)
	}
	return res, err
}

// Close forgets the mail, at whatever octet it is.
func (s *Scanner) Close() { s.guard(s.arrival.Close) }

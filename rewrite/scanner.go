package rewrite

import (
	"fmt"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// Scanner finds meetings in a message while it is received, so that a message
// without one need not be collected before it is sent. It finds the same parts as
// Message.
//
// The order of calls: Write for each piece; the octets before Clear may be sent
// unchanged, whatever follows; after the last piece End, and then Finish, once;
// Close at the end. A meeting that Found reports is repaired by Finish if the octets
// from Clear on were kept.
//
// It changes nothing before Clear, so that there is no X-Reconvene field and no part
// is moved: a caller that needs these collects the message and calls Message. A bare
// calendar is supported by Message only.
type Scanner struct {
	lim     Limits
	arrival *mime.Arrival
	came    int64 // octets that were written
	seen    int   // parts that were looked at
	found   bool
	clear   int64
	err     error // a panic while looking
}

// arrivingHeader bounds the header section of a part while a message is received:
// until its end it is held in memory for each message, in addition to the memory for
// rewriting. A message with a longer one is sent unchanged from there on.
const arrivingHeader = 256 << 10

// NewScanner returns a scanner for one message. Close must be called.
func NewScanner(lim Limits) *Scanner {
	of := lim.scan()
	if of.Header == 0 {
		of.Header = arrivingHeader
	}
	return &Scanner{lim: lim, arrival: mime.NewArrival(of)}
}

// Write scans the next octets. It never returns an error.
func (s *Scanner) Write(p []byte) (int, error) {
	s.came += int64(len(p))
	s.step(func() { s.arrival.Write(p) })
	return len(p), nil
}

// End reports that the message is complete.
func (s *Scanner) End() { s.step(s.arrival.End) }

// step runs the scanner and reads its results. After a failure nothing can be
// repaired any more, and the message is sent unchanged.
func (s *Scanner) step(work func()) {
	if s.err == nil {
		s.guard(func() {
			work()
			s.examine()
		})
	}
	if s.err != nil && !s.found {
		s.clear = s.came
	}
}

// guard converts a panic to an error, after which the message is sent unchanged.
func (s *Scanner) guard(work func()) {
	defer contain(&s.err)
	work()
}

// examine decides about new parts as Message does.
func (s *Scanner) examine() {
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

// Err returns why the scan was stopped; the message is sent unchanged then.
func (s *Scanner) Err() error { return s.err }

// Clear returns the offset before which nothing will be changed.
func (s *Scanner) Clear() int64 { return s.clear }

// Found reports whether a part that may hold a meeting begins at Clear.
func (s *Scanner) Found() bool { return s.found }

// HeaderSeen reports whether the whole header was written.
func (s *Scanner) HeaderSeen() bool { return len(s.arrival.Parts()) > 0 }

// Finish is Message for the message that was written. Of source it reads the header
// and the octets from Clear on. On an error the Result is the unchanged source.
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

// Close ends the scan, also before the end of the message.
func (s *Scanner) Close() { s.guard(s.arrival.Close) }

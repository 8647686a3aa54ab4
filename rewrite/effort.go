package rewrite

import (
	"errors"
	"fmt"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// What a message takes in memory while it is rewritten, in octets for each octet
// of a part as it stands in the message. Measured with the heap collected all the
// time: calendars take 6 (few, long lines) to 34 (many attendees, alarms, events),
// and 47 where every line has four octets. One calendar is parsed at a time; of the
// others only their texts stay.
//
// A winmail.dat is decoded, read, and written anew: it takes 2 (files) to 8 (HTML
// in another character set, small files). Compressed RTF takes 18 and more, for two
// octets of it may become 17; what they become is limited for all of a stream
// (tnef.Limits), and takes 3 for each octet. One stream is open at a time; of the
// others their files stay.
const (
	calendarCost = 48
	textCost     = 4
	tnefCost     = 8
	rtfCost      = 12
	maxRTFCost   = 104 << 20
	fileCost     = 2
)

// admit asks for the memory that the parts take, and gives the work its time from
// then on.
func (w *work) admit(calendars, wrapped []*mime.Part) error {
	var largest, all, stream, streams int64
	for _, p := range calendars {
		largest, all = max(largest, p.Body.Len()), all+p.Body.Len()
	}
	for _, p := range wrapped {
		octets := min(p.Body.Len(), 2*int64(w.lim.TNEF))
		stream, streams = max(stream, octets), streams+octets
	}
	largest = min(largest, 2*int64(w.lim.Calendar)) // a larger one is not read; 2 for its transfer encoding
	wrapper := tnefCost*stream + min(rtfCost*stream, maxRTFCost) + fileCost*(streams-stream)
	return w.admitOctets(calendarCost*largest + textCost*all + wrapper)
}

func (w *work) admitOctets(octets int64) error {
	if w.o.Admit != nil {
		if err := w.o.Admit(octets); err != nil {
			return err
		}
	}
	w.deadline = w.o.Clock().Add(w.o.Timeout)
	return nil
}

// expired reports whether the work has to end: its time is up, or nobody waits for
// it any more.
func (w *work) expired() error {
	if ctx := w.o.Context; ctx != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrStopped, ctx.Err())
	}
	if w.o.Clock().After(w.deadline) {
		return fmt.Errorf("%w: more than %v", ErrTimeout, w.o.Timeout)
	}
	return nil
}

// ErrLimit says that a message has more parts, or deeper ones, than are looked at.
var ErrLimit = mime.ErrLimit

// ErrStopped says that Options.Context ended before the work.
var ErrStopped = errors.New("rewriting was stopped")

// stopped is panicked by tick and ends in run.
type stopped struct{ error }

// tick ends the work when it is expired. It is called in the loops of the parser
// and the guard, and between the findings of a remedy: each of these takes time in
// proportion to a calendar, and none of them has an error to return.
func (w *work) tick() {
	if err := w.expired(); err != nil {
		panic(stopped{err})
	}
}

// treated is what is kept of a calendar for copies of it. Its parsed form takes
// many times as much.
type treated struct {
	charset  string
	in, text []byte // before and after
	applied  []string
	findings []remedy.Finding
}

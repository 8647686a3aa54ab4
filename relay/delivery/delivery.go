package delivery

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/spool"
)

// Message is what is known of a message before its body comes.
type Message struct {
	Config     *config.Config // in force when the transaction began
	Hostname   string         // ours, as in the Received field
	Inbound    bool           // whether the mail goes to our own Exchange
	MaxSize    int64          // octets; 0: no limit
	Newlines   config.BareNewlines
	From       envelope.ReversePath
	Recipients []envelope.Recipient // that the next hop has accepted
	Route      *nexthop.Route       // theirs
	Hop        Hop                  // the transaction in which they were accepted
}

// Caller is the transaction that a message came by, and who is told what was done.
// Its methods are called from the goroutine that calls the [Delivery].
type Caller interface {
	// Received is our Received field, with its CRLF.
	Received() string
	// Again begins another transaction with the same next hop.
	Again() Hop
	// Wait runs what waits for the next hop or for its turn, with a context that ends at
	// until (zero: never) and when nobody waits for the verdict any more; gone says that
	// this was so.
	Wait(until time.Time, work func(ctx context.Context)) (gone bool)

	// LeftAlone tells of a part ("1.2", "message") that goes out as it came. err is not
	// nil when it was a fault.
	LeftAlone(what, why string, err error)
	// TriedForm tells that the content of a form was refused and what follows.
	TriedForm(Attempt)
	// ScanFailed tells that a large message was sent on without having been examined
	// whole.
	ScanFailed(err error)
	// Converted tells that bare line ends became CRLF.
	Converted(lineEnds int)
	// ResultsRemoved tells that fields were taken out which claimed to be ours.
	ResultsRemoved(fields int)
}

// Delivery is one message on its way. It is used by one goroutine.
type Delivery struct {
	Message
	caller Caller
	engine *Engine
	ctx    context.Context // ends when nobody waits for the verdict any more

	body     *spool.Body // all of it; of a streamed message the head and what is sent at the end
	size     int64       // octets as received
	examined bool        // it was decided whether to stream
	stream   *stream     // nil: the message is collected

	whole      time.Time // when the body had come
	answerBy   time.Time // by when there must be a verdict; zero: no limit
	worked     time.Duration
	signatures []verification // once they were verified
	converted  bool           // bare line ends became CRLF, and the caller knows
	purged     bool           // forged results were taken out, and the caller knows
	scanFailed bool           // the caller knows
}

// Begin takes a message in. Close must be called at its end, and Finish or Abort before.
func (e *Engine) Begin(ctx context.Context, m Message, caller Caller) *Delivery {
	limits := m.Config.Limits
	return &Delivery{Message: m, caller: caller, engine: e, ctx: ctx, body: spool.New(spool.Options{
		Directory: limits.Directory, InMemory: int64(limits.Memory), MaxSize: m.MaxSize, Memory: &e.bodies,
	})}
}

// Close forgets the message.
func (d *Delivery) Close() {
	if d.stream != nil {
		d.endScan(d.stream.scan)
	}
	d.body.Close()
}

// Size is the number of octets that have come.
func (d *Delivery) Size() int64 { return d.size }

// Head is the beginning of the message, the whole of it unless it was streamed.
func (d *Delivery) Head() (io.ReaderAt, int64) {
	if d.stream != nil {
		return d.body, d.stream.head
	}
	return d.body, d.size
}

// Write takes octets of the body. It implements io.Writer.
func (d *Delivery) Write(b []byte) (int, error) {
	d.size += int64(len(b))
	if d.stream != nil {
		return len(b), d.stream.write(b)
	}
	n, err := d.body.Write(b)
	if err == nil && !d.examined && d.size > streamAfter {
		d.examined = true
		err = d.tryStream()
	}
	return n, err
}

// Result is what became of a message.
type Result struct {
	Verdict envelope.Verdict
	Meeting *Meeting // nil without a calendar
	Gone    bool     // nobody waits for the verdict any more
}

// Abort ends a message whose body was not taken whole, for the reason err. The next
// hop does not get its end.
func (d *Delivery) Abort(err error) envelope.Verdict {
	v := unstored(err, d.MaxSize)
	if d.stream != nil {
		if ended := d.stream.out.End(d.ctx, err); d.stream.broken {
			v = ended
		}
	}
	return v
}

// unstored is the verdict on a message that we could not take in.
func unstored(err error, maxSize int64) envelope.Verdict {
	if errors.Is(err, spool.ErrTooLarge) {
		return TooLarge(maxSize)
	}
	// RFC 3463 §3.4: mail system full. Whose disk it is says the log.
	return envelope.Refuse(452, [3]int{4, 3, 1}, "insufficient storage for a message of this size, try again").Because(err)
}

// TooLarge is the verdict on a message of more octets than maxSize.
func TooLarge(maxSize int64) envelope.Verdict {
	return envelope.Refuse(552, [3]int{5, 3, 4}, "%s: %d octets", spool.ErrTooLarge, maxSize)
}

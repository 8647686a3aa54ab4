package delivery

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/dkim"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/spool"
)

// Message is what is known of a message before its body is received.
type Message struct {
	Config     *config.Config // in force when the transaction began
	Hostname   string         // our name, as in the Received field
	Inbound    bool           // the mail goes to our own Exchange
	MaxSize    int64          // octets; 0: no limit
	Newlines   config.BareNewlines
	From       envelope.ReversePath
	Recipients []envelope.Recipient // those that the next hop has accepted
	Route      *nexthop.Route       // the route of all recipients
	Hop        Hop                  // the transaction in which they were accepted
	Keys       *dkim.Keys           // with which outbound mail is signed; nil: it is not
	Convert    bool                 // what the next hop does not take is converted; without it, refused
	// Regular reports whether nothing is to be converted in the lines of the message
	// ([convert.Lines]), which only its whole body shows. It is called when the message
	// could be sent while it is received; nil: that is not known.
	Regular func() bool
}

// Caller is the transaction in which a message is received, or the attempt to send one
// that was stored. Its methods are called from the goroutine that calls those of Delivery.
type Caller interface {
	// Received returns the Received field for the message, with its CRLF.
	Received() string
	// Again begins another transaction with the same next hop.
	Again() Hop
	// Wait runs work that waits for the next hop or for a turn. Its context ends at
	// until (zero: never) and when nobody waits for the verdict any more; gone
	// reports the latter.
	Wait(until time.Time, work func(ctx context.Context)) (gone bool)
}

// Observer is told what was done with a message beside its verdict. Its methods are called
// from the goroutine that calls those of Delivery.
type Observer interface {
	// LeftAlone reports a part ("1.2", "message") that is sent unchanged. err is not
	// nil after an internal error.
	LeftAlone(what, why string, err error)
	// TriedForm reports that the content of a form was refused, and what follows.
	TriedForm(Attempt)
	// ScanFailed reports that a large message was sent without having been examined
	// completely.
	ScanFailed(err error)
	// Converted reports how many bare line ends were converted to CRLF.
	Converted(lineEnds int)
	// ResultsRemoved reports how many forged Authentication-Results fields were
	// removed.
	ResultsRemoved(fields int)
	// NotSigned reports that the message is sent without a signature although there
	// is a key for its author.
	NotSigned(why string)
	// Adapted reports that the message was converted, and what of it: something that
	// the next hop does not take (why).
	Adapted(why string, changes []string)
}

// Delivery is one message from the first octet to the verdict. It is used by one
// goroutine.
type Delivery struct {
	Message
	caller   Caller
	observer Observer
	engine   *Engine
	ctx      context.Context // ends when nobody waits for the verdict any more

	body     *spool.Body // all of it; of a streamed message the head and what is sent at the end
	size     int64       // octets as received
	examined bool        // it was decided whether to stream
	stream   *stream     // nil: the message is collected

	whole      time.Time // when the body was complete
	answerBy   time.Time // by when there must be a verdict; zero: no limit
	worked     time.Duration
	signatures []verification // once they were verified
	converted  bool           // the conversion of bare line ends was reported
	purged     bool           // the removal of forged results was reported
	scanFailed bool           // it was reported

	choice    *dkim.Choice // how it is signed; nil until it is known
	signed    []string     // names of the keys with which the form that was sent last is signed
	notSigned bool         // that it is not signed was reported
	adapted   bool         // a conversion was reported
}

// Begin starts a delivery. Finish or Abort must be called, and then Close.
func (e *Engine) Begin(ctx context.Context, m Message, caller Caller, observer Observer) *Delivery {
	limits := m.Config.Limits
	return &Delivery{Message: m, caller: caller, observer: observer, engine: e, ctx: ctx, body: spool.New(spool.Options{
		Directory: limits.Directory, InMemory: int64(limits.Memory), MaxSize: m.MaxSize, Memory: &e.bodies,
	})}
}

// Close releases the memory and the file of the message.
func (d *Delivery) Close() {
	if d.stream != nil {
		d.endScan(d.stream.scan)
	}
	d.body.Close()
}

// Size returns the number of octets received.
func (d *Delivery) Size() int64 { return d.size }

// Head returns the beginning of the message: all of it, unless it was sent while it
// was received.
func (d *Delivery) Head() (io.ReaderAt, int64) {
	if d.stream != nil {
		return d.body, d.stream.head
	}
	return d.body, d.size
}

// Write receives octets of the body. It implements io.Writer.
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

// Result is the result of a delivery.
type Result struct {
	Verdict envelope.Verdict
	Meeting *Meeting // nil without a calendar
	Gone    bool     // nobody waits for the verdict any more
	Signed  []string // where the public keys of our signatures are in DNS
}

// Abort ends a message whose body was not received completely, for the reason err,
// and returns the verdict for the client. The next hop does not get the end of the
// message.
func (d *Delivery) Abort(err error) envelope.Verdict {
	v := unstored(err, d.MaxSize)
	if d.stream != nil {
		if ended := d.stream.out.End(d.ctx, err); d.stream.broken {
			v = ended
		}
	}
	return v
}

// unstored is the verdict on a message that could not be stored.
func unstored(err error, maxSize int64) envelope.Verdict {
	if errors.Is(err, spool.ErrTooLarge) {
		return TooLarge(maxSize)
	}
	// RFC 3463 §3.4: mail system full. The log names the disk.
	return envelope.Refuse(452, [3]int{4, 3, 1}, "insufficient storage for a message of this size, try again").Because(err)
}

// TooLarge returns the verdict on a message of more than maxSize octets.
func TooLarge(maxSize int64) envelope.Verdict {
	return envelope.Refuse(552, [3]int{5, 3, 4}, "%s: %d octets", spool.ErrTooLarge, maxSize)
}

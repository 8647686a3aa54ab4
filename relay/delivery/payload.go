package delivery

import (
	"io"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
)

// payload is a message as it is sent to the next hop: our Received field, then the
// rewriter's result or the body itself.
type payload struct {
	received string
	body     interface {
		io.WriterTo
		Size() int64
	}
	eightBit bool

	d     *Delivery     // whose message it is
	forms []*spool.Body // converted for a next hop
	kept  *spool.Body   // holds body, when the rewriter made too much for memory
}

var _ envelope.Body = (*payload)(nil)

func (p *payload) close() {
	if p.kept != nil {
		p.kept.Close()
	}
	for _, f := range p.forms {
		f.Close()
	}
}

// Size implements envelope.Body.
func (p *payload) Size() int64 { return int64(len(p.received)) + p.body.Size() }

// EightBit implements envelope.Body.
func (p *payload) EightBit() bool { return p.eightBit || !envelope.IsASCII(p.received) }

// WriteTo implements io.WriterTo.
func (p *payload) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, p.received)
	if err != nil {
		return int64(n), err
	}
	m, err := p.writeBody(w)
	return int64(n) + m, err
}

// writeBody converts a panic to an error: the next hop then gets no end of the
// message, and the client tries again.
func (p *payload) writeBody(w io.Writer) (n int64, err error) {
	err = noPanic(func() (err error) {
		n, err = p.body.WriteTo(w)
		return err
	})
	return n, err
}

// keep stores a result that has more octets than a message may have in memory.
func (p *payload) keep(result rewrite.Result, body *spool.Body) error {
	if result.Held() <= body.InMemory() {
		return nil
	}
	p.kept = body.Empty()
	if _, err := result.WriteTo(p.kept); err != nil {
		return err
	}
	p.body = p.kept
	return nil
}

// asReceived returns the message unchanged, with our Received field, and at the
// border without forged results.
func (d *Delivery) asReceived() *payload {
	p := &payload{d: d, received: d.caller.Received(), body: d.body, eightBit: d.body.EightBit()}
	if d.isBorder() {
		d.withoutForged(p)
	}
	return p
}

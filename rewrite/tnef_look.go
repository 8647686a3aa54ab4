package rewrite

import (
	"errors"
	"io"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// Envelope is a winmail.dat as somebody sees it who looks into it.
type Envelope struct {
	Part    string        // "2"; "" for a stream that stands alone
	Sealed  string        // the media type that signs or encrypts it
	Header  []byte        // the header fields of the part
	Stream  *tnef.Message // nil when it cannot be read
	Meeting *tnef.Meeting // nil when it holds none, or one that cannot be told
	Err     error         // why
}

// Envelopes opens each winmail.dat of a message, or a stream that stands
// alone. It changes nothing and asks for no options: what the rewriter would
// leave alone is there too.
func Envelopes(message Source, lim Limits) ([]Envelope, error) {
	w := newWork(message, Options{Limits: lim}, nil)
	if size := message.Size(); size >= int64(len(tnef.Signature)) {
		head, err := readAll(message, 0, int64(len(tnef.Signature)))
		if err != nil {
			return nil, err
		}
		if string(head) == tnef.Signature {
			b, err := io.ReadAll(io.NewSectionReader(message, 0, min(size, int64(w.lim.TNEF)+1)))
			return []Envelope{w.look(Envelope{}, b, "")}, err
		}
	}
	tree, err := mime.Scan(message, w.lim.scan())
	if err != nil {
		return nil, err
	}
	w.tree = tree
	if err := w.readMail(); err != nil {
		return nil, err
	}
	var out []Envelope
	for _, p := range tree.Parts {
		if !isTNEF(p) || p.Enclosed || len(out) == w.lim.Calendars {
			continue
		}
		e, err := w.envelope(p)
		if err != nil {
			return out, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (w *work) envelope(p *mime.Part) (Envelope, error) {
	e := Envelope{Part: p.Path(), Sealed: p.Sealed}
	h, err := mime.ReadHeader(w.src, p)
	if err != nil {
		return e, err
	}
	e.Header = h.Octets
	b, why, err := w.decode(p, w.lim.TNEF)
	if why != "" {
		e.Err = errors.New(why)
	}
	if err != nil || why != "" {
		return e, err
	}
	text, _, err := w.outerText(p)
	return w.look(e, b, text), err
}

// look reads a stream and the meeting in it.
func (w *work) look(e Envelope, b []byte, text string) Envelope {
	if e.Stream, e.Err = tnef.Read(b, tnef.Limits{Size: w.lim.TNEF}); e.Err != nil {
		return e
	}
	e.Meeting, e.Err = e.Stream.Meeting(w.outer(text))
	if e.Err != nil {
		e.Meeting = nil
	}
	return e
}

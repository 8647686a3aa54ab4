package rewrite

import (
	"errors"
	"io"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// Envelope is a winmail.dat and its contents.
type Envelope struct {
	Part    string        // "2"; "" for a stream that stands alone
	Sealed  string        // the media type that signs or encrypts it
	Header  []byte        // the header fields of the part
	Stream  *tnef.Message // nil when it cannot be read
	Meeting *tnef.Meeting // nil when it holds none, or one that iCalendar cannot express
	Err     error         // why there is no Stream or Meeting
}

// Envelopes reads each winmail.dat of a message, or a source that is such a stream
// itself. It changes nothing, and includes what the rewriter would leave alone.
func Envelopes(source Source, lim Limits) ([]Envelope, error) {
	lim = Options{Limits: lim}.withDefaults().Limits
	if size := source.Size(); size >= int64(len(tnef.Signature)) {
		head, err := readAll(source, 0, int64(len(tnef.Signature)))
		if err != nil {
			return nil, err
		}
		if string(head) == tnef.Signature {
			b, err := io.ReadAll(io.NewSectionReader(source, 0, min(size, int64(lim.TNEF)+1)))
			return []Envelope{(&message{lim: lim}).readEnvelope(Envelope{}, b, "")}, err
		}
	}
	m, err := readMessage(source, nil, lim)
	if err != nil {
		return nil, err
	}
	if m.fields, err = readFields(m, nil); err != nil {
		return nil, err
	}
	var out []Envelope
	for _, p := range m.tree.Parts {
		if !isTNEF(p) || p.Enclosed || len(out) == lim.Calendars {
			continue
		}
		e, err := m.envelope(p)
		if err != nil {
			return out, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (m *message) envelope(p *mime.Part) (Envelope, error) {
	e := Envelope{Part: p.Path(), Sealed: p.Sealed}
	h, err := mime.ReadHeader(m.src, p)
	if err != nil {
		return e, err
	}
	e.Header = h.Octets
	b, why, err := m.decode(p, m.lim.TNEF)
	if why != "" {
		e.Err = errors.New(why)
	}
	if err != nil || why != "" {
		return e, err
	}
	text, _, err := m.outerText(p)
	return m.readEnvelope(e, b, text), err
}

// readEnvelope parses a stream and the meeting in it.
func (m *message) readEnvelope(e Envelope, b []byte, text string) Envelope {
	if e.Stream, e.Err = tnef.Read(b, tnef.Limits{Size: m.lim.TNEF}); e.Err != nil {
		return e
	}
	e.Meeting, e.Err = e.Stream.Meeting(m.outer(text))
	if e.Err != nil {
		e.Meeting = nil
	}
	return e
}

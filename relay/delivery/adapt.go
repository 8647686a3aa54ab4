package delivery

import (
	"context"
	"errors"
	"io"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/convert"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
)

// The form of a message that a next hop gets depends on what it offers. In this order:
// line ends become CRLF for DATA (newlines.go), with Message.Convert the message is
// converted (package convert), and it is signed (sign.go).
//
// Without Message.Convert a message that the next hop does not take is refused: the
// client has the original, and knows better how to send it again.

var _ nexthop.Adaptable = (*payload)(nil)

// Adapt implements nexthop.Adaptable.
func (p *payload) Adapt(_ context.Context, o nexthop.Offers) (envelope.Body, envelope.Verdict) {
	if p.d == nil {
		return p, envelope.Verdict{}
	}
	var body envelope.Body = p
	if !o.Chunks && (p.d.Convert || p.d.convertsNewlines()) {
		body = p.withCRLF()
	}
	if p.d.Convert {
		var v envelope.Verdict
		if body, v = p.convert(body, o); v.Code != 0 {
			return nil, v
		}
	}
	return p.d.sign(body, body == envelope.Body(p) && p.body == p.d.body)
}

// convert returns the message in a form that the next hop takes; a verdict with a code
// when there is none.
func (p *payload) convert(body envelope.Body, o nexthop.Offers) (envelope.Body, envelope.Verdict) {
	need := convert.Need{SevenBit: !o.EightBit && body.EightBit(), ASCIIHeader: o.ASCIIHeader && body.EightBit(), ShortLines: true}
	must := need.SevenBit || need.ASCIIHeader
	if !must && !hasLongLines(body) {
		return body, envelope.Verdict{}
	}
	out, changes, err := p.convertTo(body, need)
	switch {
	case err == nil && out == nil:
		return body, envelope.Verdict{} // nothing is to be changed
	case err == nil:
		p.d.noteAdapted(lacks(need, o), changes)
		return out, envelope.Verdict{}
	case !must:
		return body, envelope.Verdict{} // the next hop decides what it does with long lines
	}
	var why *convert.Refusal
	if errors.As(err, &why) {
		return nil, envelope.Refuse(554, why.Enhanced, "%s: %s", lacks(need, o), envelope.CleanText([]byte(why.Text)))
	}
	return nil, unstored(err, 0)
}

// lacks says what the next hop does not take.
func lacks(need convert.Need, o nexthop.Offers) string {
	switch {
	case need.ASCIIHeader:
		return "next hop " + o.Remote + " does not offer SMTPUTF8"
	case need.SevenBit:
		return "next hop " + o.Remote + " does not offer 8BITMIME"
	}
	return "a line has more than 998 octets (RFC 5321 section 4.5.3.1.6)"
}

var errConversion = &convert.Refusal{Enhanced: [3]int{5, 6, 3}, Text: "the message cannot be converted"}

// convertTo stores the converted message; nil when it stays as it is. A panic counts as
// a message that cannot be converted.
func (p *payload) convertTo(body envelope.Body, need convert.Need) (out envelope.Body, changes []string, err error) {
	src := p.d.body.Empty() // a source that can be read at any offset
	defer src.Close()
	if _, err := body.WriteTo(src); err != nil {
		return nil, nil, err
	}
	var r *convert.Result
	if fault := noPanic(func() error { r, err = convert.Message(src, need); return nil }); fault != nil {
		return nil, nil, errConversion
	}
	switch {
	case err != nil:
		return nil, nil, err
	case !r.Changed():
		return nil, nil, nil
	case r.Signature != "" && !p.d.maySignAgain():
		return nil, nil, &convert.Refusal{Enhanced: [3]int{5, 6, 2}, Text: "a conversion would break the " + r.Signature + " of the message"}
	}
	kept := p.d.body.Empty()
	p.forms = append(p.forms, kept)
	if fault := noPanic(func() error { _, err = r.WriteTo(kept); return nil }); fault != nil || err == nil && need.SevenBit && kept.EightBit() {
		return nil, nil, errConversion
	}
	for _, c := range r.Changes {
		changes = append(changes, c.String())
	}
	return kept, changes, err
}

// maySignAgain reports whether a message may be changed although it has a signature of
// a server.
func (d *Delivery) maySignAgain() bool {
	return d.signing().Resign || d.Config.Rewrite.DKIM == config.DKIMIgnore
}

func hasLongLines(msg io.WriterTo) bool {
	var l convert.Lines
	_, _ = msg.WriteTo(&l) // an error comes again when the message is sent
	return l.Long
}

// noteAdapted reports a conversion, once for a message.
func (d *Delivery) noteAdapted(why string, changes []string) {
	if !d.adapted {
		d.adapted = true
		d.observer.Adapted(why, changes)
	}
}

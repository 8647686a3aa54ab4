package delivery

import (
	"io"

	"github.com/reconvene/reconvene/relay/dkim"
	"github.com/reconvene/reconvene/relay/envelope"
)

// An outbound message whose author's domain has a key is signed as the last step
// before it is sent: what is signed are the octets that the next hop gets, for each
// form of a meeting anew. The signatures stand before our Received field.
//
// A message that cannot be signed is sent without a signature, which is reported:
// receivers treat it as they did before there was a key. There is one exception. A
// repair that has broken another signature is not sent without ours: the message is
// then sent as it was received.

// signing returns how the message is signed.
func (d *Delivery) signing() dkim.Choice {
	if d.choice != nil {
		return *d.choice
	}
	d.choice = new(dkim.Choice)
	if d.Inbound || d.Keys == nil {
		return *d.choice
	}
	header := make([]byte, min(d.body.Size(), dkim.MaxHeader))
	n, err := d.body.ReadAt(header, 0)
	if err != nil && err != io.EOF {
		d.choice.Why = "the message could not be read: " + err.Error()
		return *d.choice
	}
	*d.choice = d.Keys.Choose(header[:n])
	return *d.choice
}

// sign returns a form of the message with the signatures in front of it. asReceived
// reports that the form has the octets that were received.
func (d *Delivery) sign(form envelope.Body, asReceived bool) (envelope.Body, envelope.Verdict) {
	d.signed = nil
	choice := d.signing()
	switch {
	case len(choice.Keys) == 0:
		d.noteUnsignable()
		return form, envelope.Verdict{}
	case choice.Own && asReceived && !choice.Resign:
		return form, envelope.Verdict{} // it has a valid one
	}
	var fields string
	err := noPanic(func() (err error) {
		fields, err = dkim.Sign(form, choice.Keys)
		return err
	})
	switch {
	case err == nil:
	case choice.Signed && !asReceived:
		d.engine.opt.Metrics.Signing(false)
		return nil, envelope.Refuse(554, [3]int{5, 7, 0}, "its repaired form cannot be signed: %v", err)
	default:
		d.engine.opt.Metrics.Signing(false)
		d.noteNotSigned(err.Error())
		return form, envelope.Verdict{}
	}
	for i := range choice.Keys {
		d.signed = append(d.signed, choice.Keys[i].Name())
	}
	d.engine.opt.Metrics.Signing(true)
	return &signedForm{Body: form, fields: fields}, envelope.Verdict{}
}

// noteUnsignable reports a message that is not signed because of its From field.
func (d *Delivery) noteUnsignable() {
	if why := d.signing().Why; why != "" && !d.notSigned {
		d.engine.opt.Metrics.Signing(false)
		d.noteNotSigned(why)
	}
}

// noteNotSigned reports that the message is not signed, once.
func (d *Delivery) noteNotSigned(why string) {
	if !d.notSigned {
		d.notSigned = true
		d.observer.NotSigned(why)
	}
}

// signedForm is a message with signatures in front of it.
type signedForm struct {
	envelope.Body
	fields string
}

// Size implements envelope.Body.
func (s *signedForm) Size() int64 { return int64(len(s.fields)) + s.Body.Size() }

// WriteTo implements io.WriterTo.
func (s *signedForm) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, s.fields)
	if err != nil {
		return int64(n), err
	}
	m, err := s.Body.WriteTo(w)
	return int64(n) + m, err
}

package delivery

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// prepare makes the payload for the options. After an error, a panic included, it is
// the unchanged message.
func (d *Delivery) prepare(ctx context.Context, o rewrite.Options) (p *payload, report rewrite.Report, err error) {
	fault := noPanic(func() error {
		var result rewrite.Result
		p, result, err = d.rewrite(ctx, o)
		if err == nil && result.Changed() && result.Signed() && o.AuthServID != "" {
			p.received += d.authResults(o.AuthServID)
		}
		report = result.Report
		return nil
	})
	if fault != nil {
		return d.asReceived(), rewrite.Report{}, fault
	}
	return p, report, err
}

func (d *Delivery) rewrite(ctx context.Context, o rewrite.Options) (*payload, rewrite.Result, error) {
	p := d.asReceived()
	work := d.beginWork(ctx, &o)
	defer work.end()
	result, err := d.engine.opt.Rewrite(d.body, o)
	if err == nil && result.Changed() {
		if p.eightBit, err = tryWrite(result.Size(), result.WriteTo); err == nil {
			p.body = result
			err = p.keep(result, d.body)
		}
	}
	if err != nil {
		p.close()
		p = d.asReceived()
	}
	return p, result, err
}

// rewriteOptions returns the options of the configuration for this message.
func (d *Delivery) rewriteOptions() rewrite.Options {
	cfg := d.Config.Rewrite
	o := rewrite.Options{
		Mode:       rewrite.Mode(cfg.Mode),
		Profile:    d.profile(),
		Disable:    cfg.Disable,
		Enable:     cfg.Enable,
		Sender:     d.From.Path,
		Recipients: d.addresses(),
		SkipFrom:   cfg.SkipFrom,
		Header:     cfg.Header,
		Form:       rewrite.Mail,
		TNEF:       rewrite.TNEF(cfg.TNEF),
		Now:        d.engine.opt.Now(),
	}
	if d.engine.opt.Memory != nil {
		o.Memory = d.engine.opt.Memory(d.Inbound, o.Recipients)
	}
	if d.engine.opt.Keep != nil {
		o.Keep = d.engine.opt.Keep()
	}
	if cfg.DKIM == config.DKIMIgnore {
		o.DKIM = rewrite.IgnoreDKIM
	}
	if o.DKIM == rewrite.KeepDKIM && d.signing().Resign {
		o.DKIM = rewrite.ReplaceDKIM
	}
	if d.Inbound {
		o.Direction = remedy.Inbound
		if cfg.DKIM == config.DKIMVerify { // no later server verifies it: we do, and may repair it then
			o.DKIM, o.AuthServID = rewrite.IgnoreDKIM, d.Hostname
		}
	}
	return o
}

func (m *Message) addresses() []string {
	list := make([]string, len(m.Recipients))
	for i, r := range m.Recipients {
		list[i] = r.Path
	}
	return list
}

// profile returns the receiver's profile: that of the route, else the one stored for
// the recipients' domains, else the one that the next hop's greeting suggests. All
// recipients get the same message: where they need different profiles it is
// standard.
func (d *Delivery) profile() remedy.Profile {
	own := d.Hop.Profile()
	set := d.Route != nil && d.Route.Profile != "" && d.Route.Profile != config.ProfileAuto
	if set || d.engine.opt.Profile == nil || d.Inbound {
		return remedy.Profile(own)
	}
	var chosen string
	for i, r := range d.Recipients {
		p := cmp.Or(d.engine.opt.Profile(r.Path[strings.LastIndexByte(r.Path, '@')+1:]), own)
		if i > 0 && p != chosen {
			return remedy.Standard
		}
		chosen = p
	}
	return remedy.Profile(cmp.Or(chosen, own))
}

// domain returns the domain that all recipients share, in the form in which domains
// are compared, or "".
func (m *Message) domain() string {
	domain := ""
	for i, r := range m.Recipients {
		of := envelope.ASCIIDomain(r.Path[strings.LastIndexByte(r.Path, '@')+1:])
		if i > 0 && of != domain {
			return ""
		}
		domain = of
	}
	return domain
}

// authResults returns the result of the signatures of the message as it was
// received. They are verified once for a message.
func (d *Delivery) authResults(hostname string) string {
	if d.signatures == nil {
		d.signatures = verifyDKIM(d.ctx, d.engine.opt.DNS, d.body, d.body.Size())
	}
	return authResults(hostname, d.signatures)
}

// reportLeftAlone reports what is sent unchanged.
func (d *Delivery) reportLeftAlone(r rewrite.Report, err error) {
	if err != nil { // the report then says the same, and nothing else
		why := leftAloneWhy(err)
		if why != faultWhy {
			err = nil
		}
		if why == stoppedWhy {
			why = cmp.Or(context.Cause(d.ctx), ErrTotalTime).Error()
		}
		d.observer.LeftAlone("message", why, err)
		return
	}
	for _, skip := range r.Skipped {
		d.observer.LeftAlone(skip.What, skip.Why, nil)
	}
}

// What leftAloneWhy says of a fault, and of work that nobody waits for any more.
const (
	faultWhy   = "fault"
	stoppedWhy = "stopped"
)

// leftAloneWhy returns why a message whose rewriting failed is sent unchanged, in
// the terms of the log. All but faultWhy are limits.
func leftAloneWhy(err error) string {
	switch {
	case errors.Is(err, errBusy):
		return "busy"
	case errors.Is(err, rewrite.ErrTimeout):
		return "timeout"
	case errors.Is(err, errOverBudget):
		return "too large: " + errOverBudget.Error()
	case errors.Is(err, rewrite.ErrStopped), errors.Is(err, context.Canceled):
		return stoppedWhy
	case errors.Is(err, rewrite.ErrLimit):
		return err.Error()
	}
	return faultWhy
}

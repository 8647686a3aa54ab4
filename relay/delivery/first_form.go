package delivery

import (
	"context"
	"crypto/sha256"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// firstForm is the form in which a message is sent first.
type firstForm struct {
	payload    *payload
	meeting    *Meeting        // nil without a calendar
	refusedFor *remedy.Finding // not nil: it is not sent but goes back, for this finding
}

// chooseFirst repairs the message and reports what it left alone. After any error
// the message is sent unchanged.
func (d *Delivery) chooseFirst(ctx context.Context) firstForm {
	o := d.rewriteOptions()
	p, report, err := d.prepare(ctx, o)
	d.reportLeftAlone(report, err)
	f := firstForm{payload: p, meeting: meetingOf(report, o, err), refusedFor: d.unstorable(report, o, err)}
	if f.refusedFor == nil {
		if raised, m := d.firstAfterRefusal(ctx, f.meeting); raised != nil {
			p.close()
			return firstForm{payload: raised, meeting: m}
		}
	}
	return f
}

// firstAfterRefusal makes the form in which a meeting is sent first when a recipient
// has refused or returned an earlier revision for its content: the form after that
// one. It returns nil where the repair for the profile is sent first.
func (d *Delivery) firstAfterRefusal(ctx context.Context, meeting *Meeting) (*payload, *Meeting) {
	cfg, memory := d.Config.Rewrite, d.engine.opt.Forms
	if memory == nil || meeting == nil || meeting.Fault != nil || d.Inbound ||
		cfg.OnRefuse != config.RefuseFallback || cfg.Mode != config.RewriteFix {
		return nil, nil
	}
	domain := d.domain()
	if domain == "" {
		return nil, nil
	}
	first := ""
	for _, c := range meeting.Components() {
		if first = memory.FirstForm(c.Sent.UID, domain); first != "" {
			break
		}
	}
	if first == "" {
		return nil, nil
	}
	l := &fallback{Delivery: d, sent: map[[sha256.Size]byte]bool{}, form: meeting.Form, meeting: meeting}
	for form := first; form != ""; form = FormAfter(form) {
		if form == meeting.Form {
			return nil, nil
		}
		if p, m := l.prepare(ctx, form); p != nil {
			m.raised = true
			l.skipped = append(l.skipped, "an earlier revision of this meeting was refused or returned")
			l.report(form, "")
			return p, m
		}
	}
	return nil, nil
}

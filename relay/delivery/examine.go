package delivery

import (
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
)

// Examine returns the meeting of a message that is not sent now: it waits in the
// queue, or was given up. nil without a calendar.
func (e *Engine) Examine(message rewrite.Source, from string, recipients []envelope.Recipient) (m *Meeting) {
	_ = noPanic(func() error {
		o := rewrite.Options{Mode: rewrite.Observe, Sender: from, Form: rewrite.Mail, Now: e.opt.Now()}
		for _, r := range recipients {
			o.Recipients = append(o.Recipients, r.Path)
		}
		result, err := e.opt.Rewrite(message, o)
		if m = meetingOf(result.Report, o, err); m != nil {
			m.Form = "" // nothing was sent
		}
		return nil
	})
	return m
}

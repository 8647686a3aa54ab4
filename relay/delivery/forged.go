package delivery

import (
	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/mime"
)

// isBorder reports whether we are the border of an ADMD that records results of
// authentication (RFC 8601 §5): a listener for mail on its way in that verifies
// signatures. What reads our results behind us would believe a forged one.
func (m *Message) isBorder() bool {
	cfg := m.Config.Rewrite
	return m.Inbound && cfg.DKIM == config.DKIMVerify && rewrite.Mode(cfg.Mode) == rewrite.Fix
}

// withoutForged takes the Authentication-Results that claim to be ours out of a
// message that is sent as it came. All else stays byte for byte. Where the
// header cannot be read the message stays whole.
func (d *Delivery) withoutForged(p *payload) {
	edits, err := rewrite.ForgedResults(d.body, d.Hostname)
	if err != nil || len(edits) == 0 {
		return
	}
	splice, ok := mime.NewSplice(d.body, edits)
	if !ok {
		return
	}
	p.body = splice
	if !d.purged {
		d.purged = true
		d.caller.ResultsRemoved(len(edits))
	}
}

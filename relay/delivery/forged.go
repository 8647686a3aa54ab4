package delivery

import (
	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/mime"
)

// isBorder reports whether we are the border of an ADMD that records results of
// authentication (RFC 8601 §5): an inbound listener that verifies signatures. Later
// systems would trust a forged result.
func (m *Message) isBorder() bool {
	cfg := m.Config.Rewrite
	return m.Inbound && cfg.DKIM == config.DKIMVerify && rewrite.Mode(cfg.Mode) == rewrite.Fix
}

// withoutForged removes the Authentication-Results fields that claim to be ours from
// a message that is sent unchanged otherwise. A message whose header cannot be read
// is not changed at all.
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
		d.observer.ResultsRemoved(len(edits))
	}
}

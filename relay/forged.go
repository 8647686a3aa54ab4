package relay

import (
	"fmt"
	"log/slog"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/mime"
)

// isBorder reports whether we are the border of an ADMD that records results of
// authentication (RFC 8601 §5): a listener for mail on its way in that verifies
// signatures. What reads our results behind us would believe a forged one.
func (s *session) isBorder() bool {
	cfg := s.tx.setup.cfg.Rewrite
	return s.cfg.Direction == config.Inbound && cfg.DKIM == config.DKIMVerify && rewrite.Mode(cfg.Mode) == rewrite.Fix
}

// withoutForged takes the Authentication-Results that claim to be ours out of a
// message that is passed on as it came. All else stays byte for byte. Where the
// header cannot be read the message stays whole.
func (s *session) withoutForged(out *outgoing, body *spool.Body) {
	edits, err := rewrite.ForgedResults(body, s.hostname)
	if err != nil || len(edits) == 0 {
		return
	}
	splice, ok := mime.NewSplice(body, edits)
	if !ok {
		return
	}
	out.body = splice
	if !s.tx.purged {
		s.tx.purged = true
		s.server.opt.Log.ResultsRemoved(ResultsRemovedEvent{Conn: s.id, Client: s.name(), ID: s.tx.id, From: s.tx.from.Path,
			What: fmt.Sprintf("%d Authentication-Results", len(edits)), Why: "they claimed to be from this server (RFC 8601 section 5)"})
	}
}

// ResultsRemovedEvent is a message from which forged results were taken out.
type ResultsRemovedEvent struct{ Conn, Client, ID, From, What, Why string }

// ResultsRemoved logs "results-removed".
func (m *MailLog) ResultsRemoved(e ResultsRemovedEvent) {
	l := m.line(slog.LevelInfo, "results-removed")
	l.str("conn", e.Conn)
	l.str("client", e.Client)
	l.str("id", e.ID)
	l.path("from", e.From)
	l.str("what", e.What)
	l.str("why", e.Why)
	l.write()
}

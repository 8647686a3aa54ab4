package cluster

import (
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// recent is how old a change may be to say how its relay stores addresses at present.
const recent = time.Hour

// compare notes how the relay that published a change stores addresses, and logs when that
// is not as here.
func (m *Member) compare(header nats.Header, published time.Time) {
	node, theirs, own := header.Get(headerNode), header.Get(headerMark), m.opt.Ledger.Mark()
	if theirs == "" || m.opt.Now().Sub(published) > recent {
		return
	}
	why := ""
	if form, _, _ := strings.Cut(theirs, " "); !strings.HasPrefix(own, form+" ") {
		why = "[ledger] addresses must be the same on all relays"
	} else if theirs != own {
		why = "ledger.key must be the same on all relays: stop this relay, copy the file from the state folder of the other one, and start it again"
	}
	m.mu.Lock()
	said := m.differs[node]
	if m.differs == nil {
		m.differs = map[string]string{}
	}
	m.differs[node] = why
	m.mu.Unlock()
	if why != "" && why != said {
		m.log(slog.LevelWarn, "cluster-differs", slog.String("relay", header.Get(headerName)), slog.String("why", why))
	}
}

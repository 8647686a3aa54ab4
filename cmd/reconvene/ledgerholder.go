package main

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/cluster"
	"github.com/reconvene/reconvene/relay/ledger"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// ledgerHolder is the ledger in use, or none, and its membership in a cluster. The
// relay passes each message to it; a new configuration may replace the ledger.
type ledgerHolder struct {
	mu      sync.Mutex
	dir     string
	cluster config.Cluster
	now     *ledger.Ledger
	member  *cluster.Member // nil: the ledger is shared with nobody
	doubt   error           // why there is none that the configuration wants
}

// Message implements [relay.Sink].
func (h *ledgerHolder) Message(e *relay.Event) {
	if l := h.get(); l != nil {
		l.Message(e)
	}
}

// Recall returns the memory for the repair of a message; nil without a ledger.
func (h *ledgerHolder) Recall(inbound bool, recipients []string) remedy.Memory {
	if l := h.get(); l != nil {
		return l.Recall(inbound, recipients)
	}
	return nil
}

// Keep returns what the ledger stores of invitations; nil without a ledger.
func (h *ledgerHolder) Keep() *rewrite.KeepOptions {
	if l := h.get(); l != nil {
		return l.Keep()
	}
	return nil
}

// Profile returns the profile that the ledger has for a domain, or "".
func (h *ledgerHolder) Profile(domain string) string {
	if l := h.get(); l != nil {
		return l.Profile(domain)
	}
	return ""
}

// FirstForm implements [delivery.FormMemory].
func (h *ledgerHolder) FirstForm(uid, domain string) string {
	if l := h.get(); l != nil {
		return l.FirstForm(uid, domain)
	}
	return ""
}

// AcceptedForm implements [delivery.FormMemory].
func (h *ledgerHolder) AcceptedForm(domain string) string {
	if l := h.get(); l != nil {
		return l.AcceptedForm(domain)
	}
	return ""
}

// Trouble is what an administrator should see to.
func (h *ledgerHolder) Trouble() error {
	h.mu.Lock()
	l, m, doubt := h.now, h.member, h.doubt
	h.mu.Unlock()
	if l == nil {
		return doubt
	}
	err := l.Trouble()
	if err == nil && m != nil {
		err = m.Trouble()
	}
	if foreign := l.Foreign(); err == nil && foreign != nil {
		err = fmt.Errorf("state.directory: %w", foreign)
	}
	return err
}

func (h *ledgerHolder) get() *ledger.Ledger {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// Cluster returns the numbers of the cluster; false when there is none.
func (h *ledgerHolder) Cluster() (cluster.Counts, bool) {
	h.mu.Lock()
	m := h.member
	h.mu.Unlock()
	if m == nil {
		return cluster.Counts{}, false
	}
	return m.Counts(), true
}

// Close writes what waits.
func (h *ledgerHolder) Close() { h.replace("", config.Cluster{}, nil, nil) }

func (h *ledgerHolder) replace(dir string, c config.Cluster, l *ledger.Ledger, m *cluster.Member) {
	h.mu.Lock()
	old, left := h.now, h.member
	h.now, h.member, h.dir, h.cluster, h.doubt = l, m, dir, c, nil
	h.mu.Unlock()
	if left != nil {
		left.Close()
	}
	if old != nil {
		old.Close()
	}
}

// openLedger opens the ledger that a configuration wants. Mail flows without it,
// too; the log says why there is none.
func (d *daemon) openLedger(cfg *config.Config) {
	dir := cfg.StateDirectory()
	h := &d.ledger
	h.mu.Lock()
	same := h.now != nil && h.dir == dir && reflect.DeepEqual(h.cluster, cfg.Cluster)
	h.mu.Unlock()
	if same {
		h.get().Use(cfg.Ledger)
		return
	}
	h.Close()
	if dir == "" {
		if cfg.State.Directory == "" {
			d.log.LedgerOff("[state] directory is not set and " + config.SystemState() + " does not exist: there is no ledger")
		}
		return
	}
	l, m, err := d.newLedger(dir, cfg)
	if err != nil {
		err = fmt.Errorf("state.directory: %w; there is no ledger", err)
		d.log.ConfigWarning(d.file, err)
		h.mu.Lock()
		h.doubt = err
		h.mu.Unlock()
		return
	}
	h.replace(dir, cfg.Cluster, l, m)
	if err := l.Foreign(); err != nil {
		d.log.ConfigWarning(d.file, fmt.Errorf("state.directory: %w", err))
	}
}

func (d *daemon) newLedger(dir string, cfg *config.Config) (*ledger.Ledger, *cluster.Member, error) {
	shared := cfg.Cluster.InUse()
	l, err := ledger.Open(ledger.Options{Directory: dir, Config: cfg.Ledger, Now: d.e.now, Log: d.out, Share: shared})
	if err != nil || !shared {
		return l, nil, err
	}
	return l, cluster.Join(cluster.Options{Config: cfg.Cluster, Name: cfg.Hostname, Keep: cfg.Ledger.Keep, Ledger: l, Now: d.e.now, Log: d.out, Via: d.node.option(),
		Reader: func(ctx context.Context) (*ledger.Reader, error) { return l.Reader(ctx) }}), nil
}

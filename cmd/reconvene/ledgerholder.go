package main

import (
	"fmt"
	"sync"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/ledger"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// ledgerHolder is the ledger that is in use, or none. The relay tells it of each
// message; a new configuration may put another one in its place.
type ledgerHolder struct {
	mu    sync.Mutex
	dir   string
	now   *ledger.Ledger
	doubt error // why there is none that the configuration wants
}

// Message implements [relay.Sink].
func (h *ledgerHolder) Message(e *relay.Event) {
	if l := h.get(); l != nil {
		l.Message(e)
	}
}

// Recall is what is remembered for the repair of a message; nil without a ledger.
func (h *ledgerHolder) Recall(inbound bool, recipients []string) remedy.Memory {
	if l := h.get(); l != nil {
		return l.Recall(inbound, recipients)
	}
	return nil
}

// Profile is what is remembered of the system behind a domain, or "".
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
	l, doubt := h.now, h.doubt
	h.mu.Unlock()
	if l != nil {
		return l.Trouble()
	}
	return doubt
}

func (h *ledgerHolder) get() *ledger.Ledger {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// Close writes what waits.
func (h *ledgerHolder) Close() { h.replace("", nil) }

func (h *ledgerHolder) replace(dir string, l *ledger.Ledger) {
	h.mu.Lock()
	old := h.now
	h.now, h.dir, h.doubt = l, dir, nil
	h.mu.Unlock()
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
	same := h.now != nil && h.dir == dir
	h.mu.Unlock()
	if same {
		h.get().Use(cfg.Ledger)
		return
	}
	h.replace("", nil)
	if dir == "" {
		if cfg.State.Directory == "" {
			d.log.LedgerOff("[state] directory is not set and " + config.SystemState() + " does not exist: there is no ledger")
		}
		return
	}
	l, err := ledger.Open(ledger.Options{Directory: dir, Config: cfg.Ledger, Now: d.e.now, Log: d.out})
	if err != nil {
		err = fmt.Errorf("state.directory: %w; there is no ledger", err)
		d.log.ConfigWarning(d.file, err)
		h.mu.Lock()
		h.doubt = err
		h.mu.Unlock()
		return
	}
	h.replace(dir, l)
}

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
)

// certWatch logs for each certificate, once each, that it expires in 30 days, in 7
// days and in 1 day, and that it has expired. It also detects a renewed certificate
// in the Windows certificate store, for which no file changes. It is safe for
// concurrent use.
type certWatch struct {
	log     *relay.MailLog
	metrics *relay.Metrics
	now     func() time.Time
	reload  func() // asks for the configuration to be read again

	mu    sync.Mutex
	uses  []config.CertificateUse
	state map[string]certState // by the key that names it
}

type certState struct {
	leaf  string // the octets of the certificate
	stage int    // the last of certStages that was said; the length: none yet
	doubt error  // for /readyz and status
}

// certStages are the whole days before the end at which something is said; below 0
// it has ended.
var certStages = []int{-1, 1, 7, 30}

// certInterval is how often the certificates are looked at.
const certInterval = time.Hour

// Use takes the certificates of a configuration that was loaded.
func (c *certWatch) Use(cfg *config.Config) {
	c.mu.Lock()
	c.uses = cfg.Certificates()
	c.mu.Unlock()
	c.look()
}

// Watch looks until ctx ends.
func (c *certWatch) Watch(ctx context.Context) {
	for tick := time.Tick(certInterval); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			c.look()
		}
	}
}

// Trouble is what ends soon, or is for another name; nil when there is none.
func (c *certWatch) Trouble() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []error
	for _, use := range c.uses {
		list = append(list, c.state[use.Path].doubt)
	}
	return errors.Join(list...)
}

func (c *certWatch) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	next, ends := make(map[string]certState, len(c.uses)), make(map[string]time.Time, len(c.uses))
	for _, use := range c.uses {
		old, known := c.state[use.Path]
		cert, err := use.Load()
		if err != nil {
			next[use.Path] = old // the watcher of the configuration says what is wrong with a file
			continue
		}
		state := c.check(use, cert, old)
		if known && use.InStore() && state.leaf != old.leaf {
			c.reload()
		}
		next[use.Path], ends[use.Path] = state, cert.Leaf.NotAfter
	}
	c.metrics.Certificates(ends)
	c.state = next
}

// check logs the state of one certificate if that has changed, and returns it.
func (c *certWatch) check(use config.CertificateUse, cert *tls.Certificate, old certState) certState {
	s := certState{leaf: string(cert.Leaf.Raw), stage: len(certStages)}
	if old.leaf == s.leaf {
		s.stage = old.stage
	}
	if use.Hostname != "" {
		if err := config.OtherName(cert.Leaf, use.Hostname); err != nil {
			s.doubt = fmt.Errorf("%s: %w", use.Path, err) // the log has it as config-warning
		}
	}
	days := config.DaysLeft(cert.Leaf, c.now())
	stage := slices.IndexFunc(certStages, func(limit int) bool { return days < limit || limit < 0 && days < 0 })
	if stage < 0 {
		return s
	}
	verb := "ends"
	if days < 0 {
		verb = "ended"
	}
	ends := fmt.Errorf("%s: the certificate for %s %s on %s", use.Path, cert.Leaf.Subject, verb, cert.Leaf.NotAfter.Format(time.DateOnly))
	s.doubt = errors.Join(s.doubt, ends)
	if stage < s.stage {
		s.stage = stage
		c.log.CertificateEnds(use.Path, cert.Leaf.Subject.String(), cert.Leaf.NotAfter, days)
	}
	return s
}

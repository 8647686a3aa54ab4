package tlsreport

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// saveEvery is how often what was counted is stored.
const saveEvery = 10 * time.Minute

// pendingFile has what was counted of the day that has not ended.
const pendingFile = "pending.json"

// Options is what a Collector needs. All fields are optional.
type Options struct {
	Now func() time.Time
	// Wanted reports whether a domain has asked for reports (RFC 8460 §3). Domains
	// that have a policy get one in any case; nil: only those.
	Wanted func(ctx context.Context, domain string) bool
	Failed func(error) // a report cannot be written
}

// Collector counts connections and writes the reports. It is safe for concurrent use.
type Collector struct {
	opt Options

	writing sync.Mutex // one at a time writes; taken before mu

	mu                            sync.Mutex
	folder, organization, contact string
	counts                        *Counts   // of the day that has not ended
	ended                         []*Counts // whose reports are not written yet
}

// New returns a collector that counts nothing before Use.
func New(opt Options) *Collector {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Failed == nil {
		opt.Failed = func(error) {}
	}
	return &Collector{opt: opt}
}

// Use sets the folder of the reports ("" for none), our name and how to reach us. What
// a previous run has counted is read there.
func (c *Collector) Use(folder, organization, contact string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.organization, c.contact = organization, contact
	if folder == c.folder {
		return
	}
	c.folder, c.counts = folder, nil
	if folder == "" {
		return
	}
	text, err := os.ReadFile(filepath.Join(folder, pendingFile))
	if err != nil {
		return
	}
	old := newCounts(c.opt.Now())
	if json.Unmarshal(text, old) == nil && old.Policies != nil {
		c.counts = old
	}
}

// Add counts a connection. It does no I/O.
func (c *Collector) Add(r tlspolicy.Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.folder != "" {
		c.turn()
		c.counts.add(r)
	}
}

// turn begins another day where the one that was counted has ended; c.mu is held.
func (c *Collector) turn() {
	today := newCounts(c.opt.Now())
	switch {
	case c.counts == nil:
		c.counts = today
	case c.counts.Day != today.Day:
		c.ended, c.counts = append(c.ended, c.counts), today
	}
}

// Run stores what was counted from time to time, and writes the reports after the end
// of each day, until the context ends.
func (c *Collector) Run(ctx context.Context) {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.Flush(ctx)
		case <-ctx.Done():
			c.Flush(ctx)
			return
		}
	}
}

// Flush writes the reports of the days that have ended, and stores what was counted of
// this one. The domains that are asked whether they want a report are those without a
// policy; when ctx has ended they get none.
func (c *Collector) Flush(ctx context.Context) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mu.Lock()
	if c.folder == "" {
		c.mu.Unlock()
		return
	}
	c.turn()
	folder, ended := c.folder, c.ended
	c.ended = nil
	pending, err := json.Marshal(c.counts)
	c.mu.Unlock()
	for _, day := range ended {
		c.write(ctx, folder, day)
	}
	if err == nil {
		err = writeFile(filepath.Join(folder, pendingFile), pending)
	}
	if err != nil {
		c.opt.Failed(err)
	}
}

// write writes the reports of a day.
func (c *Collector) write(ctx context.Context, folder string, day *Counts) {
	c.mu.Lock()
	organization, contact := c.organization, c.contact
	c.mu.Unlock()
	for domain, policies := range day.domains() {
		if !hasPolicy(policies) && (c.opt.Wanted == nil || ctx.Err() != nil || !c.opt.Wanted(ctx, domain)) {
			continue
		}
		r, err := day.report(organization, contact, domain, policies)
		if err == nil {
			var name string
			var text []byte
			if name, text, err = r.file(domain); err == nil {
				err = writeFile(filepath.Join(folder, name), text)
			}
		}
		if err != nil {
			c.opt.Failed(err)
		}
	}
}

func hasPolicy(list []*Policy) bool {
	return slices.ContainsFunc(list, func(p *Policy) bool { return p.Found.Kind != tlspolicy.FoundNone })
}

// writeFile writes a file that is complete or not there.
func writeFile(name string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

package tlsreport

import (
	"context"
	"encoding/json"
	"fmt"
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
	// Texts returns the TXT records of a name, for that by which a domain asks for
	// reports (RFC 8460 §3). Domains that have a policy get one in any case; nil: only
	// those.
	Texts func(ctx context.Context, name string) ([]string, error)
	// Send sends a report to an address; nil: none is sent.
	Send   func(to string, mail []byte) error
	Failed func(error) // a report cannot be written or sent
}

// Collector counts connections and writes the reports. It is safe for concurrent use.
type Collector struct {
	opt Options

	writing sync.Mutex // one at a time writes; taken before mu

	mu     sync.Mutex
	set    Settings
	counts *Counts   // of the day that has not ended
	ended  []*Counts // whose reports are not written yet
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

// Settings are what a configuration sets.
type Settings struct {
	Folder       string // of the reports; "": nothing is counted
	Organization string // our name
	Contact      string // how to reach us
	From         string // the author of reports that are sent; "": none are
}

// Use puts settings in force. What a previous run has counted is read from the folder.
func (c *Collector) Use(set Settings) {
	c.mu.Lock()
	defer c.mu.Unlock()
	same := set.Folder == c.set.Folder
	if c.set = set; same {
		return
	}
	c.counts = nil
	if set.Folder == "" {
		return
	}
	text, err := os.ReadFile(filepath.Join(set.Folder, pendingFile))
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
	if c.set.Folder != "" {
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
	if c.set.Folder == "" {
		c.mu.Unlock()
		return
	}
	c.turn()
	set, ended := c.set, c.ended
	c.ended = nil
	pending, err := json.Marshal(c.counts)
	c.mu.Unlock()
	for _, day := range ended {
		c.write(ctx, set, day)
	}
	if err == nil {
		err = writeFile(filepath.Join(set.Folder, pendingFile), pending)
	}
	if err != nil {
		c.opt.Failed(err)
	}
}

// write writes the reports of a day, and sends them to who wants them.
func (c *Collector) write(ctx context.Context, set Settings, day *Counts) {
	for domain, policies := range day.domains() {
		to, wants := c.receivers(ctx, domain)
		if !wants && !hasPolicy(policies) {
			continue
		}
		r, err := day.report(set.Organization, set.Contact, domain, policies)
		if err == nil {
			err = r.write(set.Folder, domain)
		}
		if err == nil && set.From != "" && c.opt.Send != nil {
			err = c.send(r, domain, set.From, to)
		}
		if err != nil {
			c.opt.Failed(err)
		}
	}
}

// receivers returns the addresses to which a domain wants reports. When ctx has ended it
// is not asked.
func (c *Collector) receivers(ctx context.Context, domain string) (to []string, wants bool) {
	if c.opt.Texts == nil || ctx.Err() != nil {
		return nil, false
	}
	texts, err := c.opt.Texts(ctx, "_smtp._tls."+domain)
	if err != nil {
		return nil, false
	}
	return Receivers(texts)
}

// send sends a report to some addresses.
func (c *Collector) send(r *Report, domain, from string, to []string) error {
	for _, address := range to {
		mail, err := r.Mail(domain, from, address, c.opt.Now())
		if err == nil {
			err = c.opt.Send(address, mail)
		}
		if err != nil {
			return fmt.Errorf("the report on %s cannot be sent to %s: %w", domain, address, err)
		}
	}
	return nil
}

// write writes the report to its file.
func (r *Report) write(folder, domain string) error {
	name, text, err := r.file(domain)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(folder, name), text)
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

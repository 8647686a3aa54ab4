package config

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"
)

// pollInterval is how often the files are looked at. A change is read when two
// looks in a row show the same: editors and copies write in several steps.
//
// The files are looked at, not their folder: an administrator keeps the log
// beside the configuration, and the system would report each of its lines. It
// works on a network share and behind a symbolic link, too, where systems
// report nothing.
const pollInterval = 500 * time.Millisecond

// Watcher reads the configuration again when its files change.
type Watcher struct {
	Path    string          // of the configuration file; "" when there is none
	Environ []string        // as for Load
	Now     <-chan struct{} // requests a reading at once, changed or not; may be nil

	// Deliver is called with each configuration that was read, and with nil and the
	// problems when it has errors. It is called from one goroutine.
	Deliver func(*Config, Problems)
	// Read is the state of the files when the configuration in use was read; nil:
	// their state when Watch begins.
	Read *Snapshot
	// Started is called when Watch notices changes from then on; may be nil.
	Started func()
}

// Snapshot is the state of the files of a configuration.
type Snapshot struct {
	stamps string
	digest [sha256.Size]byte
	shut   []string // those that could not be opened
}

// changed reports whether the files look otherwise. A file that could not be opened and
// now can has perhaps only got another owner, which no stamp shows.
func (s *Snapshot) changed(files []string) bool {
	return stamps(files) != s.stamps || slices.ContainsFunc(s.shut, opens)
}

// Snapshot returns the state of the files of a configuration that was just read, so
// that a change before Watch begins is noticed.
func (w Watcher) Snapshot(cfg *Config) *Snapshot {
	return look(w.files(cfg))
}

// look reads files.
func look(files []string) *Snapshot {
	s := &Snapshot{stamps: stamps(files)} // before: what changes meanwhile is read again
	s.digest, s.shut = digest(files)
	return s
}

// Watch reads and delivers until ctx ends. current is the configuration in use: the
// files that it names (certificates, users) are watched, too.
func (w Watcher) Watch(ctx context.Context, current *Config) {
	files := w.files(current)
	seen, moving := w.Read, false
	if seen == nil {
		seen = w.Snapshot(current)
	}
	last := seen.digest // of what was read
	if w.Started != nil {
		w.Started()
	}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if seen.changed(files) {
				seen, moving = look(files), true
				continue
			}
			if !moving {
				continue
			}
			moving, seen = false, look(files)
			if seen.digest == last {
				continue
			}
		case <-w.Now:
			seen = look(files)
		}
		last = seen.digest
		l := &loader{file: w.Path}
		cfg, problems := load(l, w.Environ)
		if now := w.watched(current, cfg, l); !slices.Equal(files, now) {
			files, seen = now, look(now)
			last = seen.digest
		}
		w.Deliver(w.keepRoutes(current, cfg, problems))
		if cfg != nil && len(cfg.Routes) > 0 {
			current = cfg
		}
	}
}

// keepRoutes rejects a configuration without a route when the one in use has some: all
// mail would get a permanent reply. It is what is read of a file that a full disk or a
// broken copy has cut off. A start takes it.
func (w Watcher) keepRoutes(current, read *Config, problems Problems) (*Config, Problems) {
	if read == nil || len(read.Routes) > 0 || len(current.Routes) == 0 {
		return read, problems
	}
	problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Key == "route" })
	return nil, append(problems, Problem{File: w.Path, Key: "route", Text: "there is none any more: all mail would be refused",
		Hint: "write the [[route]] again; was the file saved completely?"})
}

// watched are the files to look at from now on: those of the configuration that was read.
// When it was rejected, those of the one in use stay, and what the rejected one names and
// somebody is about to put right joins them.
func (w Watcher) watched(current, read *Config, l *loader) []string {
	if read != nil {
		return w.files(read)
	}
	return append(w.files(current), l.names...)
}

// files are those that a configuration consists of.
func (w Watcher) files(cfg *Config) []string {
	files := cfg.files()
	if w.Path != "" {
		files = append(files, w.Path)
	}
	return files
}

// files returns the files that the relay reads when it starts. Those that are
// read for each logon at a next hop are not among them.
func (c *Config) files() []string {
	var files []string
	add := func(names ...string) {
		for _, n := range names {
			if n != "" {
				files = append(files, n)
			}
		}
	}
	for _, ln := range c.Listeners {
		add(ln.TLS.Certificate().files()...)
		add(ln.Auth.UsersFile)
		if ln.ClientCA != "system" {
			add(ln.ClientCA)
		}
	}
	for _, r := range c.Routes {
		add(r.Certificate().files()...)
		add(r.CAFile)
	}
	for _, k := range c.DKIM {
		add(k.KeyFile)
	}
	return files
}

// stamps stands for the state of the files without reading them.
func stamps(files []string) string {
	var b []byte
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			b = append(b, "gone\n"...)
			continue
		}
		b = strconv.AppendInt(b, info.Size(), 10)
		b = append(info.ModTime().AppendFormat(append(b, ' '), time.RFC3339Nano), '\n')
	}
	return string(b)
}

// digest stands for the content of the files. Shut are those that are there and cannot be
// opened.
func digest(files []string) (sum [sha256.Size]byte, shut []string) {
	h := sha256.New()
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			text = []byte(err.Error())
		}
		if errors.Is(err, fs.ErrPermission) {
			shut = append(shut, f)
		}
		sum := sha256.Sum256(text)
		h.Write(sum[:])
	}
	return [sha256.Size]byte(h.Sum(nil)), shut
}

func opens(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

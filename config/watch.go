package config

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// quiet is how long nothing must happen to the files before they are read:
// editors and copies write in several steps.
const quiet = 200 * time.Millisecond

// Watcher reads the configuration again when it changes.
type Watcher struct {
	Path    string          // of the configuration file; "" when there is none
	Environ []string        // as for Load
	Now     <-chan struct{} // asks for a reading at once, changed or not; may be nil

	// Deliver gets each configuration that was read, and nil with the problems
	// when it is bad. It is called from one goroutine.
	Deliver func(*Config, Problems)
	// Failed is told when changes cannot be noticed; Now still works.
	Failed func(error)
	// Started is called when changes are noticed from now on; may be nil.
	Started func()
}

// Watch delivers until ctx ends. Current is the configuration in use: the files
// that it names (certificates, users) are watched too.
func (w Watcher) Watch(ctx context.Context, current *Config) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		w.Failed(err)
		notify = &fsnotify.Watcher{} // its channels are nil and never ready
	} else {
		defer notify.Close()
	}
	files := w.watchFiles(notify, current)
	last := digest(files)
	if w.Started != nil {
		w.Started()
	}
	timer := time.NewTimer(quiet)
	timer.Stop()
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-notify.Events:
			if concerns(e.Name, files) {
				timer.Reset(quiet)
			}
			continue
		case err := <-notify.Errors:
			w.Failed(err)
			continue
		case <-timer.C:
			if digest(files) == last {
				continue
			}
		case <-w.Now:
		}
		cfg, problems := Load(w.Path, w.Environ)
		if cfg != nil {
			files = w.watchFiles(notify, cfg)
		}
		last = digest(files)
		w.Deliver(cfg, problems)
	}
}

// watchFiles watches the folders of the files, not the files: most editors put a
// new file in the place of the old one.
func (w Watcher) watchFiles(notify *fsnotify.Watcher, cfg *Config) []string {
	files := cfg.files()
	if w.Path != "" {
		files = append(files, w.Path)
	}
	for i, f := range files {
		if abs, err := filepath.Abs(f); err == nil {
			files[i] = abs
		}
	}
	if notify.Events == nil {
		return files
	}
	watched := notify.WatchList()
	for _, f := range files {
		if dir := filepath.Dir(f); !slices.Contains(watched, dir) {
			if err := notify.Add(dir); err != nil {
				w.Failed(err)
				continue
			}
			watched = append(watched, dir)
		}
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
		add(ln.TLS.Cert, ln.TLS.Key, ln.Auth.UsersFile)
	}
	for _, r := range c.Routes {
		add(r.CAFile)
	}
	return files
}

// concerns says whether an event may mean one of the files. Kubernetes changes
// the target of a link called ..data.
func concerns(name string, files []string) bool {
	return filepath.Base(name) == "..data" || slices.Contains(files, name)
}

// digest stands for the content of the files.
func digest(files []string) [sha256.Size]byte {
	h := sha256.New()
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			text = []byte(err.Error())
		}
		sum := sha256.Sum256(text)
		h.Write(sum[:])
	}
	return [sha256.Size]byte(h.Sum(nil))
}

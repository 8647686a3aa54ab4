package config_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/reconvene/reconvene/config"
)

const good = "hostname = \"mx.example.com\"\n[[listener]]\naddress = \"127.0.0.1:2525\"\n[[route]]\nvia = [\"192.0.2.1:25\"]\n"

// delivery is one call of Watcher.Deliver.
type delivery struct {
	cfg      *config.Config
	problems config.Problems
}

// startWatch watches a file in a new folder and returns its path.
func startWatch(t *testing.T, text string, now <-chan struct{}) (string, <-chan delivery) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconvene.toml")
	write(t, path, text)
	cfg, problems := config.Load(path, nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	got := make(chan delivery)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	started := make(chan struct{})
	w := config.Watcher{
		Path: path,
		Now:  now,
		Deliver: func(c *config.Config, p config.Problems) {
			select {
			case got <- delivery{c, p}:
			case <-ctx.Done():
			}
		},
		Started: func() { close(started) },
	}
	go func() {
		defer close(done)
		w.Watch(ctx, cfg)
	}()
	t.Cleanup(func() { cancel(); <-done })
	<-started
	return path, got
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func next(t *testing.T, got <-chan delivery) delivery {
	t.Helper()
	select {
	case d := <-got:
		return d
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was delivered")
		return delivery{}
	}
}

func TestWatch(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("written in place", func(t *testing.T) {
		path, got := startWatch(t, good, nil)
		write(t, path, good+"[log]\nlevel = \"debug\"\n")
		if d := next(t, got); d.cfg == nil || d.cfg.Log.Level != "debug" {
			t.Fatalf("got %+v %v", d.cfg, d.problems)
		}
	})
	t.Run("replaced by a new file", func(t *testing.T) {
		path, got := startWatch(t, good, nil)
		write(t, path+".new", good+"[log]\nlevel = \"error\"\n")
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		if d := next(t, got); d.cfg == nil || d.cfg.Log.Level != "error" {
			t.Fatalf("got %+v %v", d.cfg, d.problems)
		}
	})
	t.Run("bad, then good", func(t *testing.T) {
		path, got := startWatch(t, good, nil)
		write(t, path, good+"[log]\nlevl = \"debug\"\n")
		if d := next(t, got); d.cfg != nil || d.problems.Err() == nil {
			t.Fatal("a bad file was delivered as good")
		}
		write(t, path, good+"[log]\nlevel = \"warn\"\n")
		if d := next(t, got); d.cfg == nil || d.cfg.Log.Level != "warn" {
			t.Fatalf("got %+v %v", d.cfg, d.problems)
		}
	})
	t.Run("removed, then back", func(t *testing.T) {
		path, got := startWatch(t, good, nil)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if d := next(t, got); d.cfg != nil {
			t.Fatal("a missing file was delivered as good")
		}
		write(t, path, good)
		if d := next(t, got); d.cfg == nil {
			t.Fatal(d.problems)
		}
	})
	t.Run("cut off before the route, then whole", func(t *testing.T) {
		cut, _, _ := strings.Cut(good, "[[route]]")
		path, got := startWatch(t, good, nil)
		for _, rest := range []string{cut, ""} {
			write(t, path, rest)
			if d := next(t, got); d.cfg != nil || !strings.Contains(d.problems.Err().Error(), "route: there is none any more") {
				t.Fatalf("a file without the route was delivered: %+v %v", d.cfg, d.problems)
			}
		}
		write(t, path, good+"[log]\nlevel = \"warn\"\n")
		if d := next(t, got); d.cfg == nil || d.cfg.Log.Level != "warn" {
			t.Fatalf("got %+v %v", d.cfg, d.problems)
		}
	})
	t.Run("asked for, unchanged", func(t *testing.T) {
		now := make(chan struct{})
		_, got := startWatch(t, good, now)
		now <- struct{}{}
		if d := next(t, got); d.cfg == nil {
			t.Fatal(d.problems)
		}
	})
	t.Run("a certificate", func(t *testing.T) {
		dir := t.TempDir()
		cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
		makeCertificate(t, cert, key, time.Hour)
		text := "[[listener]]\n[listener.tls]\nmode = \"optional\"\ncert = '" + cert + "'\nkey = '" + key + "'\n"
		_, got := startWatch(t, text, nil)
		makeCertificate(t, cert, key, 2*time.Hour)
		if d := next(t, got); d.cfg == nil {
			t.Fatal(d.problems)
		}
	})
	t.Run("a stranger in the folder", func(t *testing.T) {
		// A log file in the same folder is written all the time, and must neither
		// be taken for a change nor keep the folder from ever being quiet.
		path, got := startWatch(t, good, nil)
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for tick := time.Tick(20 * time.Millisecond); ; <-tick {
				select {
				case <-stop:
					return
				default:
					_ = os.WriteFile(filepath.Join(filepath.Dir(path), "reconvene.log"), []byte("noise"), 0o600)
				}
			}
		}()
		defer func() { close(stop); <-stopped }()
		write(t, path, good+"[log]\nlevel = \"warn\"\n")
		if d := next(t, got); d.cfg == nil || d.cfg.Log.Level != "warn" {
			t.Fatalf("the stranger was delivered: %+v", d.cfg)
		}
	})
}

// A change between the reading of a configuration and the beginning of the watch counts.
func TestWatchNoticesWhatChangedBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reconvene.toml")
	write(t, path, good)
	cfg, problems := config.Load(path, nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	got := make(chan *config.Config, 1)
	w := config.Watcher{Path: path, Deliver: func(c *config.Config, _ config.Problems) { got <- c }}
	w.Read = w.Snapshot(cfg)
	write(t, path, strings.Replace(good, "mx.example.com", "mail.example.com", 1))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Watch(ctx, cfg)
	}()
	defer func() { cancel(); <-done }()
	select {
	case c := <-got:
		if c == nil || c.Hostname != "mail.example.com" {
			t.Errorf("%+v", c)
		}
	case <-time.After(20 * time.Second):
		t.Error("the change is not noticed")
	}
}

// What a rejected configuration names is looked at, too: the file that was missing is
// made, the one that could not be read gets other rights, and nothing else is saved.
func TestWatchWhatIsPutRight(t *testing.T) {
	t.Run("missing", func(t *testing.T) {
		path, got := startWatch(t, good, nil)
		write(t, path, strings.Replace(good, "[[route]]", "[listener.auth]\nusers_file = \"users\"\nallow_insecure = true\n[[route]]", 1))
		if d := next(t, got); d.cfg != nil {
			t.Fatal("a file that does not exist is taken")
		}
		write(t, filepath.Join(filepath.Dir(path), "users"), "# none\n")
		if d := next(t, got); d.cfg == nil {
			t.Errorf("%v", d.problems)
		}
		write(t, path, good)
		next(t, got)
	})
	t.Run("rights", func(t *testing.T) {
		if runtime.GOOS == "windows" || os.Geteuid() == 0 {
			t.Skip("this user can read every file")
		}
		path, got := startWatch(t, good, nil)
		write(t, path, good+"[log]\nlevel = \"debug\"\n")
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		if d := next(t, got); d.cfg != nil {
			t.Fatal("a file without rights was read")
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		if d := next(t, got); d.cfg == nil || d.cfg.Log.Level != "debug" {
			t.Errorf("%v", d.problems)
		}
	})
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
)

// losses counts what the log writer tells.
type losses struct {
	lines    int
	writable bool
}

func (l *losses) count(lines int, writable bool) { l.lines, l.writable = l.lines+lines, writable }

// rotatedLog is a log with a clock that goes on by a millisecond with each look.
type rotatedLog struct {
	*relay.MailLog
	out    *logOutput
	path   string
	clock  atomic.Int64 // milliseconds since 2026-03-02, a Monday
	stderr lockedBuffer
	lost   losses
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *rotatedLog) now() time.Time {
	return time.Date(2026, 3, 2, 0, 0, 0, 0, time.Local).Add(time.Duration(l.clock.Add(1)) * time.Millisecond)
}

func newRotatedLog(t *testing.T, cfg config.Log) *rotatedLog {
	t.Helper()
	l := &rotatedLog{path: filepath.Join(t.TempDir(), "mail.log")}
	cfg.Format, cfg.Level, cfg.File = "text", "info", l.path
	var err error
	if l.out, err = newLogOutput(&env{stderr: &l.stderr, now: l.now}, cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.out.Close)
	l.out.CountLosses(l.lost.count, nil)
	l.MailLog = relay.NewMailLog(l.out, l.now)
	return l
}

// files are the log files, the oldest first, and whole what is in them.
func (l *rotatedLog) files(t *testing.T) (names []string, whole string) {
	t.Helper()
	names, err := filepath.Glob(l.path + "-*")
	if err != nil {
		t.Fatal(err)
	}
	names = append(names, l.path)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		whole += string(text)
	}
	return names, whole
}

func TestLogRotatesBySize(t *testing.T) {
	l := newRotatedLog(t, config.Log{RotateSize: 1000})
	for i := range 100 {
		l.ConfigLoaded(fmt.Sprintf("n%d.", i))
	}
	names, whole := l.files(t)
	at := 0
	for i := range 100 {
		n := strings.Index(whole[at:], fmt.Sprintf("config=n%d.\n", i))
		if n < 0 {
			t.Fatalf("line %d is missing, or not where it belongs", i)
		}
		at += n
	}
	if lines := strings.Count(whole, "\n"); lines != 100 || len(names) < 5 {
		t.Errorf("%d lines in %d files", lines, len(names))
	}
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || info.Size() > 1000 || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info.Size(), err)
		}
	}
}

// What is not one of the log's own files stays, however it is called.
func TestLogKeeps(t *testing.T) {
	l := newRotatedLog(t, config.Log{RotateSize: 300, RotateKeep: 3})
	others := []string{l.path + "-20200101", l.path + "-20200101T000000.000Z.gz", l.path + ".1", l.path + "-old"}
	for _, name := range others {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 50 {
		l.ConfigLoaded(fmt.Sprintf("n%d.", i))
	}
	kept, err := filepath.Glob(l.path + "-2026*")
	if err != nil || len(kept) != 3 {
		t.Errorf("%d files are kept: %q, %v", len(kept), kept, err)
	}
	if _, whole := l.files(t); !strings.Contains(whole, "config=n49.") || strings.Contains(whole, "config=n0.") {
		t.Errorf("the newest are to be kept:\n%s", whole)
	}
	for _, name := range others {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}

func TestLogRotatesByAge(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name  string
		age   time.Duration
		steps []time.Duration // between two lines
		files int
	}{
		{"within a day", day, []time.Duration{0, 5 * time.Hour, 5 * time.Hour}, 1},
		{"at midnight", day, []time.Duration{23 * time.Hour, 2 * time.Hour}, 2},
		{"each day", day, []time.Duration{day, day, day}, 4},
		{"within a week", 7 * day, []time.Duration{day, day, day, day, day, day}, 1},
		{"on Monday", 7 * day, []time.Duration{6 * day, day, day}, 2},
		{"never", 0, []time.Duration{day, 400 * day}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newRotatedLog(t, config.Log{RotateAge: c.age})
			l.ConfigLoaded("x")
			for _, step := range c.steps {
				l.clock.Add(step.Milliseconds())
				l.ConfigLoaded("x")
			}
			if names, whole := l.files(t); len(names) != c.files || strings.Count(whole, "\n") != 1+len(c.steps) {
				t.Errorf("%d files, want %d; %d lines, want %d", len(names), c.files, strings.Count(whole, "\n"), 1+len(c.steps))
			}
		})
	}
}

// A file that was written yesterday, before the program started, is put aside.
func TestLogRotatesOldFile(t *testing.T) {
	l := newRotatedLog(t, config.Log{RotateAge: 24 * time.Hour})
	if err := os.WriteFile(l.path, []byte("old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	yesterday := time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)
	if err := os.Chtimes(l.path, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	if err := l.out.Reopen(); err != nil {
		t.Fatal(err)
	}
	l.ConfigLoaded("new")
	if names, _ := l.files(t); len(names) != 2 {
		t.Errorf("the files are %q", names)
	}
}

// On Windows a file that somebody reads cannot be renamed.
func TestLogCannotBeRotated(t *testing.T) {
	l := newRotatedLog(t, config.Log{RotateSize: 300})
	l.out.w.rotation.rename = func(from, to string) error { return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrPermission} }
	for range 50 {
		l.ConfigLoaded("x")
	}
	names, whole := l.files(t)
	if len(names) != 1 || strings.Count(whole, "\n") != 50 || l.lost.lines != 0 {
		t.Errorf("%d files with %d lines, %+v", len(names), strings.Count(whole, "\n"), l.lost)
	}
	if n := strings.Count(l.stderr.b.String(), "cannot be rotated"); n != 1 || !errors.Is(l.out.Trouble(), fs.ErrPermission) {
		t.Errorf("said %d times: %s; %v", n, l.stderr.b.String(), l.out.Trouble())
	}
	l.out.w.rotation.rename = os.Rename
	l.clock.Add(2 * rotationRetry.Milliseconds())
	l.ConfigLoaded("x")
	if names, _ := l.files(t); len(names) != 2 || l.out.Trouble() != nil {
		t.Errorf("files %q, %v", names, l.out.Trouble())
	}
}

// Under load, rotated by itself, moved away and opened again: each line is there
// once.
func TestLogRotatesUnderLoad(t *testing.T) {
	l := newRotatedLog(t, config.Log{RotateSize: 20_000})
	const writers, lines = 8, 400
	var writing sync.WaitGroup
	for i := range writers {
		writing.Go(func() {
			for j := range lines {
				l.ConfigLoaded(fmt.Sprintf("w%d-%d.", i, j))
			}
		})
	}
	stop, moved := make(chan struct{}), make(chan struct{})
	go func() { // what logrotate does
		defer close(moved)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := os.Rename(l.path, fmt.Sprintf("%s-moved%06d", l.path, i)); err != nil && !os.IsNotExist(err) {
				t.Error(err)
			}
			if err := l.out.Reopen(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Millisecond)
		}
	}()
	writing.Wait()
	close(stop)
	<-moved
	_, whole := l.files(t)
	seen := make(map[string]int)
	for line := range strings.Lines(whole) {
		_, word, _ := strings.Cut(strings.TrimSpace(line), "config=")
		seen[word]++
	}
	for i := range writers {
		for j := range lines {
			if n := seen[fmt.Sprintf("w%d-%d.", i, j)]; n != 1 {
				t.Fatalf("line %d of writer %d is there %d times", j, i, n)
			}
		}
	}
	if l.lost.lines != 0 || l.stderr.b.Len() > 0 {
		t.Errorf("%+v, %s", l.lost, l.stderr.b.String())
	}
}

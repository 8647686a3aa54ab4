//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
)

func openTestLog(t *testing.T, path string, format config.LogFormat) (*logOutput, *relay.MailLog, *bytes.Buffer, *losses) {
	t.Helper()
	var stderr bytes.Buffer
	now := func() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }
	out, err := newLogOutput(&env{stderr: &stderr, now: now}, config.Log{Format: format, Level: "info", File: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(out.Close)
	l := &losses{}
	out.CountLosses(l.count, nil)
	return out, relay.NewMailLog(out, now), &stderr, l
}

// The folder of the log goes away and comes back.
func TestLogFolderGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	path := filepath.Join(dir, "mail.log")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	out, log, stderr, lost := openTestLog(t, path, "text")
	log.ConfigLoaded("one")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		log.ConfigLoaded("gone")
	}
	if n := strings.Count(stderr.String(), "reconvene: the log"); n != 1 || !strings.Contains(stderr.String(), path) {
		t.Errorf("standard error: %s", stderr)
	}
	if err := out.Trouble(); err == nil || !strings.Contains(err.Error(), "3 lines") || lost.lines != 3 || lost.writable {
		t.Errorf("trouble %v, %+v", err, lost)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	log.ConfigLoaded("back")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "level=WARN msg=log-recovered lost=3 error=") || !strings.Contains(lines[1], "config=back") {
		t.Errorf("the log is %q", lines)
	}
	if out.Trouble() != nil || !lost.writable || lost.lines != 3 || !strings.Contains(stderr.String(), "3 lines were lost") {
		t.Errorf("trouble %v, %+v, %s", out.Trouble(), lost, stderr)
	}
}

// A file that was only deleted is made anew, and nothing is lost.
func TestLogDeleted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.log")
	_, log, stderr, lost := openTestLog(t, path, "text")
	log.ConfigLoaded("one")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	log.ConfigLoaded("two")
	if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), "config=two") || lost.lines != 0 || stderr.Len() > 0 {
		t.Errorf("%q, %v, %+v, %s", text, err, lost, stderr)
	}
}

// A file that was moved away gets its lines until it is opened again.
func TestLogMoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.log")
	out, log, _, _ := openTestLog(t, path, "text")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	log.ConfigLoaded("old")
	if err := out.Reopen(); err != nil {
		t.Fatal(err)
	}
	log.ConfigLoaded("new")
	old, _ := os.ReadFile(path + ".1")
	fresh, _ := os.ReadFile(path)
	if !strings.Contains(string(old), "config=old") || strings.Contains(string(old), "config=new") || !strings.Contains(string(fresh), "config=new") {
		t.Errorf("%q, %q", old, fresh)
	}
}

// A file that cannot be opened again is said, and the old one is used.
func TestLogNotOpenedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	path := filepath.Join(dir, "mail.log")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	out, log, stderr, lost := openTestLog(t, path, "text")
	if err := os.Rename(dir, dir+"2"); err != nil {
		t.Fatal(err)
	}
	if out.Reopen() == nil || out.Trouble() == nil || lost.writable || !strings.Contains(stderr.String(), path) {
		t.Errorf("trouble %v, %+v, %s", out.Trouble(), lost, stderr)
	}
	log.ConfigLoaded("moved")
	if text, _ := os.ReadFile(filepath.Join(dir+"2", "mail.log")); !strings.Contains(string(text), "config=moved") || lost.lines != 0 {
		t.Errorf("%q, %+v", text, lost)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if out.Reopen() != nil || out.Trouble() != nil || !lost.writable {
		t.Errorf("trouble %v, %+v", out.Trouble(), lost)
	}
}

// disk is a file that is full after some octets.
type disk struct {
	room int
	text bytes.Buffer
}

func (d *disk) Write(p []byte) (int, error) {
	n := min(len(p), d.room)
	d.room -= n
	d.text.Write(p[:n])
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

// A disk that fills up at any octet never cuts a line that a reader could take
// for a whole one, and the count of lost lines is exact.
func TestDiskFills(t *testing.T) {
	for room := range 260 {
		var stderr bytes.Buffer
		d, l := &disk{room: room}, &losses{}
		out := &logOutput{e: &env{stderr: &stderr, now: time.Now}, w: &logWriter{stderr: &stderr, rotation: newRotation(config.Log{}, time.Now), path: "", out: d, count: l.count}}
		out.handler = relay.NewLogHandler(out.w, "json", slog.LevelInfo)
		log := relay.NewMailLog(out, time.Now)
		for range 3 {
			log.ConfigLoaded("x")
		}
		if errors.Is(out.Trouble(), syscall.ENOSPC) != (l.lines > 0) {
			t.Fatalf("%d octets of room: %v, %+v", room, out.Trouble(), l)
		}
		d.room = 1 << 20
		log.ConfigLoaded("last")
		whole := strings.Count(d.text.String(), `"config":"x"}`+"\n")
		if whole+l.lines != 3 || !strings.Contains(d.text.String(), `"config":"last"}`+"\n") {
			t.Fatalf("%d octets of room: %d whole lines, %d lost:\n%s", room, whole, l.lines, d.text.String())
		}
		for line := range strings.Lines(d.text.String()) {
			if strings.Count(line, `"time"`) > 1 {
				t.Fatalf("%d octets of room: two lines became one: %s", room, line)
			}
		}
		if out.Trouble() != nil {
			t.Fatal(out.Trouble())
		}
	}
}

// On a regular file the part of a line that could be written is taken off again.
func TestPartOfALineIsUndone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.log")
	w, err := openLog(io.Discard, path, newRotation(config.Log{}, time.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	full := &shortFile{w.file, 7}
	w.out = full
	if n, err := w.Write([]byte("one\ntwo\nthree\n")); n != 4 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
	w.out = w.file
	if _, err := w.Write([]byte("four\n")); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); string(text) != "one\nfour\n" || w.lost != 2 {
		t.Errorf("%q, %d lost", text, w.lost)
	}
}

type shortFile struct {
	*os.File
	room int
}

func (s *shortFile) Write(p []byte) (int, error) {
	n, _ := s.File.Write(p[:s.room])
	return n, syscall.ENOSPC
}

// The real thing: a device that is always full.
func TestServeLogFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	file := serveConfig(t, "", newSink(t, nil).addr, "[log]\nfile = \"/dev/full\"\n")
	p := startServe(t, []string{"RECONVENE_ADMIN_ADDRESS=127.0.0.1:0"}, "--config", file)
	p.line(1, "reconvene: the log /dev/full cannot be written", "no space left")
}

// Without any line the log is tried again, and says what it lost.
func TestLogRetry(t *testing.T) {
	out, _, _, _ := openTestLog(t, filepath.Join(t.TempDir(), "mail.log"), "json")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out.Retry(ctx) // ends
	out.w.lost, out.w.total, out.w.problem = 2, 2, syscall.ENOSPC
	if err := out.HandleAll(t.Context(), nil); err != nil || out.Trouble() != nil {
		t.Error(err, out.Trouble())
	}
	if text, _ := os.ReadFile(out.cfg.File); !strings.Contains(string(text), `"msg":"log-recovered","lost":2`) {
		t.Errorf("%s", text)
	}
}

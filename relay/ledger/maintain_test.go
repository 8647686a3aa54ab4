package ledger_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/ledger"
)

func reader(t *testing.T, dir string) *ledger.Reader {
	t.Helper()
	r, err := ledger.OpenReader(context.Background(), dir, config.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func export(t *testing.T, dir string) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := reader(t, dir).Export(context.Background(), &b, time.Time{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// fill writes the conversation with the most in it, n times, under other UIDs.
func fill(l *ledger.Ledger, n int) {
	for k := range n {
		for i, m := range conversations[13].mails {
			r := m.record(k*10 + i)
			r.Components[0].UID = fmt.Sprintf("u%d@example.com", k)
			r.Components[0].Location, r.Components[0].Rule, r.Components[0].Zone = "Room 1", "FREQ=DAILY;COUNT=3", "Europe/Berlin"
			r.Findings, r.Applied = []string{"seq-cdo", "cn-quote"}, []string{"seq-cdo"}
			r.Deliveries[0].Enhanced, r.Deliveries[0].NextHop = "2.0.0", "mx.example.net [192.0.2.1]:25"
			r.Time = r.Time.Add(time.Duration(k) * time.Hour)
			l.Add(r)
		}
	}
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// What was exported is imported whole, and once.
func TestExportImport(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	l := open(t, from, nil)
	fill(l, 5)
	l.Close()
	text := export(t, from)
	for range 2 {
		n, err := ledger.Import(context.Background(), to, strings.NewReader(text+"hello\n"), false, true)
		if err != nil || n.Records != 15 || n.Skipped != 1 {
			t.Fatalf("%+v %v", n, err)
		}
	}
	if d := cmp.Diff(text, export(t, to)); d != "" {
		t.Error(d)
	}
	stats, err := reader(t, to).Stats(context.Background())
	if err != nil || stats.Meetings != 5 || stats.Messages != 15 || stats.Deliveries != 30 {
		t.Errorf("%+v %v", stats, err)
	}
}

// The log of serve is enough to know who was not notified.
func TestImportLog(t *testing.T) {
	line := func(at, msg, more string) string {
		return "time=2026-03-01T" + at + ":00.000Z level=INFO msg=" + msg + " " + more + "\n"
	}
	text := line("09:00", "message", `id=a-1 from=anna@example.com msgid=<1@example.com> subject=Budget method=REQUEST uid=u@example.com dtstamp=20260301T090000Z seq=0 outcome=delivered`) +
		line("09:00", "recipient", `id=a-1 to=bob@bob.example verdict=delivered code=250 reply="2.0.0 ok"`) +
		line("09:00", "recipient", `id=a-1 to=eve@eve.example verdict=delivered code=250 reply="2.0.0 ok"`) +
		line("09:01", "started", "version=1") +
		line("09:06", "message", `id=a-3 from=bob@bob.example method=REQUEST uid=u@example.com outcome=left-alone`) + // only enclosed
		line("09:06", "recipient", `id=a-3 to=zoe@zoe.example verdict=refused code=550`) +
		line("09:05", "message", `id=a-2 from=anna@example.com method=CANCEL uid=u@example.com dtstamp=20260301T090500Z seq=0 seq_sent=1 outcome=repaired`) +
		line("09:05", "recipient", `id=a-2 to=bob@bob.example verdict=delivered code=250`) +
		line("09:05", "recipient", `id=a-2 to=eve@eve.example verdict=refused code=550 reply="5.7.1 no calendars here"`)
	dir := t.TempDir()
	if n, err := ledger.Import(context.Background(), dir, strings.NewReader(text), false, true); err != nil || n.Records != 2 || n.Skipped != 0 {
		t.Fatalf("%+v %v", n, err)
	}
	list := notNotified(t, dir, nine.Add(time.Hour))
	if len(list) != 1 || list[0].Attendee != "eve@eve.example" || list[0].Reply != "5.7.1 no calendars here" || list[0].Seq != 1 || list[0].Summary != "Budget" {
		t.Errorf("%+v", list)
	}
}

func TestBackupAndCheck(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nil) // stays open: the backup is made beside the writer
	fill(l, 3)
	file := filepath.Join(t.TempDir(), "copy")
	if err := ledger.Backup(context.Background(), dir, file); err != nil {
		t.Fatal(err)
	}
	if err := ledger.Backup(context.Background(), dir, file); err == nil {
		t.Error("a backup overwrote a file")
	}
	restored := t.TempDir()
	for from, to := range map[string]string{file: ledger.FileName, file + ".key": "ledger.key"} {
		if err := os.Rename(from, filepath.Join(restored, to)); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(export(t, dir), export(t, restored)); d != "" {
		t.Error(d)
	}
	if faults, err := reader(t, restored).Check(context.Background()); err != nil || len(faults) > 0 {
		t.Errorf("%v %v", faults, err)
	}
	exec(t, restored, "DELETE FROM message WHERE id = 1")
	if faults, err := reader(t, restored).Check(context.Background()); err != nil || len(faults) != 2 {
		t.Errorf("of a damaged one: %v %v", faults, err)
	}
}

// What is too old goes, with the meetings that nothing is known of any more.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	now := nine.Add(5*time.Hour + 30*time.Minute)
	l := open(t, dir, func(o *ledger.Options) {
		o.Hurry()
		o.Now = func() time.Time { return now }
		o.Config.Keep, o.Config.MaxSize = 3*time.Hour, 1<<30
	})
	fill(l, 6) // each an hour after the other
	wait(t, "old meetings stay", func() bool {
		s, err := reader(t, dir).Stats(context.Background())
		return err == nil && s.Meetings == 3 && s.Messages == 9 && s.Deliveries == 18
	})
	if faults, err := reader(t, dir).Check(context.Background()); err != nil || len(faults) > 0 {
		t.Errorf("%v %v", faults, err)
	}
}

// A file that is too large is made smaller, from the oldest on.
func TestPruneSize(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nil)
	fill(l, 300)
	l.Close()
	l = open(t, dir, func(o *ledger.Options) {
		o.Hurry()
		o.Now = func() time.Time { return nine }
		o.Config.Keep, o.Config.MaxSize = 400*24*time.Hour, 300_000
	})
	wait(t, "the file stays large", func() bool {
		s, err := reader(t, dir).Stats(context.Background())
		return err == nil && s.Used <= 300_000
	})
	l.Close()
	s, err := reader(t, dir).Stats(context.Background())
	if err != nil || s.Messages == 0 || !s.Newest.After(nine.Add(299*time.Hour)) {
		t.Errorf("%+v %v", s, err)
	}
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Each case is said once, also after a restart, and counted until it is over.
func TestCases(t *testing.T) {
	dir := t.TempDir()
	var log lockedBuffer
	start := func() *ledger.Ledger {
		return open(t, dir, func(o *ledger.Options) {
			o.Hurry()
			o.Log = slog.NewTextHandler(&log, nil)
			o.Now = func() time.Time { return nine.Add(20 * time.Minute) }
			o.Config.Grace = 15 * time.Minute
		})
	}
	l := start()
	mails := conversations[2].mails
	l.Add(mails[0].record(0))
	l.Add(mails[1].record(1))
	wait(t, "no case", func() bool { return l.Counts().Missing == 1 })
	l.Close()
	l = start()
	wait(t, "no case after a restart", func() bool { return l.Counts().Missing == 1 })
	if text := log.String(); strings.Count(text, "msg=not-notified") != 1 || !strings.Contains(text, "to=eve@eve.example method=REQUEST uid=u@example.com seq=1 why=refused id=t-1 code=550") {
		t.Error(text)
	}
	l.Add(mails[2].record(2))
	wait(t, "the case stays open", func() bool { return l.Counts().Missing == 0 })
}

// Addresses that are kept as hashes are found, and stand nowhere.
func TestHashed(t *testing.T) {
	dir := t.TempDir()
	line := `{"id":"a","time":"2026-03-01T09:00:00Z","from":"Anna@example.com","components":[{"uid":"u","method":"REQUEST","method_sent":"REQUEST","seq":0,"seq_sent":0,` +
		`"organizer":"anna@example.com","attendees":[{"attendee":"bob@bob.example"}],"summary":"Secret"}],"recipients":[{"attendee":"Bob@bob.example","verdict":"refused","code":550,"reply":"<BOB@bob.example>: no such user"}]}`
	if _, err := ledger.Import(context.Background(), dir, strings.NewReader(line), true, false); err != nil {
		t.Fatal(err)
	}
	text := export(t, dir)
	for _, plain := range []string{"anna@", "bob@", "BOB", "Secret"} {
		if strings.Contains(text, plain) {
			t.Errorf("%s stands in %s", plain, text)
		}
	}
	for _, q := range []ledger.Query{{Attendee: "bob@Bob.example"}, {Organizer: "Anna@example.com"}, {Domain: "bob.example"}} {
		if list, err := reader(t, dir).List(context.Background(), q, nine, rule); err != nil || len(list) != 1 {
			t.Errorf("%+v: %v %v", q, list, err)
		}
	}
	if list, _ := reader(t, dir).List(context.Background(), ledger.Query{Attendee: "eve@bob.example"}, nine, rule); len(list) != 0 {
		t.Errorf("another address is found: %v", list)
	}
}

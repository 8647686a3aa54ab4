package ledger_test

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/ledger"
)

// Another process that holds the file is trouble that passes.
func TestTroubleLocked(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, func(o *ledger.Options) { o.Wait = 50 * time.Millisecond })
	wait(t, "no file", func() bool {
		l.Add(conversations[0].mails[0].record(1))
		return l.Counts().Written > 0
	})
	other, err := sql.Open("sqlite", dir+"/"+ledger.FileName+"?_pragma=busy_timeout(20000)") // the ledger may be writing
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	l.Add(conversations[0].mails[0].record(2))
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("a message waited %v", took)
	}
	wait(t, "no trouble", func() bool { return l.Trouble() != nil })
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	wait(t, "it stays in trouble", func() bool { return l.Trouble() == nil })
	if s, err := reader(t, dir).Stats(context.Background()); err != nil || s.Messages != 2 {
		t.Errorf("%+v %v", s, err)
	}
}

// A file of each older schema is brought up to date with all that is in it.
func TestMigrations(t *testing.T) {
	texts, err := ledger.SchemaTexts()
	if err != nil {
		t.Fatal(err)
	}
	for have := 1; have < len(texts); have++ {
		t.Run(fmt.Sprint("from ", have), func(t *testing.T) {
			dir := t.TempDir()
			for _, text := range texts[:have] {
				exec(t, dir, text)
			}
			exec(t, dir, "PRAGMA user_version = "+strconv.Itoa(have))
			exec(t, dir, `INSERT INTO meeting (uid, last) VALUES ('u@example.com', 1772355600000);
  INSERT INTO message (record, time, inbound, msgid, envid, listener, route, client, user, sender, size, profile, form, outcome, findings, applied, vetoed, skipped, why, took)
  VALUES ('old-1', 1772355600000, 0, '<1@example.com>', '', '', '', '', '', 'anna@example.com', 1, '', '', 'delivered', '', '', '', '', '', 1.5);
  INSERT INTO component (message, number, meeting, name, occurrence, method, method_sent, seq, seq_sent, dtstamp, dtstamp_sent, uid_received, start, finish, all_day, zone, rule, summary, location, organizer, attendees, digest)
  VALUES (1, 0, 1, 'VEVENT', '', 'REQUEST', 'REQUEST', 0, 0, '20260301T090000Z', '20260301T090000Z', '', NULL, NULL, 0, '', '', 'Budget', '', 'anna@example.com', '', '');
  INSERT INTO delivery (message, attendee, domain, verdict, code, enhanced, reply, nexthop) VALUES (1, 'bob@bob.example', 'bob.example', 'delivered', 250, '', '', '')`)
			if _, err := ledger.OpenReader(context.Background(), dir, config.Ledger{}); err == nil || !strings.Contains(err.Error(), "start serve once") {
				t.Errorf("the reader takes an older file: %v", err)
			}
			l := open(t, dir, nil)
			l.Add(mail{5, "CANCEL", 1, 5, "", 1, "bob", "bob=550"}.record(2))
			l.Close()
			if got := summary(notNotified(t, dir, nine.Add(time.Hour))); len(got) != 1 || got[0] != "bob CANCEL 1 refused" {
				t.Errorf("%v", got)
			}
			if faults, err := reader(t, dir).Check(context.Background()); err != nil || len(faults) > 0 {
				t.Errorf("%v %v", faults, err)
			}
		})
	}
}

// What was learned of a domain moves to a table of its own with schema 8; what an
// administrator set stays.
func TestMigrationOfEvidence(t *testing.T) {
	texts, err := ledger.SchemaTexts()
	if err != nil {
		t.Fatal(err)
	}
	for have := 6; have < 8; have++ {
		dir := t.TempDir()
		for _, text := range texts[:have] {
			exec(t, dir, text)
		}
		exec(t, dir, "PRAGMA user_version = "+strconv.Itoa(have))
		exec(t, dir, `INSERT INTO receiver (domain, profile, evidence, seen, fixed, fixed_by, fixed_at) VALUES
  ('both.example', 'google', 'Google Calendar', 1772355600001, 'exchange', 'anna', 1772355600002),
  ('learned.example', 'domino', 'Lotus Notes', 1772355600003, NULL, NULL, NULL),
  ('nothing.example', '', '', NULL, NULL, NULL, NULL),
  ('set.example', NULL, NULL, NULL, 'utc', 'ben', 1772355600004)`)
		open(t, dir, nil).Close()
		db, err := sql.Open("sqlite", dir+"/"+ledger.FileName)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for query, want := range map[string]string{
			"SELECT group_concat(domain || ' ' || kind || ' ' || profile || ' ' || text || ' ' || seen, '; ') FROM (SELECT * FROM evidence ORDER BY domain)": "both.example program google Google Calendar 1772355600001; learned.example program domino Lotus Notes 1772355600003",
			"SELECT group_concat(domain || ' ' || fixed || ' ' || fixed_by || ' ' || fixed_at, '; ') FROM (SELECT * FROM receiver ORDER BY domain)":          "both.example exchange anna 1772355600002; set.example utc ben 1772355600004",
			"SELECT count(*) FROM pragma_table_info('receiver') WHERE name IN ('profile', 'evidence', 'seen')":                                               "0",
		} {
			var got string
			if err := db.QueryRow(query).Scan(&got); err != nil || got != want {
				t.Errorf("from %d: %q, want %q (%v)", have, got, want, err)
			}
		}
	}
}

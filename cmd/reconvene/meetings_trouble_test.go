//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A ledger that cannot be used holds no mail up, and the operator is told: by the
// log, by the metrics and by /readyz.
func TestLedgerTrouble(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(t *testing.T, dir string)
		says  string
	}{
		{"garbage", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "ledger.sqlite"), strings.Repeat("no database at all\n", 500))
		}, "not a database"},
		{"a folder in its place", func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "ledger.sqlite"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, "directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			tt.spoil(t, dir)
			next := newSink(t, nil)
			p := startServe(t, nil, "--config", serveConfig(t, "", next.addr, "[state]\ndirectory = \""+dir+"\"\n"))
			for range 3 {
				c := dial(t, p.addr("exchange"))
				if err := send(t, c, brokenUpdate); err != nil {
					t.Fatal(err)
				}
				if m := next.mail(t); !strings.Contains(m, "\r\nSEQUENCE:3\r\n") {
					t.Errorf("not repaired:\n%s", m)
				}
				c.Close()
			}
			if l := p.line(1, "msg=ledger-failed"); !strings.Contains(l, tt.says) {
				t.Error(l)
			}
			if _, body := p.get("/readyz"); !strings.Contains(body, "ledger") || !strings.Contains(body, "3 records wait") {
				t.Errorf("/readyz: %s", body)
			}
			if _, body := p.get("/metrics"); !strings.Contains(body, "reconvene_ledger_writable 0\n") || !strings.Contains(body, "reconvene_ledger_records_waiting 3\n") {
				t.Error("metrics do not say it")
			}
		})
	}
}

package cluster_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// A relay whose ledger stores addresses with another key, or in another form, is named once;
// one that does as we do is not.
func TestDiffers(t *testing.T) {
	nodes := startNATS(t, 1)
	var log smtptest.Buffer
	a := &member{dir: t.TempDir(), log: slog.NewTextHandler(&log, nil)}
	a.join(t, nodes)
	key, err := os.ReadFile(filepath.Join(a.dir, "ledger.key"))
	if err != nil {
		t.Fatal(err)
	}
	same, form, other := &member{dir: t.TempDir()}, &member{dir: t.TempDir(), addresses: "hashed"}, &member{dir: t.TempDir()}
	for _, m := range []*member{same, form} {
		if err := os.WriteFile(filepath.Join(m.dir, "ledger.key"), key, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	members := []*member{a, same, form, other}
	for i, m := range members {
		if i > 0 {
			m.join(t, nodes)
		}
		for n := range 2 {
			m.ledger.Add(record(t, string(rune('a'+i)), n))
		}
	}
	wantEqual(t, members, 2*len(members))
	for _, m := range members {
		m.leave()
	}
	for text, times := range map[string]int{"cluster-differs": 2, "relay=" + same.dir: 0, "relay=" + form.dir + ` why="[ledger] addresses`: 1, "relay=" + other.dir + ` why="ledger.key`: 1} {
		if n := strings.Count(log.String(), text); n != times {
			t.Errorf("%q is %d times in the log, not %d: %s", text, n, times, log.String())
		}
	}
}

package ledger_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/ledger"
)

// Records about one meeting leave the same ledger in one transaction as one by one, in any
// order.
func TestBatch(t *testing.T) {
	var list []string
	for i, m := range []mail{
		{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250"}, {0, "REQUEST", 0, 0, "", 1, "bob eve", "eve=250"},
		{2, "REQUEST", 1, 2, "", 2, "bob eve", "bob=250 eve=250"}, {1, "REQUEST", 1, 1, "", 3, "bob eve", "bob=550"},
		{3, "REQUEST", 1, 3, "20260302T090000Z", 4, "bob", "bob=250"}, {4, "CANCEL", 2, 4, "", 0, "bob", "bob=250"},
		{5, "REQUEST", 1, 2, "", 5, "bob eve", "eve=450"},
	} {
		r := m.record(i)
		if m.method == "REQUEST" {
			r.Components[0].Kept, r.Components[0].Language = fmt.Sprint("calendar ", i), "en"
		}
		list = append(list, strings.TrimSuffix(string(ledger.EncodeEntry(r)), "\n"))
	}
	for i, entry := range list { // of an entry, the record is what an export has
		_, record, _ := strings.Cut(entry, `"record":`)
		list[i] = strings.TrimSuffix(record, "}")
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		random.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
		single, together := t.TempDir(), t.TempDir()
		for _, line := range list {
			importText(t, single, line)
		}
		importText(t, together, strings.Join(list[:2], "\n"))
		importText(t, together, strings.Join(list[2:], "\n"))
		if got, want := dump(t, together), dump(t, single); got != want {
			t.Fatalf("%s\nin one transaction:\n%s\none by one:\n%s", strings.Join(list, "\n"), got, want)
		}
	}
}

func importText(t *testing.T, dir, text string) {
	t.Helper()
	if n, err := ledger.Import(context.Background(), dir, strings.NewReader(text), false, true); err != nil || n.Skipped > 0 {
		t.Fatalf("%+v %v", n, err)
	}
}

// dump returns what is stored of meetings.
func dump(t *testing.T, dir string) string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, ledger.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var text string
	err = db.QueryRow(`SELECT (SELECT group_concat(uid || last, '|') FROM meeting) || ' ' ||
  (SELECT group_concat(m.record || ':' || c.number || ':' || c.occurrence || ':' || u.uid, '|') FROM (SELECT * FROM message ORDER BY record) m JOIN component c ON c.message = m.id JOIN meeting u ON u.id = c.meeting) || ' ' ||
  (SELECT group_concat(k.occurrence || ':' || m.record || ':' || k.revision || ':' || k.dtstamp || ':' || k.text, '|') FROM kept k JOIN message m ON m.id = k.message)`).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

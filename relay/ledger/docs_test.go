package ledger_test

import (
	"database/sql"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/ledger"
)

// The page names each column of the schema but the keys between tables, or has a
// row for the whole table; and no column that the schema lacks.
func TestPageHasSchema(t *testing.T) {
	page, err := os.ReadFile("../../docs/ledger.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	open(t, dir, nil).Close()
	db, err := sql.Open("sqlite", dir+"/"+ledger.FileName)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, text, _ := strings.Cut(string(page), "| table, column |")
	text, _, _ = strings.Cut(text, "\n\n")
	named := map[string]bool{}
	for row := range strings.Lines(text) {
		table := ""
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(strings.Split(row+"|", "|")[1], -1) {
			name := m[1]
			if before, column, ok := strings.Cut(name, "."); ok {
				table, name = before, column
			}
			named[table+"."+name] = true
		}
	}
	rows, err := db.Query("SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	keys := map[string]bool{"id": true, "message": true, "meeting": true, "number": true}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		if !named[table+"."+column] && !keys[column] {
			t.Errorf("the page lacks %s.%s", table, column)
		}
		delete(named, table+"."+column)
	}
	for name := range named {
		t.Errorf("the schema has no %s", name)
	}
}

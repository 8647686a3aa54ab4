package ledger_test

import (
	"database/sql"
	"testing"

	"github.com/reconvene/reconvene/relay/ledger"
)

// exec changes the file behind the ledger's back.
func exec(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", dir+"/"+ledger.FileName+"?_pragma=busy_timeout(20000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

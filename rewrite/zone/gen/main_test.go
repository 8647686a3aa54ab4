package main

import (
	"bytes"
	"os"
	"testing"
)

// The committed tables are those that the TSV files make.
func TestTablesAreCurrent(t *testing.T) {
	want, err := tables(".")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../tables.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("tables.go is not what the TSV files make: run go generate ./rewrite/zone")
	}
}

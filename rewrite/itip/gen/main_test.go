package main

import (
	"bytes"
	"os"
	"testing"
)

// The committed table is the one that the TSV file makes.
func TestTableIsCurrent(t *testing.T) {
	tsv, err := os.ReadFile("restrictions.tsv")
	if err != nil {
		t.Fatal(err)
	}
	want, err := table(tsv)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../table.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("table.go is not what restrictions.tsv makes: run go generate ./rewrite/itip")
	}
}

func TestBrokenTableIsRefused(t *testing.T) {
	const head = "target\tmethod\tscope\tname\tkind\tmin\tmax\tpresence\trules\tsource\n"
	for _, row := range []string{
		"VEVENT\tADD",
		"VEVENT\tADD\tVEVENT\tUID\tproperty\tone\t1\t1\t\tRFC5546",
		"VEVENT\tADD\tVEVENT\tUID\tproperty\t1\tmany\t1\t\tRFC5546",
		"VEVENT\tADD\tVEVENT\tUID\tthing\t1\t1\t1\t\tRFC5546",
	} {
		if _, err := table([]byte(head + row)); err == nil {
			t.Errorf("%q was taken", row)
		}
	}
	if _, err := table([]byte("a\tb\n")); err == nil {
		t.Error("a file with other columns was taken")
	}
}

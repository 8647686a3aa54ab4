package zone_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/zone"
)

// Every zone that CLDR gives a Windows key has it, under its old name too.
func TestWindowsKey(t *testing.T) {
	text, err := os.ReadFile("gen/windows.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(strings.TrimSpace(line), "\t")
		for name := range strings.FieldsSeq(row[2]) {
			seen[name] = true
			for _, name := range []string{name, zone.Canonical(name), strings.ToUpper(name)} {
				if key, ok := zone.WindowsKey(name); !ok || key != row[0] {
					t.Errorf("WindowsKey(%q) = %q, %v, want %q", name, key, ok, row[0])
				}
			}
		}
	}
	if len(seen) < 440 {
		t.Errorf("%d zones in windows.tsv, which lacks the territories", len(seen))
	}
	for _, name := range []string{"", "Europe", "Antarctica/Troll", "W. Europe Standard Time"} {
		if key, ok := zone.WindowsKey(name); ok {
			t.Errorf("WindowsKey(%q) = %q, want none", name, key)
		}
	}
}

func TestSibling(t *testing.T) {
	for name, tc := range map[string]struct {
		rules, of string
		from, to  int
		want      string
	}{
		"another law":                       {"America/Ojinaga", "America/Chicago", 2015, 2015, "America/Ojinaga"},
		"its own law":                       {"America/Winnipeg", "America/Chicago", 2015, 2015, "America/Indiana/Knox"},
		"one that other zones share":        {"America/Denver", "America/Chicago", 2015, 2015, "America/Ojinaga"},
		"no longer":                         {"America/Denver", "America/Chicago", 2025, 2025, ""},
		"not for all of the span":           {"America/Denver", "America/Chicago", 2015, 2025, ""},
		"an old name":                       {"Asia/Almaty", "Asia/Ashkhabad", 2020, 2020, "Asia/Almaty"},
		"a zone that Windows does not know": {"Europe/Berlin", "Antarctica/Troll", 2020, 2020, ""},
		"too long":                          {"America/Ojinaga", "America/Chicago", 1901, 2020, ""},
	} {
		t.Run(name, func(t *testing.T) {
			from := time.Date(tc.from, 2, 1, 0, 0, 0, 0, time.UTC)
			to := time.Date(tc.to, 2, 2, 0, 0, 0, 0, time.UTC)
			got, ok := zone.Sibling(zone.Load(tc.rules), tc.of, from, to)
			if got != tc.want || ok != (tc.want != "") {
				t.Errorf("Sibling = %q, %v, want %q", got, ok, tc.want)
			}
		})
	}
}

// A zone that is found is in the territory's list and true to the rules.
func TestSiblingAgrees(t *testing.T) {
	from := time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)
	found := 0
	for _, name := range zone.Names() {
		for _, first := range zone.WindowsZones() {
			got, ok := zone.Sibling(zone.Load(name), first, from, from)
			if !ok {
				continue
			}
			found++
			a, _ := zone.WindowsKey(first)
			if b, _ := zone.WindowsKey(got); a != b || !zone.Agree(zone.Load(name), got, from, from.AddDate(1, 0, 0)) {
				t.Fatalf("Sibling(%s, %s) = %s: %s, %s", name, first, got, a, b)
			}
		}
	}
	if found < 100 {
		t.Errorf("%d found", found)
	}
}

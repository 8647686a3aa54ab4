package remedy

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/remedies.md anew")

// TestDocs compares docs/remedies.md with what All says; with -update it writes
// the page.
func TestDocs(t *testing.T) {
	page := filepath.Join("..", "..", "docs", "remedies.md")
	want := document()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.ReplaceAll(string(got), "\r\n", "\n"); text != want {
		t.Errorf("docs/remedies.md does not say what the code does; run: go test ./rewrite/remedy -run Docs -update\n%s", firstDifference([]byte(text), []byte(want)))
	}
}

const preface = `# Remedies

All remedies, in the order in which they run. This page is generated from the code by
` + "`go test ./rewrite/remedy -run Docs -update`" + `; ` + "`reconvene remedies ID`" + ` shows one entry on a terminal.

* **standard**: safe for every receiver.
* **profile**: for the named receivers only.
* **opt-in**: repaired only if ` + "`[rewrite] enable`" + ` in the configuration lists it, otherwise reported.
* **diagnosis**: reported in the log, never changed.

` + "`[rewrite] disable`" + ` in the configuration switches single remedies off. A repair may change only what is listed under
"may change". A guard compares each meeting before and after, and reverts a repair that changes more, or whose result a strict program refuses.

`

// document writes the page: a table to find one's way, then an entry each.
func document() string {
	var b strings.Builder
	b.WriteString(preface)
	b.WriteString("| remedy | status | what it does |\n|---|---|---|\n")
	for _, r := range All() {
		b.WriteString("| [" + r.ID + "](#" + strings.ToLower(r.ID) + ") | " + r.Status() + " | " + cell(r.Summary) + " |\n")
	}
	b.WriteString("\nKnown defects without a remedy are listed [at the end](#not-here), with the reason.\n")
	for _, r := range All() {
		b.WriteString("\n## " + r.ID + "\n\n" + r.Summary + "\n\n" + r.Why + "\n\n")
		b.WriteString("* status: " + r.Status() + "\n")
		if len(r.Profiles) > 0 {
			b.WriteString("* for: " + receivers(r) + "\n")
		}
		if names := r.Facets.Names(); len(names) > 0 {
			b.WriteString("* may change: " + strings.Join(names, ", ") + "\n")
		}
		b.WriteString("* source: " + r.Source + "\n")
	}
	b.WriteString(siblings)
	b.WriteString(notHere)
	for _, e := range allExcused() {
		b.WriteString("| " + e.ID + " | " + cell(e.Why) + " | " + strings.Join(e.See, ", ") + " |\n")
	}
	return b.String()
}

const notHere = `
## Not here

Known defects without a remedy of their own.

| defect | why | covered by |
|---|---|---|
`

// receivers names who gets a remedy.
func receivers(r *Remedy) string {
	names := func(list []Profile) string {
		var out []string
		for _, p := range list {
			out = append(out, string(p))
		}
		return strings.Join(out, ", ")
	}
	s := names(r.Profiles)
	if r.Includes(Standard) {
		s = "everyone"
	}
	if len(r.Except) > 0 {
		s += " except " + names(r.Except)
	}
	switch {
	case r.Way == OnlyIn:
		s += ", on the way in"
	case r.Way == OnlyOut:
		s += ", outbound"
	case r.Own != nil:
		s += "; inbound " + names(r.Own)
	}
	return s
}

// cell keeps a text inside of its table cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

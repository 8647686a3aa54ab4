package remedy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProfilePage compares the lists in docs/profiles.md with what All says;
// with -update it writes them.
func TestProfilePage(t *testing.T) {
	page := filepath.Join("..", "..", "docs", "profiles.md")
	octets, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(string(octets), "\r\n", "\n")
	want := got
	for _, p := range Profiles()[1:] {
		begin, end := "<!-- "+string(p)+" -->\n", "<!-- end -->\n"
		head, rest, found := strings.Cut(want, begin)
		_, tail, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Errorf("docs/profiles.md says nothing about %s: it needs the lines %q and %q", p, begin, end)
			continue
		}
		want = head + begin + profileList(p) + end + tail
	}
	if got == want {
		return
	}
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("docs/profiles.md does not say what the code does; run: go test ./rewrite/remedy -run ProfilePage -update\n%s", firstDifference([]byte(got), []byte(want)))
}

// profileList is what a profile has more and less than standard.
func profileList(p Profile) string {
	var more, less strings.Builder
	for _, r := range All() {
		entry := "| [" + r.ID + "](remedies.md#" + strings.ToLower(r.ID) + ") | " + cell(r.Summary)
		switch own := concerns(r, p); {
		case own && !r.Includes(Standard):
			more.WriteString(entry + " | " + condition(r, p) + " | " + cell(r.Source) + " |\n")
		case !own && r.Includes(Standard):
			less.WriteString(entry + " | " + cell(r.Source) + " |\n")
		}
	}
	if more.Len()+less.Len() == 0 {
		return "It gets what `standard` gets.\n"
	}
	var b strings.Builder
	if more.Len() > 0 {
		b.WriteString("Beyond `standard`:\n\n| remedy | what it does | when | source |\n|---|---|---|---|\n" + more.String())
	}
	if less.Len() > 0 {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString("From `standard` it does not get:\n\n| remedy | what it would do | source |\n|---|---|---|\n" + less.String())
	}
	return b.String()
}

// concerns reports whether mail for a profile gets the remedy in some direction.
func concerns(r *Remedy, p Profile) bool {
	if r.Includes(p) {
		return true
	}
	for _, own := range r.Own {
		if own == p && !r.Never {
			return true
		}
	}
	return false
}

// condition says when a profile gets a remedy.
func condition(r *Remedy, p Profile) string {
	var when []string
	switch {
	case r.Way == OnlyIn || !r.Includes(p):
		when = append(when, "inbound")
	case r.Way == OnlyOut:
		when = append(when, "outbound")
	}
	if r.OptIn {
		when = append(when, "if enabled")
	}
	if len(when) == 0 {
		return "always"
	}
	return strings.Join(when, ", ")
}

//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
)

// block is a fenced or indented block of a page.
type block struct {
	page, lang string
	line       int // of the page, from 1
	text       string
}

// blocks takes the code blocks out of a page in Markdown.
func blocks(page, text string) []block {
	var out []block
	var open *block
	fence, blank := "", true
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		indented := strings.HasPrefix(line, "    ")
		switch {
		case fence != "":
			if trimmed == fence {
				fence, open = "", nil
			} else {
				open.text += line + "\n"
			}
		case strings.HasPrefix(trimmed, "```"):
			out = append(out, block{page: page, lang: strings.TrimLeft(trimmed, "`"), line: i + 1})
			open, fence = &out[len(out)-1], "```"
		case indented && (open != nil || blank):
			if open == nil {
				out = append(out, block{page: page, line: i + 1})
				open = &out[len(out)-1]
			}
			open.text += trimmed + "\n"
		case trimmed != "":
			open = nil
		}
		blank = trimmed == ""
	}
	return out
}

// commandLine recognises a line that somebody would type.
var commandLine = regexp.MustCompile(`^(\$ |PS> |sudo |CGO_ENABLED=|\./|go (run|build|test|install|tool|vet) |` +
	`(reconvene|systemctl|journalctl|curl|grep|tail|cat|source|docs/benchmark/run|setcap|useradd|apt|apt-get|dpkg|dnf|rpm|docker|msiexec|logrotate|sc\.exe|cosign|sha256sum)(\.exe)?( |$))` +
	`|\| *reconvene |^(\$env:|(New|Set|Get|Start|Stop|Restart|Add|Remove)-[A-Z])`)

// synopsis recognises the form of a command: brackets, alternatives, words in
// capitals that stand for a value.
var synopsis = regexp.MustCompile(`\[|…|\| export|\b[A-Z]{2,}\b`)

// commands are the lines of a block that somebody would type; a backslash or, in
// PowerShell, a backtick at the end goes on in the next line.
func (b block) commands() []string {
	if b.lang == "toml" || b.lang == "json" {
		return nil
	}
	joined := strings.NewReplacer("\\\n", " ", "`\n", " ").Replace(b.text)
	var out []string
	for line := range strings.SplitSeq(joined, "\n") {
		line = strings.Join(strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "$ ")), " ")
		if commandLine.MatchString(line) {
			out = append(out, line)
		}
	}
	return out
}

func pages(t *testing.T) []block {
	t.Helper()
	var all []block
	for _, name := range pageNames(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, blocks(strings.TrimPrefix(filepath.ToSlash(name), "../../"), string(text))...)
	}
	return all
}

// TestPagesCommands runs every command of the README and the pages in a folder that
// has what they name, except those that notRun lists.
func TestPagesCommands(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh here")
	}
	dir := pagesFolder(t)
	ran, skipped := map[string]bool{}, map[string]bool{}
	for _, b := range pages(t) {
		for _, line := range b.commands() {
			line := regexp.MustCompile(` +#.*`).ReplaceAllString(line, "")
			if b.page == "docs/commands.md" && synopsis.MatchString(line) {
				continue // TestCommandsPage holds it against the flags
			}
			if pattern, reason := notRunBecause(line); reason != "" {
				skipped[pattern] = true
				continue
			}
			if ran[line] {
				continue
			}
			ran[line] = true
			t.Run(line, func(t *testing.T) {
				cmd := exec.Command(shell, "-c", shims+"\n"+asInstalled(line))
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "NO_COLOR=1")
				out, err := cmd.CombinedOutput()
				want := wantOf[line]
				if code := cmd.ProcessState.ExitCode(); code != want.code {
					t.Fatalf("%s:%d: exit status %d (%v), want %d\n%s", b.page, b.line, code, err, want.code, out)
				}
				if !strings.Contains(string(out), want.says) {
					t.Errorf("%s:%d: %q is not in\n%s", b.page, b.line, want.says, out)
				}
			})
		}
	}
	for pattern := range notRun {
		if !skipped[pattern] {
			t.Errorf("notRun lists %q, which no page has", pattern)
		}
	}
	for line := range wantOf {
		if !ran[line] {
			t.Errorf("wantOf lists %q, which no page has", line)
		}
	}
}

// asInstalled runs the program under test where a page builds it or writes a path.
func asInstalled(line string) string {
	line = strings.NewReplacer("go run ./cmd/reconvene ", "reconvene ", "./reconvene-new ", "reconvene ").Replace(line)
	return strings.ReplaceAll(line, "http://127.0.0.1:8025/", "$ADMIN/")
}

func notRunBecause(line string) (pattern, reason string) {
	for p, reason := range notRun {
		if line == p || strings.HasSuffix(p, "…") && strings.HasPrefix(line, strings.TrimSuffix(p, "…")) {
			return p, reason
		}
	}
	return "", ""
}

// TestPagesBuild holds the README's way to build against the one that is tried.
func TestPagesBuild(t *testing.T) {
	run, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^ *CGO_ENABLED=0 GOOS=\$os GOARCH=\$arch go build -trimpath -o \S+ \./cmd/reconvene$`).Match(run) {
		t.Error(".ci/run does not build as the README says")
	}
}

// TestPagesConfigurations loads each block in TOML; it need not be complete.
func TestPagesConfigurations(t *testing.T) {
	dir := pagesFolder(t)
	n := 0
	for _, b := range pages(t) {
		if b.lang != "toml" {
			continue
		}
		n++
		text := b.text
		if !strings.Contains(text, "[[route]]") {
			text += "\n[[route]]\nvia = [\"gateway.example.net:25\"]\n"
		}
		name := filepath.Join(dir, "block.toml")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if cfg, problems := config.Load(name, nil); cfg == nil {
			t.Errorf("%s:%d: %v", b.page, b.line, problems)
		}
	}
	if n < 4 {
		t.Errorf("%d blocks of TOML: are they still found?", n)
	}
}

// TestPagesLinks follows the links between the pages, headings included.
func TestPagesLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^):]*?)(?:#([^)]*))?\)`)
	headings := map[string]map[string]bool{}
	for _, page := range pageNames(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			target := page
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(page), m[1])
			}
			if headings[target] == nil {
				b, err := os.ReadFile(target)
				if err != nil {
					t.Errorf("%s: %s leads nowhere", page, m[0])
					continue
				}
				headings[target] = anchors(string(b))
			}
			if m[2] != "" && !headings[target][m[2]] {
				t.Errorf("%s: %s has no heading #%s", page, m[1], m[2])
			}
		}
	}
}

func pageNames(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../docs/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(append(names, more...), "../../README.md")
}

// anchors are the headings as a repository host makes them into fragments.
func anchors(text string) map[string]bool {
	out, other := map[string]bool{}, regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, m := range regexp.MustCompile(`(?m)^#{1,6} (.*)$`).FindAllStringSubmatch(text, -1) {
		name := strings.ToLower(strings.TrimSpace(m[1]))
		name = other.ReplaceAllString(name, "")
		out[strings.ReplaceAll(name, " ", "-")] = true
	}
	for _, m := range regexp.MustCompile(`<a (?:id|name)="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		out[m[1]] = true
	}
	return out
}

// TestPagesMetrics asks that each metric that a page names is described.
func TestPagesMetrics(t *testing.T) {
	known, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pageNames(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\breconvene_[a-z_]+`).FindAllString(string(text), -1) {
			if !strings.Contains(string(known), "| `"+name+"` |") {
				t.Errorf("%s: there is no metric %s", page, name)
			}
		}
	}
}

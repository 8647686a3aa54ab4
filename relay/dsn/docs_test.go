package dsn

import (
	"os"
	"strings"
	"testing"
)

// The examples of docs/bounces.md are what is written.
func TestBouncesPage(t *testing.T) {
	b, err := os.ReadFile("../../docs/bounces.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for name, part := range map[string]func(read) string{
		"01-failed-cancellation": func(r read) string { return r.Text },
		"03-several-recipients": func(r read) string {
			return strings.Join(r.Groups[0], "\n") + "\n\n" + strings.Join(r.Groups[1], "\n")
		},
	} {
		r := sample()
		golden[name](r)
		text, _ := written(t, r)
		example := strings.TrimSpace(strings.ReplaceAll(part(readStandard(t, text)), "\r\n", "\n"))
		if !strings.Contains(page, "\n```\n"+example+"\n```\n") {
			t.Errorf("%s is not on the page:\n%s", name, example)
		}
	}
}

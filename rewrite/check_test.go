package rewrite

import (
	"errors"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

func TestAcceptable(t *testing.T) {
	event := func(line string) string {
		return "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + line + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	tests := []struct {
		name, text string
		want       bool
	}{
		{"good", event("SUMMARY:x"), true},
		{"long value", event("SUMMARY:" + strings.Repeat("x", 100_000)), true},
		{"long value in folds", event("SUMMARY:" + strings.Repeat("\r\n x", 20_000)), true},
		{"long parameter", event("SUMMARY;X=" + strings.Repeat("x", 100_000) + ":x"), false},
		{"long parameter in folds", event("SUMMARY;X=" + strings.Repeat("\r\n x", 20_000) + ":x"), false},
		{"colon in quotes", event(`SUMMARY;X=":` + strings.Repeat("x", 100_000) + `":x`), false},
		{"deep", strings.Repeat("BEGIN:V\r\n", 100_000), false},
		{"panics inside", event("DTSTART;TZID=foo"), false},
		{"no end", "BEGIN:VCALENDAR\r\n", false},
		{"large", event("SUMMARY:" + strings.Repeat("x", acceptSize)), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := acceptable([]byte(tt.text)); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

const simple = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:one\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// TestLastCheck runs remedies that must not get past it.
func TestLastCheck(t *testing.T) {
	standard := []remedy.Profile{remedy.Standard}
	edit := func(facets remedy.Facet, run func(c *remedy.Case)) *remedy.Remedy {
		return &remedy.Remedy{ID: "test", Profiles: standard, Facets: facets, Run: func(c *remedy.Case) {
			if c.Found(remedy.Finding{}) {
				run(c)
			}
		}}
	}
	tests := []struct {
		name   string
		strict bool
		remedy *remedy.Remedy
		want   error
	}{
		{"fixpoint", false, edit(remedy.FacetSummary, func(c *remedy.Case) {
			c.Events()[0].First("SUMMARY").SetValue("two")
		}), nil},
		{"never ends", false, edit(remedy.FacetSummary, func(c *remedy.Case) {
			l := c.Events()[0].First("SUMMARY")
			l.SetValue(l.Value() + "+")
		}), ErrCheck},
		{"header that cannot be written", false, edit(0, func(c *remedy.Case) {
			c.Part.Charset = "a\nb"
		}), ErrCheck},
		{"refused by the other decoder", true, edit(^remedy.Facet(0), func(c *remedy.Case) {
			l := c.Events()[0].First("SUMMARY")
			if _, done := l.Param("X"); !done {
				l.SetName(`SUMMARY;X="a"b`) // quotes in the middle of a value
			}
		}), ErrCheck},
		{"panics", false, edit(0, func(c *remedy.Case) { panic("a bug") }), ErrPanic},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mail := "Content-Type: text/calendar; charset=utf-8\r\n\r\n" + simple
			res, err := rewriteWith(strings.NewReader(mail), Options{Strict: tt.strict}, []*remedy.Remedy{tt.remedy})
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if res.Changed() != (tt.want == nil) || tt.want != nil && len(res.Report.Skipped) != 1 {
				t.Errorf("changed %v, report %+v", res.Changed(), res.Report)
			}
			if tt.want != nil && res.Size() != int64(len(mail)) {
				t.Error("not the source")
			}
		})
	}
}

func TestMatchSender(t *testing.T) {
	tests := []struct {
		entry, address string
		want           bool
	}{
		{"a@example.com", "A@Example.com", true},
		{"a@example.com", "b@example.com", false},
		{"example.com", "b@EXAMPLE.com", true},
		{"@example.com", "b@example.com", true},
		{"example.com", "b@sub.example.com", false},
		{"*.example.com", "b@sub.example.com", true},
		{"*.example.com", "b@example.com", false},
		{"", "b@example.com", false},
		{"", "", false},
	}
	for _, tt := range tests {
		if got := matchSender(tt.entry, tt.address); got != tt.want {
			t.Errorf("%q for %q: %v", tt.entry, tt.address, got)
		}
	}
}

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

// TestLastCheck runs remedies that must not get past it: the source goes out,
// and the report says why and what was found.
func TestLastCheck(t *testing.T) {
	const mail = "Content-Type: text/calendar; charset=utf-8\r\n\r\n" + simple
	edit := func(id string, facets remedy.Facet, run func(c *remedy.Object)) *remedy.Remedy {
		return &remedy.Remedy{ID: id, Profiles: []remedy.Profile{remedy.Standard}, Facets: facets, Run: func(c *remedy.Object) {
			if c.Found(remedy.Finding{}) {
				run(c)
			}
		}}
	}
	good := setter("good", "SUMMARY", "two", remedy.FacetSummary)
	growing := edit("growing", remedy.FacetSummary, func(c *remedy.Object) {
		l := c.Events()[0].First("SUMMARY")
		l.SetValue(l.Value() + "+")
	})
	swap := func(id, from, to string) *remedy.Remedy {
		return edit(id, remedy.FacetSummary, func(c *remedy.Object) {
			if l := c.Events()[0].First("SUMMARY"); l.Value() == from {
				l.SetValue(to)
			}
		})
	}
	toggle := edit("toggle", remedy.FacetSummary, func(c *remedy.Object) {
		l := c.Events()[0].First("SUMMARY")
		l.SetValue(map[string]string{"one": "two", "two": "one"}[l.Value()])
	})
	charset := edit("charset", 0, func(c *remedy.Object) { c.Part.Charset = "a\nb" })
	quotes := edit("quotes", ^remedy.Facet(0), func(c *remedy.Object) {
		l := c.Events()[0].First("SUMMARY")
		if _, done := l.Param("X"); !done {
			l.SetName(`SUMMARY;X="a"b`) // quotes in the middle of a value
		}
	})
	panics := edit("panics", 0, func(c *remedy.Object) { panic("a bug") })
	tests := []struct {
		name, source string
		strict       bool
		table        []*remedy.Remedy
		want         error
		why          string
	}{
		{"fixpoint", mail, false, []*remedy.Remedy{good}, nil, ""},
		{"fixpoint, bare", simple, false, []*remedy.Remedy{good}, nil, ""},
		{"never ends", mail, false, []*remedy.Remedy{growing}, errCheck, "part 1 would be changed again by growing"},
		{"never ends, bare", simple, false, []*remedy.Remedy{growing}, errCheck, "message would be changed again by growing"},
		{"becomes stable in the second round", mail, false, []*remedy.Remedy{swap("on", "two", "three"), swap("there", "one", "two")}, nil, ""},
		{"becomes stable in the last round", mail, false, []*remedy.Remedy{swap("4", "four", "five"), swap("3", "three", "four"), swap("2", "two", "three"), swap("1", "one", "two")}, nil, ""},
		{"becomes stable too late", mail, false, []*remedy.Remedy{swap("5", "five", "six"), swap("4", "four", "five"), swap("3", "three", "four"), swap("2", "two", "three"), swap("1", "one", "two")}, errCheck, "would be changed again by 5"},
		{"there and back", mail, false, []*remedy.Remedy{toggle}, errCheck, "would be changed again by toggle"},
		{"header that cannot be written", mail, false, []*remedy.Remedy{charset}, errCheck, "header"},
		{"refused by the other decoder", mail, true, []*remedy.Remedy{quotes}, errCheck, "second decoder"},
		{"panics", mail, false, []*remedy.Remedy{panics}, ErrPanic, "a bug"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := rewriteWith(strings.NewReader(tt.source), Options{Strict: tt.strict}, newTable(tt.table))
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if res.Changed() != (tt.want == nil) {
				t.Errorf("changed %v", res.Changed())
			}
			if tt.want != nil {
				checkFailed(t, tt.source, res, tt.why)
			}
		})
	}
}

// checkFailed wants the source and a report that says so.
func checkFailed(t *testing.T, source string, res Result, why string) {
	t.Helper()
	var out strings.Builder
	if _, err := res.WriteTo(&out); err != nil || out.String() != source {
		t.Errorf("not the source: %q, %v", out.String(), err)
	}
	if s := res.Report.Skipped; len(s) != 1 || !strings.Contains(s[0].Why, why) {
		t.Errorf("skipped %+v, want %q", s, why)
	}
	if ids := res.Report.Applied(); len(ids) > 0 {
		t.Errorf("applied %v", ids)
	}
	for _, f := range res.Report.Findings() {
		if f.Applied {
			t.Errorf("applied: %+v", f)
		}
	}
	if len(res.Report.Meetings) != 1 && !strings.Contains(why, "bug") {
		t.Errorf("%d meetings in the report", len(res.Report.Meetings))
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

package ical

import (
	"slices"
	"testing"
)

// The words for how lines are written are there for those that are, and for
// those only.
func TestHoldsShapes(t *testing.T) {
	for _, tt := range []struct {
		line  string
		words []string
	}{
		{"SUMMARY:a", nil},
		{`ATTENDEE;CN="a, b: c";ROLE=CHAIR:mailto:a@x.example`, nil},
		{"RRULE:FREQ=DAILY", nil},
		{"DESCRIPTION:it is as long as it is, and then comes a=b", nil},
		{"no content line", []string{"?noname"}},
		{"https//a", []string{"?noname"}},
		{"X-CHILD_UID:1", []string{"?oddname"}},
		{"X.A:1", []string{"?oddname"}},
		{"Summary:a", []string{"?small"}},
		{"TO:bert@x.example", []string{"?torn"}},
		{"MAILTO:bert@x.example", []string{"?torn"}},
		{"CLASS:", []string{"?novalue"}},
		{"CLASS: PUBLIC", []string{"?novalue"}},
		{"CLASS:\u00a0", []string{"?novalue"}},
		{"HTTPS://x.example", []string{"?slashes"}},
		{"TRIGGER:VALUE=DATE-TIME:20260610T075000Z", []string{"?equals"}},
		{"DTSTART;DATE:20260610", []string{"?bare", "?untidy"}},
		{"DTSTART;VALUE=DATE;X:20260610", []string{"?bare", "?untidy"}},
		{"A;:1", []string{"?bare", "?blank", "?untidy"}},
		{"A;;B=1:1", []string{"?bare", "?blank", "?untidy"}},
		{"A; B=1:1", []string{"?blank"}},
		{"A;B=:1", []string{"?blank", "?empty"}},
		{"A;B=;C=1:1", []string{"?blank", "?empty"}},
		{`A;B="":1`, []string{"?empty"}},
		{`A;B=" ":1`, []string{"?empty"}},
		{`A;B="é":1`, []string{"?empty"}},
		{"A;B=,1:1", []string{"?empty", "?untidy"}},
		{"A;B=1,2:1", []string{"?untidy"}},
		{`A;B=1"2":1`, []string{"?untidy"}},
		{`A;B="1"2:1`, []string{"?untidy"}},
		{"A;B=é:1", []string{"?empty", "?untidy"}},
		{"A;B=x\x01:1", []string{"?untidy"}},
		{"A;SENT-BY=a@x.example:1", []string{"?address"}},
		{"A;a@x.example:1", []string{"?address", "?bare", "?untidy"}},
		{`A;B="a%41":1`, []string{"?address"}},
		{"A;B=16010101T000000Z:1", []string{"?1601"}},
		{`A;B="16010101T000000Z":1`, []string{"?1601"}},
		{"A;B=216010101:1", nil},
		{"CREATED:16010101T000000Z", []string{"?1601"}},
		{"DTSTART:16010101T000000", nil},
	} {
		d, err := Parse([]byte("BEGIN:VCALENDAR\r\n"+tt.line+"\r\nEND:VCALENDAR\r\n"), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for word := range shapeWords {
			if want := slices.Contains(tt.words, word); d.Holds(WordOf(word)) != want {
				t.Errorf("%q: %s is not %v", tt.line, word, want)
			}
		}
	}
}

// A line that is changed or added later counts too.
func TestHoldsShapesOfChanges(t *testing.T) {
	d, err := Parse([]byte("BEGIN:VCALENDAR\r\nA:1\r\nEND:VCALENDAR\r\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Holds(WordOf("?equals")) || d.Holds(WordOf("?blank")) {
		t.Error("they are not there yet")
	}
	d.Calendar().First("A").SetValue("B=1")
	d.Calendar().Add(NewLine("C", "1", Param{Name: "D", Values: []string{""}}))
	d.Reindex()
	if !d.Holds(WordOf("?equals")) || !d.Holds(WordOf("?blank")) {
		t.Error("they are there")
	}
}

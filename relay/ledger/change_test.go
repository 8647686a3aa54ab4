package ledger

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// FuzzDecodeChange: what another relay tells is refused, or becomes a change that is the
// same when it is told on.
func FuzzDecodeChange(f *testing.F) {
	record := `{"id":"r-1","time":"2027-03-01T09:00:00Z","direction":"inbound","components":[{"uid":"1","seq":0,"seq_sent":1}],"recipients":[{"attendee":"b@partner.example","verdict":"delivered"}]}`
	for _, s := range []string{
		`{"id":"r-1","record":` + record + `}`,
		`{"id":"r-1","record":` + record + `,"evidence":[{"domain":"partner.example","kind":"greeting","profile":"domino","text":"x","seen":"2027-03-01T09:00:00Z"}]}`,
		`{"id":"r-2-returned","returned":{"at":"2027-03-01T09:00:00Z","msgid":"<1@example.com>","uids":["1"],"failed":[{"spellings":["b@partner.example"],"words":"5.1.1"}]}}`,
		`{"id":"x"}`, `{"id":"x","returned":{"failed":[]}}`, `{"id":"x","record":{"id":"","components":[]}}`, `[]`, ``, `{"record":{"id":"r","time":"2027-03-01T09:00:00Z","components":null}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := DecodeChange(text)
		if err != nil {
			return
		}
		if c.Record == nil && c.bounce() == nil || c.Record != nil && len(c.Record.Components) == 0 {
			t.Fatalf("%s became %+v", text, c)
		}
		once, err := c.Encode()
		if err != nil {
			return // too large
		}
		again, err := DecodeChange(once)
		if err != nil {
			t.Fatalf("%s cannot be read again: %v", once, err)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s became %s, %v", once, twice, err)
		}
	})
}

// A record that is too large goes without its calendar, and one that is too large without
// that does not go.
func TestLargeChange(t *testing.T) {
	r := &Record{ID: "r-1", Components: []Component{{UID: "1", Kept: strings.Repeat("x", maxChange)}}}
	text, err := (&Change{ID: r.ID, Record: r}).Encode()
	if err != nil || len(text) > 1000 {
		t.Errorf("%d octets, %v", len(text), err)
	}
	r.Components[0].Summary = strings.Repeat("x", maxChange)
	if _, err := (&Change{ID: r.ID, Record: r}).Encode(); err == nil {
		t.Error("it goes")
	}
	if _, err := DecodeChange([]byte(`{"id":"` + strings.Repeat("x", maxChange+2000) + `"}`)); err == nil {
		t.Error("it comes")
	}
	var v any
	if json.Unmarshal(text, &v) != nil {
		t.Error("no JSON")
	}
}

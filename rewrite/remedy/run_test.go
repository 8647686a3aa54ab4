package remedy

import (
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// run does one remedy on a calendar with everything allowed and returns the
// text that comes out and what was found. The receiver is Standard, or the
// first profile of a remedy that Standard does not get. The options change the
// Object after it has been parsed.
//
// It fails the test when a second run over the result changes anything: every
// remedy is idempotent.
func run(t *testing.T, id, in string, opts ...func(*Object)) (out string, findings []Finding) {
	t.Helper()
	r := Find(id)
	if r == nil {
		t.Fatalf("no remedy %q in All", id)
	}
	c := newCase(t, r, in)
	for _, opt := range opts {
		opt(c)
	}
	c.Do(r)
	out = text(c)

	again := newCase(t, r, out)
	again.Mail, again.Part, again.Profile, again.Direction, again.Now, again.Allow, again.Memory = c.Mail, c.Part, c.Profile, c.Direction, c.Now, c.Allow, c.Memory
	again.Do(r)
	if twice := text(again); twice != out || again.Part != c.Part {
		t.Errorf("%s is not idempotent\nonce:  %q %+v\ntwice: %q %+v", id, out, c.Part, twice, again.Part)
	}
	for _, f := range again.Findings() {
		if f.Applied {
			t.Errorf("%s applied again on its own result: %+v", id, f)
		}
	}
	return out, c.Findings()
}

func newCase(t *testing.T, r *Remedy, in string) *Object {
	t.Helper()
	c := &Object{
		Octets:  []byte(in),
		Profile: Standard,
		Now:     time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		Allow:   func(*Remedy) bool { return true },
	}
	if !r.Includes(Standard) && len(r.Profiles) > 0 {
		c.Profile = r.Profiles[0]
	}
	if r.Stage == Octets {
		return c
	}
	doc, err := ical.Parse(c.Octets, ical.Limits{})
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	c.Doc = doc
	if cals := doc.Calendars(); len(cals) > 0 {
		c.Cal = cals[0]
	}
	c.ResetZones()
	return c
}

func text(c *Object) string {
	if c.Doc == nil {
		return string(c.Octets)
	}
	return string(c.Doc.Bytes())
}

// calendar returns a VCALENDAR around the given lines, with CRLF.
func calendar(lines ...string) string {
	all := append([]string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//Test//EN"}, lines...)
	return crlf(append(all, "END:VCALENDAR")...)
}

// event returns a VCALENDAR with METHOD:REQUEST and one VEVENT that holds the
// given lines, with CRLF.
func event(lines ...string) string {
	all := append([]string{"METHOD:REQUEST", "BEGIN:VEVENT"}, lines...)
	return calendar(append(all, "END:VEVENT")...)
}

// crlf ends each line in CRLF.
func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

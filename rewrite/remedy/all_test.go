package remedy

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

func TestAllAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All() {
		t.Run(r.ID, func(t *testing.T) {
			if seen[r.ID] {
				t.Error("listed twice")
			}
			seen[r.ID] = true
			if r.Run == nil {
				t.Error("no Run")
			}
			for name, text := range map[string]string{"ID": r.ID, "Summary": r.Summary, "Why": r.Why, "Source": r.Source} {
				if text == "" || text != strings.TrimSpace(text) || strings.ContainsAny(text, "\r\n\t") {
					t.Errorf("%s %q: empty, or not one clean line", name, text)
				}
			}
			if strings.HasSuffix(r.Summary, ".") || !strings.HasSuffix(r.Why, ".") {
				t.Error("Summary is a phrase without a full stop, Why is sentences with one")
			}
			if r.Never != (len(r.Profiles) == 0) {
				t.Errorf("Never %v with profiles %v: a diagnosis has none, a repair has some", r.Never, r.Profiles)
			}
			if r.Never && r.OptIn {
				t.Error("a diagnosis changes nothing that could be enabled")
			}
			if r.Never && r.Facets != 0 {
				t.Error("a diagnosis changes nothing")
			}
			for _, p := range append(slices.Clone(r.Profiles), r.Except...) {
				if !slices.Contains(Profiles(), p) {
					t.Errorf("unknown profile %q", p)
				}
			}
			if slices.Contains(r.Except, Standard) {
				t.Error("Standard cannot be excepted: leave it out of Profiles")
			}
			if Find(r.ID) == nil {
				t.Error("Find does not find it")
			}
		})
	}
	if Find("no-such-remedy") != nil {
		t.Error("Find finds what is not there")
	}
}

// TestStagesFollow checks that All lists the stages one after the other, which
// is the order in which they run.
func TestStagesFollow(t *testing.T) {
	last := Octets
	order := map[Stage]int{Octets: 0, Calendar: 1, Part: 2, Structure: 3}
	for _, r := range All() {
		if order[r.Stage] < order[last] {
			t.Errorf("%s comes too late: its stage has passed", r.ID)
		}
		last = r.Stage
	}
}

// TestCorpus runs all remedies of each profile over calendars of the real
// world: none panics, each is idempotent on its own result, and all of them
// together are.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the whole corpus")
	}
	files := corpus(t)
	for _, p := range Profiles() {
		t.Run(string(p), func(t *testing.T) {
			applied := 0
			for name, text := range files {
				once, n, err := repair(t, name, text, p)
				if err != nil {
					continue // beyond the limits, or cut off: forwarded as it came
				}
				applied += n
				twice, n, err := repair(t, name, once, p)
				if err != nil || n > 0 || !bytes.Equal(once, twice) {
					t.Errorf("%s: %d repairs of what was repaired (%v)\n%s", name, n, err, firstDifference(once, twice))
				}
			}
			if applied == 0 {
				t.Error("nothing was repaired in the whole corpus")
			}
		})
	}
}

// FuzzAll does to invented calendars what TestCorpus does to real ones, but
// that they may take some rounds.
func FuzzAll(f *testing.F) {
	for _, lines := range [][]string{
		{"UID: " + goidDated, "RECURRENCE-ID:20260302T000000Z", "SEQUENCE:-1", "X-MICROSOFT-CDO-APPT-SEQUENCE:3"},
		{"UID:" + goidLower, "ORGANIZER;CN=:MAILTO:/o=Org/cn=a", "ATTENDEE;CN=Müller, A: B; C;ROLE=;SENT-BY=mailto:b@x.example:MAILTO:'a%2Bb@x.example'"},
		{"ORGANIZER:", "ATTENDEE:invalid:nomail", jane, "X-MICROSOFT-CDO-REPLYTIME:16010101T000000Z", "BEGIN:VALARM", "END:VALARM", "CLASS:"},
		{"DTSTART;TZID=\"W. Europe Standard Time\":20260302T090000", "RRULE:FREQ=WEEKLY;BYDAY=MO, TU;UNTIL=20260401", "EXDATE:20260309T080000Z,20260316T080000Z"},
	} {
		f.Add([]byte(event(lines...)), uint8(0))
		f.Add([]byte(eventOf("CANCEL", lines...)), uint8(1))
		f.Add([]byte(eventOf("REPLY", lines...)), uint8(5))
	}
	f.Add([]byte("BEGIN:VEVENT\nUID:1\nEND:VEVENT"), uint8(0))
	f.Add([]byte(calendar(exampleSeries()...)), uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, n uint8) {
		p := Profiles()[int(n)%len(Profiles())]
		checkRest(t, text, p)
	})
}

// rounds is how often package rewrite repairs a result once more.
const rounds = 4

// checkRest repairs a text until nothing changes any more.
func checkRest(t *testing.T, text []byte, p Profile) {
	before, applied := text, 0
	for range rounds {
		after, n, err := repair(t, "fuzz", before, p)
		if err != nil {
			return
		}
		if applied = n; applied == 0 && bytes.Equal(before, after) {
			return
		}
		text, before = before, after
	}
	t.Errorf("%s: still %d repairs in round %d\n%s", p, applied, rounds, firstDifference(text, before))
}

func exampleSeries() []string {
	return []string{"METHOD:REQUEST", "BEGIN:VEVENT", "UID:" + goid, "RRULE:FREQ=DAILY", boss, jane, "SEQUENCE:2", "END:VEVENT",
		"BEGIN:VEVENT", "UID:" + goidDated, "RECURRENCE-ID:20260302T080000Z", "END:VEVENT", "BEGIN:VEVENT", "UID:" + goidLower, "END:VEVENT"}
}

var errIncomplete = errors.New("the calendar may have been cut off")

// repair runs all remedies and says how many findings were applied. Like
// package rewrite it gives up where nobody knows what the calendar lacks.
func repair(t *testing.T, name string, text []byte, p Profile) (out []byte, applied int, err error) {
	c := corpusCase(text, p)
	for _, r := range All() {
		if r.Stage != Octets && c.Doc == nil {
			if err := parseCase(c); err != nil {
				return nil, 0, err
			}
		}
		before := countApplied(c)
		c.Do(r)
		if countApplied(c) > before {
			checkIdempotent(t, name, r, c)
		}
	}
	for _, f := range c.Findings() {
		if f.ID == "end-missing" && f.Note != "" {
			return nil, 0, errIncomplete
		}
	}
	return c.Doc.Bytes(), countApplied(c), nil
}

// checkIdempotent runs a remedy again on the text that it left.
func checkIdempotent(t *testing.T, name string, r *Remedy, c *Object) {
	left := c.Octets
	if c.Doc != nil {
		left = c.Doc.Bytes()
	}
	again := corpusCase(left, c.Profile)
	again.Part = c.Part
	if r.Stage != Octets {
		if err := parseCase(again); err != nil {
			t.Errorf("%s: %s left what cannot be parsed: %v", name, r.ID, err)
			return
		}
	}
	again.Do(r)
	if n := countApplied(again); n > 0 {
		t.Errorf("%s: %s applied again: %+v", name, r.ID, again.Findings()[0])
	}
}

func corpusCase(text []byte, p Profile) *Object {
	return &Object{
		Octets:  bytes.Clone(text),
		Profile: p,
		Now:     time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		Allow:   func(r *Remedy) bool { return r.Includes(p) },
		Part:    PartHeader{Bare: true},
		Mail:    Mail{From: addresses("boss@x.example"), To: addresses("jane@y.example")},
	}
}

func parseCase(c *Object) error {
	doc, err := ical.Parse(c.Octets, ical.Limits{})
	if err != nil {
		return err
	}
	c.Doc = doc
	if cals := doc.Calendars(); len(cals) > 0 {
		c.Cal = cals[0]
	}
	c.ResetZones()
	return nil
}

func countApplied(c *Object) int {
	n := 0
	for _, f := range c.Findings() {
		if f.Applied {
			n++
		}
	}
	return n
}

func firstDifference(a, b []byte) string {
	as, bs := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return "once:  " + as[i] + "\ntwice: " + bs[i]
		}
	}
	return "one is longer"
}

// corpus reads the calendars beside the project.
func corpus(t *testing.T) map[string][]byte {
	root := filepath.Join(shared(t), "corpus", "ics")
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, root)] = text
		return err
	})
	if err != nil || len(files) == 0 {
		t.Skipf("no corpus: %v", err)
	}
	return files
}

// shared returns the directory of test material beside the project.
func shared(t *testing.T) string {
	dir, ok := findShared(t)
	if !ok {
		t.Skip("no test material beside the project")
	}
	return dir
}

func findShared(t *testing.T) (string, bool) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
		dir = filepath.Dir(dir)
	}
	out := filepath.Join(filepath.Dir(dir), "shared")
	_, err = os.Stat(out)
	return out, err == nil
}

// A calendar that needs nothing costs nothing but looking.
func BenchmarkAllOnSoundCalendar(b *testing.B) {
	remedies := All()
	c := soundCase(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range remedies {
			if r.Stage == Calendar {
				c.Do(r)
			}
		}
	}
	if len(c.Findings()) > 0 {
		b.Fatalf("found %+v", c.Findings()[0])
	}
}

// perRemedy are the allocations that a remedy may make on a sound calendar: for
// a closure, not for a list.
const perRemedy = 2

func TestSoundCalendarCostsNoMemory(t *testing.T) {
	c := soundCase(t)
	for _, r := range All() {
		if r.Stage != Calendar {
			continue
		}
		if n := testing.AllocsPerRun(10, func() { c.Do(r) }); n > perRemedy {
			t.Errorf("%s allocates %v times where nothing is wrong", r.ID, n)
		}
	}
	if len(c.Findings()) > 0 {
		t.Errorf("found %+v in a sound calendar", c.Findings())
	}
}

func soundCase(t testing.TB) *Object {
	people := []string{`ORGANIZER;CN="Boss, The":mailto:boss@x.example`}
	for c := 'a'; c < 'a'+20; c++ {
		people = append(people, "ATTENDEE;CN=Jane;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:jan"+string(c)+"@y.example")
	}
	c := corpusCase([]byte(event(append(people,
		"UID:20260301-1@x.example", "DTSTAMP:20260301T080000Z", "DTSTART:20260302T080000Z", "DTEND:20260302T090000Z",
		"SUMMARY:Budget", "DESCRIPTION:"+strings.Repeat(`line\n`, 10), "SEQUENCE:1", "STATUS:CONFIRMED", "TRANSP:OPAQUE", "CLASS:PUBLIC",
		"BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:DISPLAY", "DESCRIPTION:Reminder", "END:VALARM")...)), Standard)
	if err := parseCase(c); err != nil {
		t.Fatal(err)
	}
	return c
}

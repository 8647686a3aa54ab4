package remedy

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestLooksAreSound runs all remedies on every calendar of the corpus, of the
// golden mails and of the tests' own, once with what they say they look for and
// once without: a remedy that would have found something must not be passed
// over.
func TestLooksAreSound(t *testing.T) {
	texts := seeds(t)
	if !testing.Short() {
		for name, text := range corpus(t) {
			texts[name] = text
		}
	}
	profiles := Profiles()
	n := 0
	for _, name := range sortedKeys(texts) {
		checkLooks(t, name, texts[name], profiles[n%len(profiles)])
		n++
	}
}

// FuzzLooks does the same with invented calendars.
func FuzzLooks(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text, uint8(0))
	}
	f.Fuzz(func(t *testing.T, text []byte, n uint8) {
		checkLooks(t, "fuzz", text, Profiles()[int(n)%len(Profiles())])
	})
}

func checkLooks(t *testing.T, name string, text []byte, p Profile) {
	t.Helper()
	looking, always, blind := corpusCase(text, p), corpusCase(text, p), list()
	for i, r := range All() {
		if r.Stage != Octets && looking.Doc == nil {
			if parseCase(looking) != nil || parseCase(always) != nil {
				return
			}
		}
		looking.Do(r)
		always.Do(blind[i])
		if a, b := looking.Findings(), always.Findings(); !slices.Equal(a, b) {
			t.Fatalf("%s for %s: %s is passed over although it finds %+v", name, p, r.ID, b[len(b)-1])
		}
	}
	if looking.Part != always.Part || !bytes.Equal(looking.Doc.Bytes(), always.Doc.Bytes()) {
		t.Errorf("%s for %s: another result", name, p)
	}
}

// seeds are calendars that need no corpus.
func seeds(t testing.TB) map[string][]byte {
	texts := map[string][]byte{
		"series": []byte(calendar(exampleSeries()...)),
		"blanks": []byte(event("ATTENDEE; TZID =x;\tCN\t=y:mailto:a@x.example", "ATTENDEE;\u00a0X-REPLYTIME=1:mailto:a@x.example")),
		"quotes": []byte(event(`ATTENDEE;CN="a;X-REPLYTIME=1":mailto:a@x.example`, `ATTENDEE;CN=a":mailto:%41@x.example`)),
		"heads": []byte(event("ATTENDEE;ROLE=;CN= :mailto:a@x.example", "ATTENDEE;:mailto:b@x.example", "DTSTART;DATE:20260302", "X-CHILD_UID:1", "X-A/B:1",
			"Location:a", "https://x.example", "DESCRIPTION:a", "b", "TRIGGER:VALUE=DATE-TIME:20260610T075000Z", "DTSTART;20260302T140000Z",
			"ATTENDEE;X-A=16010101T000000Z:mailto:c@x.example", "ATTENDEE;CN=Doe, Jane:mailto:d@x.example", "ATTENDEE;mailto:e@x.example")),
		"folded":  []byte(event("SUMMARY:a", "  BEGIN:VALARM", "RDATE:20260302T140000Z,", "20260303T140000Z")),
		"small":   []byte("begin:vcalendar\r\nmethod: cancel\r\nbegin:vevent\r\nrecurrence-id:20260302\r\nbegin:valarm\r\nend:valarm\r\nend:vevent\r\nend:vcalendar\r\n"),
		"letters": []byte("BEGIN:VCALENDAR\r\nMETHOD:CAN\u212aCEL\r\nBEGIN:VEVENT\r\nX-LOTUS-\u00e9:1\r\nX-LOTUS:1\r\nX--A:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
	}
	golden, err := filepath.Glob("../../testdata/meetings/*/in.*")
	if err != nil || len(golden) == 0 {
		t.Fatalf("%d golden mails, %v", len(golden), err)
	}
	for _, path := range golden {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if at := bytes.Index(data, []byte("BEGIN:VCALENDAR")); at > 0 {
			data = data[at:]
		}
		texts[path] = data
	}
	return texts
}

func sortedKeys(m map[string][]byte) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

package remedy

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// catalogueFile lists the IDs of the defect catalogue, a section letter and an
// ID a line. With the catalogue beside the project,
// "go test ./rewrite/remedy -run Catalogue -update" writes it anew.
const catalogueFile = "testdata/catalogue.txt"

// notInCatalogue are IDs that the catalogue of defects does not know, and why
// they exist.
func notInCatalogue() map[string]string {
	return map[string]string{
		"begin-end":             "seen with go-ical, which overlooks an END line with a blank behind it",
		"junk-line":             "a diagnosis: seen with go-ical, which refuses the calendar",
		"colon-on-next-line":    "a request of Exchange 2000 in the corpus, which five libraries refuse",
		"todo-priority-missing": "the tables of RFC 5546, which libical checks: a task needs one",
		"text-lines":            "a series of Exchange 2010 in the corpus, which six libraries refuse",

		"value-form":          "a diagnosis: what the table of RFC 5545 value types finds and no remedy repairs",
		"exdate-type":         "the sibling of rid-type for EXDATE, from a field report",
		"exdate-midnight":     "the sibling of rid-midnight for EXDATE",
		"rdate-type":          "the sibling of rid-type for RDATE",
		"rdate-floating":      "the sibling of exdate-floating for RDATE",
		"rdate-zone":          "the sibling of exdate-zone for RDATE",
		"rid-floating":        "the sibling of exdate-floating for RECURRENCE-ID, from a field report",
		"zulu-like-start":     "dates in UTC of a series in no zone, from a field report",
		"exception-rrule":     "the sibling of cancel-rrule for everything but a cancellation, from a field report",
		"exception-cancelled": "a cancelled occurrence inside an invitation, from a field report",
		"series-twice":        "the sibling of rid-duplicate for the series itself",
		"tz-behind":           "measured with npm-icalendar, which refuses a zone behind the meeting",
		"indented-lines":      "BEGIN folded into the line before it, from a field report",
		"broken-line":         "the sibling of colon-on-next-line for the other signs, and for identities and addresses",
		"fold-nbsp":           "folds whose blank became a no-break space, from a field report",
		"base64-lines":        "the lines of a value in base64, as vCalendar 1.0 writes them",
		"qp-property":         "ENCODING=QUOTED-PRINTABLE inside a property, from a field report",
		"param-behind-colon":  "a colon in front of a parameter, from a field report",
		"colon-missing":       "the mirror case of param-behind-colon",
		"vcalendar-1":         "a part of vCalendar 1.0, from a field report",
		"param-bare":          "DTSTART;DATE and ATTENDEE;ACCEPTED, as vCalendar 1.0 writes them",
		"name-odd":            "X-LOTUS-CHILD_UID, which two of seven receivers refuse",
		"cte-long-line":       "base64 in one line, from a field report: long-line looks at the decoded calendar",
		"publish-invites":     "the sibling of request-cancelled: a publication that asks for an answer",
		"duration-form":       "a field report: Microsoft 365 writes TRIGGER:P, which Nextcloud cannot open",
		"trigger-type":        "the table of value types: a TRIGGER whose VALUE does not say what it is",
		"datetime-form":       "a field report: dates with ISO separators, which a mail program shows as invalid",
		"stamp-utc":           "a field report: stamps in local time, for which Google ignores an update",
		"offset-form":         "a field report: an offset without its sign, which Google refuses",
		"word-form":           "a field report: PARTSTAT=Accepted, for which Outlook keeps asking",
		"vcal-expect":         "the table of parameters: EXPECT of vCalendar in attendees of old programs",
		"rrule-form":          "a field report: BYDAY=0MO in a weekly rule of an Outlook add-in",
		"address-form":        "a field report: a blank or a name inside of a mailto URI",
		"attendee-twice":      "the table of RFC 5546: a person who is on the list twice",

		"tz-windows-number":  "a field report: Exchange Online puts a number behind the name of a zone",
		"tz-prefix":          "vendors' paths in front of an IANA name, in the corpus and in field reports",
		"tz-offset-name":     "a field report: a zone that is named by its offset",
		"rrule-daily-byday":  "the templates of MS-OXCICAL: a daily pattern has no weekdays",
		"rrule-day-or-last":  "how a series of Outlook on the 30th is said to Exchange",
		"rdate-behind-until": "a field report: Google hides further dates behind the end of the rule",
		"rrule-last-day":     "days that Exchange takes for the last one of the month",
		"tz-empty":           "a field report: a VTIMEZONE with nothing but its name",
		"tz-half":            "a sibling of tz-empty: STANDARD without its DAYLIGHT",
		"tz-swapped":         "a sibling of tz-empty: the offsets of STANDARD and DAYLIGHT exchanged",
		"tz-absurd":          "a sibling of tz-empty: offsets that no zone has",

		"end-missing": "a calendar that was cut off: the catalogue only knows junk behind the end",
	}
}

// TestCatalogue asks that every known defect is a remedy, a diagnosis or
// excused, and only one of these; and that each of these is a known defect.
func TestCatalogue(t *testing.T) {
	known := map[string]bool{}
	excused := map[string]bool{}
	for _, e := range allExcused() {
		if excused[e.ID] {
			t.Errorf("%s is excused twice", e.ID)
		}
		excused[e.ID] = true
	}
	for _, line := range catalogue(t) {
		_, id, _ := strings.Cut(line, " ")
		known[id] = true
		switch answered := Find(id) != nil; {
		case answered && excused[id]:
			t.Errorf("%s is a remedy and excused", id)
		case !answered && !excused[id]:
			t.Errorf("%s is neither a remedy nor excused", id)
		}
	}
	invented := notInCatalogue()
	for _, r := range All() {
		if _, ok := invented[r.ID]; known[r.ID] == ok {
			t.Errorf("%s: in the catalogue %v, listed as not there %v", r.ID, known[r.ID], ok)
		}
	}
	for id := range invented {
		if Find(id) == nil {
			t.Errorf("%s is listed but does not exist", id)
		}
	}
	for _, e := range allExcused() {
		checkExcused(t, e, known)
	}
}

func checkExcused(t *testing.T, e Excused, known map[string]bool) {
	if !known[e.ID] {
		t.Errorf("%s is excused but not in the catalogue", e.ID)
	}
	if strings.TrimSpace(e.Why) != e.Why || !strings.HasSuffix(e.Why, ".") || strings.ContainsAny(e.Why, "\r\n\t") {
		t.Errorf("%s: %q is not a reason in one clean line of sentences", e.ID, e.Why)
	}
	for _, id := range e.See {
		if !known[id] || id == e.ID {
			t.Errorf("%s points at %q, which is nothing else in the catalogue", e.ID, id)
		}
	}
}

// catalogue returns the lines of catalogueFile. Where the catalogue itself is
// at hand it must say the same.
func catalogue(t *testing.T) []string {
	if text, ok := originalCatalogue(t); ok {
		want := []byte(strings.Join(text, "\n") + "\n")
		if *update {
			if err := os.WriteFile(catalogueFile, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(catalogueFile); err != nil || !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
			t.Errorf("%s is not what the catalogue says (%v); run: go test ./rewrite/remedy -run Catalogue -update", catalogueFile, err)
		}
		return text
	}
	text, err := os.ReadFile(catalogueFile)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")), "\n")
}

// originalCatalogue reads the tables A to J of the defect catalogue.
func originalCatalogue(t *testing.T) (lines []string, ok bool) {
	dir, found := findShared(t)
	if !found {
		return nil, false
	}
	text, err := os.ReadFile(filepath.Join(dir, "knowledge", "defects.md"))
	if err != nil {
		return nil, false
	}
	heading := regexp.MustCompile(`^## ([A-J])\. `)
	row := regexp.MustCompile(`^\| ([A-Za-z0-9-]*[A-Za-z0-9][A-Za-z0-9-]*) \|`)
	section := ""
	for line := range strings.Lines(string(text)) {
		switch m := row.FindStringSubmatch(line); {
		case strings.HasPrefix(line, "## "):
			section = ""
			if h := heading.FindStringSubmatch(line); h != nil {
				section = h[1]
			}
		case section != "" && m != nil && m[1] != "id":
			lines = append(lines, section+" "+m[1])
		}
	}
	return lines, true
}

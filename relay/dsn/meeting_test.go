package dsn

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/notice"
)

var allLanguages = []notice.Language{notice.English, notice.German, notice.French, notice.Spanish, notice.Dutch}

// Each language has each sentence, each sentence is used, and none is that of another kind.
func TestWordsAreComplete(t *testing.T) {
	methods := map[string]*Meeting{"": budget("REFRESH"), "invitation": budget("REQUEST"), "update": {Method: "REQUEST", Update: true}, "cancellation": budget("CANCEL"),
		"one date": {Method: "CANCEL", OneDate: true}, "answer": {Method: "REPLY", PartStat: "DECLINED"}, "counter": budget("COUNTER")}
	for _, l := range allLanguages {
		seen := map[string]string{}
		for kind, m := range methods {
			for _, a := range order {
				r := sample()
				r.Language, r.Meeting = l, m
				r.Recipients[0].Action, r.Recipients[0].RetryUntil = a, now.Add(24*time.Hour)
				text := r.text(returned{mediaType: "text/rfc822-headers"})
				checkText(t, l, text)
				if other, twice := seen[text]; twice && (a.reported() == Failed || a == Delayed) {
					t.Errorf("%v: %s %s reads like %s", l, kind, a, other)
				}
				seen[text] = kind + " " + string(a)
			}
		}
		w := languages[l]
		for m, sentence := range w.meaning {
			if sentence == "" && meaning(m) != unclear {
				t.Errorf("%v: no sentence for meaning %d", l, m)
			}
		}
		if w.untitled == "" || w.full == "" || w.full == w.header {
			t.Errorf("%v is incomplete", l)
		}
	}
}

func checkText(t *testing.T, l notice.Language, text string) {
	t.Helper()
	if strings.ContainsAny(text, "%\r") || strings.Contains(text, "\n\n\n") || strings.Contains(text, "  \n") {
		t.Errorf("%v:\n%s", l, text)
	}
	for _, part := range []string{"smarthost.example.com", "bob@partner.example"} {
		if !strings.Contains(text, part) {
			t.Errorf("%v: no %s in\n%s", l, part, text)
		}
	}
	for line := range strings.Lines(text) {
		if utf8.RuneCountInString(line) > 100 {
			t.Errorf("%v: a long line: %q", l, line)
		}
	}
}

// What an organizer is told during a delay depends on when the meeting begins.
func TestAdvice(t *testing.T) {
	for name, c := range map[string]struct {
		start time.Time
		want  string
	}{
		"before the retries end": {now.Add(3 * time.Hour), english.near},
		"after the retries end":  {now.Add(50 * time.Hour), english.wait},
		"not known":              {time.Time{}, english.ifSoon},
		"the first of a series":  {now.Add(-time.Hour), english.ifSoon},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample()
			r.Meeting = budget("CANCEL")
			r.Meeting.Start = c.start
			r.Recipients[0].Action, r.Recipients[0].RetryUntil = Delayed, now.Add(48*time.Hour)
			if got := strings.Join(strings.Fields(r.text(returned{})), " "); !strings.Contains(got, c.want) {
				t.Errorf("no %q in %q", c.want, got)
			}
		})
	}
}

func TestMeetingOf(t *testing.T) {
	start := time.Date(2026, time.July, 6, 12, 0, 0, 0, time.UTC)
	series := rewrite.Details{Revision: rewrite.Revision{Method: "REQUEST", Number: 2}, Summary: "Budget", Organizer: "anna@example.com",
		Start: start, End: start.Add(time.Hour), Zone: "W. Europe Standard Time"}
	exception := rewrite.Details{Revision: rewrite.Revision{Method: "REQUEST", RecurrenceID: "20260706T120000Z"}, Summary: "Moved"}
	m := MeetingOf([]rewrite.Details{exception, series})
	if m.Summary != "Budget" || !m.Update || m.OneDate || m.Zone != "Europe/Berlin" || m.Start.Hour() != 14 || m.kind() != notice.Update {
		t.Errorf("%+v", m)
	}
	if m := MeetingOf([]rewrite.Details{exception}); !m.OneDate || m.kind() != notice.Invitation {
		t.Errorf("%+v", m)
	}
	if MeetingOf(nil) != nil {
		t.Error("a meeting of nothing")
	}
	stored, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back Meeting
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m.facts("x").Details(notice.English), back.facts("x").Details(notice.English)); d != "" {
		t.Errorf("it is not the same after it was stored:\n%s", d)
	}
}

// Whole days have no clock, and end on the day before DTEND.
func TestWholeDays(t *testing.T) {
	day := time.Date(2026, time.March, 23, 0, 0, 0, 0, time.UTC)
	m := MeetingOf([]rewrite.Details{{Revision: rewrite.Revision{Method: "CANCEL"}, Start: day, End: day.AddDate(0, 0, 2), AllDay: true, Zone: "Europe/Berlin"}})
	want := "Subject: Fair\nWhen: Monday, March 23, 2026 to Tuesday, March 24, 2026, all day\n"
	if got := m.facts("Fair").Details(notice.English); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

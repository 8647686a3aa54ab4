package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func parse(t *testing.T, s string) map[string]answer {
	t.Helper()
	var a answer
	if err := json.Unmarshal([]byte(s), &a); err != nil {
		t.Fatal(err)
	}
	return map[string]answer{"x": a}
}

func TestChanges(t *testing.T) {
	const good = `{"v":"accept","method":"REQUEST","ev":[{"u":"1","s":"20260302T090000Z"}]}`
	for _, tt := range []struct {
		name, before, after string
		applied             string
		want                string // kind, and the finding that says so
	}{
		{"the same", good, good, "seq-cdo", ""},
		{"refused", good, `{"v":"reject"}`, "tz-undeclared", "refused"},
		{"refused before", `{"v":"reject"}`, `{"v":"reject"}`, "", ""},
		{"newly accepted", `{"v":"reject"}`, good, "", ""},
		{"another start", good, strings.Replace(good, "T09", "T10", 1), "seq-cdo", "start"},
		{"another start, said", good, strings.Replace(good, "T09", "T10", 1), "tz-undeclared", "start tz-undeclared"},
		{"another UID", good, strings.Replace(good, `"1"`, `"2"`, 1), "tz-undeclared", "UID"},
		{"another UID, said", good, strings.Replace(good, `"1"`, `"2"`, 1), "series-twice", "UID series-twice"},
		{"another UID, said", good, strings.Replace(good, `"1"`, `"2"`, 1), "uid-ctl", "UID uid-ctl"},
		{"another METHOD", good, strings.Replace(good, "REQUEST", "CANCEL", 1), "bare-lf", "METHOD"},
		{"no METHOD was read", strings.Replace(good, "REQUEST", "", 1), good, "bare-lf", "METHOD bare-lf"},
		{"a zone that the receiver does not know", strings.Replace(good, "2026", "unresolved:X 2026", 1), good, "", ""},
		{"two meetings swap their starts",
			`{"v":"accept","ev":[{"u":"1","s":"20260302T090000Z"},{"u":"2","s":"20260303T090000Z"}]}`,
			`{"v":"accept","ev":[{"u":"2","s":"20260302T090000Z"},{"u":"1","s":"20260303T090000Z"}]}`, "", "start"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &file{name: "a.ics", applied: strings.Fields(tt.applied), before: parse(t, tt.before), after: parse(t, tt.after)}
			var got []string
			for _, c := range f.changes("x") {
				got = append(got, strings.TrimSpace(c.kind+" "+strings.Join(c.because, " ")))
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}

func TestUnexplained(t *testing.T) {
	f := &file{name: "a.ics"}
	row := []string{"start", "x", "a.ics", "its reason"}
	for _, tt := range []struct {
		name    string
		change  change
		allowed [][]string
		want    bool
	}{
		{"announced, and not believed", change{kind: "start", file: f, receiver: "x", because: []string{"tz-undeclared"}, doubt: "alone"}, [][]string{nil}, true},
		{"announced", change{kind: "start", file: f, receiver: "x", because: []string{"tz-undeclared"}}, [][]string{nil}, false},
		{"not announced", change{kind: "start", file: f, receiver: "x"}, [][]string{nil}, true},
		{"allowed", change{kind: "start", file: f, receiver: "x", exception: true}, [][]string{row}, false},
		{"allowed in vain", change{kind: "UID", file: f, receiver: "x", because: []string{"uid-ctl"}}, [][]string{row}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changes := []change{tt.change}
			if got := unexplained(changes) || !allUsed(tt.allowed, usedRows(changes, tt.allowed)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDoubtful(t *testing.T) {
	at := func(hours ...string) answer {
		var a answer
		for _, h := range hours {
			a.Events = append(a.Events, struct {
				UID   string `json:"u"`
				Start string `json:"s"`
			}{"1", "20260302T" + h + "0000Z"})
		}
		return a
	}
	for _, tt := range []struct {
		name  string
		after map[string]answer
		want  bool
	}{
		{"two others read it", map[string]answer{"x": at("10"), "y": at("10", "12"), "z": at("10")}, false},
		{"it was read before", map[string]answer{"x": at("09"), "y": at("10"), "z": at("10")}, false},
		{"one other reads it", map[string]answer{"x": at("10"), "y": at("10"), "z": at("11")}, true},
		{"all others read something else", map[string]answer{"x": at("11"), "y": at("10"), "z": at("10")}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &file{before: map[string]answer{"x": at("09")}, after: tt.after}
			if got := f.doubtful("x"); (got != "") != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

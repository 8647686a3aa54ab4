package logfile

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

const (
	textLine = `time=2026-03-01T09:00:00.000Z level=WARN msg=recipient conn=c id=1 from=a@example.com to=eve@example.net uid=u seq=0 seq_sent=2 verdict=refused code=550 reply="5.1.1 no \"user\"" findings=a,b\,c` + "\n"
	jsonLine = `{"time":"2026-03-01T09:00:00Z","level":"INFO","msg":"message","id":"1","uid":"u","findings":["a","b,c"],"took_ms":1.5,"seq":3}` + "\n"
)

func TestParse(t *testing.T) {
	for name, prefix := range map[string]string{"bare": "", "journal": "Mar 01 09:00:00 host reconvene[12]: ", "spaces": "  "} {
		t.Run(name, func(t *testing.T) {
			l, ok := Parse([]byte(prefix + textLine))
			if !ok || l.Msg != "recipient" || l.Get("to") != "eve@example.net" || l.Get("reply") != `5.1.1 no "user"` || l.Int("seq_sent") != 2 || l.Time.Hour() != 9 || !slices.Equal(l.Values["findings"], []string{"a", "b,c"}) {
				t.Fatalf("%v %+v", ok, l)
			}
			j, ok := Parse([]byte(prefix + jsonLine))
			if !ok || j.Msg != "message" || j.Int("seq") != 3 || j.Get("took_ms") != "1.5" || !slices.Equal(j.Values["findings"], []string{"a", "b,c"}) {
				t.Fatalf("%v %+v", ok, j)
			}
		})
	}
	for _, foreign := range []string{"", "hello", "time=now level=INFO msg=x", "{}", `{"msg":"x"}`, "uptime=3 level=x", "time=2026-03-01T09:00:00Z level=INFO msg=\"x", `{"time":"2026-03-01T09:00:00Z","level":"INFO","msg":["x"]`,
		"Mar 1 host postfix/smtp[1]: ABC: to=<x@y>, delay=1, status=sent"} {
		if l, ok := Parse([]byte(foreign)); ok {
			t.Errorf("%q was taken for %+v", foreign, l)
		}
	}
}

// Lists in text come apart as they were put together.
func TestSplitList(t *testing.T) {
	for in, want := range map[string][]string{"": {""}, "a": {"a"}, "a,b": {"a", "b"}, `a\,b,c\\`: {"a,b", `c\`}} {
		if got := splitList(in); !slices.Equal(got, want) {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestLines(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("foreign\n" + textLine + strings.Repeat("x", maxLine+10) + "\n" + jsonLine + strings.TrimSuffix(jsonLine, "\n")))
	z.Close()
	for name, in := range map[string]string{"gzip": packed.String(), "plain": textLine + "\n\n" + jsonLine + "foreign\n" + jsonLine} {
		n := 0
		if err := Lines(strings.NewReader(in), func(*Line) bool { n++; return true }); err != nil || n != 3 {
			t.Errorf("%s: %d lines, %v", name, n, err)
		}
	}
	if err := Lines(strings.NewReader(packed.String()[:packed.Len()-6]), func(*Line) bool { return true }); err == nil {
		t.Error("a file that was cut off is no error")
	}
}

func message(id, rest string) string {
	return "time=2026-03-0" + id + "T09:00:00Z level=INFO msg=message id=" + id + " from=anna@example.com msgid=<" + id + "@x> uid=u " + rest + "\n"
}

func recipient(id, to, rest string) string {
	return "time=2026-03-0" + id + "T09:00:00Z level=INFO msg=recipient id=" + id + " to=" + to + " uid=u " + rest + "\n"
}

func traced(t *testing.T, log string, q Query) []*Message {
	t.Helper()
	tr := NewTrace(q)
	if err := Lines(strings.NewReader(log), func(l *Line) bool { tr.Add(l); return true }); err != nil {
		t.Fatal(err)
	}
	return tr.Messages()
}

// What each recipient has follows from all that became of it.
func TestMeetings(t *testing.T) {
	log := message("1", "subject=Budget") + recipient("1", "told@x", "seq=1 verdict=delivered") + recipient("1", "never@x", "seq=1 verdict=refused code=550") +
		recipient("1", "late@x", "seq=1 verdict=deferred") + recipient("1", "stale@x", "seq=1 verdict=delivered") + recipient("1", "text@x", "seq=1 verdict=delivered outcome=repaired") +
		recipient("1", "single@x", "seq=1 verdict=refused") +
		message("e", "outcome=left-alone") + recipient("e", "told@x", "verdict=delivered") + recipient("e", "enclosed@x", "verdict=delivered") +
		message("2", "") + recipient("2", "late@x", "seq=1 verdict=delivered") +
		message("3", "") + recipient("3", "STALE@x", "seq=2 verdict=aborted") + recipient("3", "text@x", "seq=2 outcome=notice verdict=delivered") +
		recipient("3", "single@x", "seq=2 recurrence_id=20260309 verdict=delivered")
	list := Meetings(traced(t, log, Query{UID: "U"}), Query{UID: "u"})
	if len(list) != 1 {
		t.Fatalf("%d meetings", len(list))
	}
	got := map[string]string{}
	for _, r := range list[0].Recipients {
		got[r.Address] = r.Status()
	}
	if status, ok := got["enclosed@x"]; ok {
		t.Errorf("who got it only in an enclosed message: %q", status)
	}
	for who, want := range map[string]string{"told@x": "notified", "never@x": "not notified", "late@x": "notified", "stale@x": "not notified of the last", "text@x": "only got a text", "single@x": "not notified of the last"} {
		if got[who] != want {
			t.Errorf("%s: %q, want %q", who, got[who], want)
		}
	}
}

// A message with several meetings counts for each of them, with its own method and
// revision, and so does each occurrence that comes without its series.
func TestSeveralMeetings(t *testing.T) {
	component := func(rest string) string {
		return "time=2026-03-01T09:00:00Z level=INFO msg=component id=1 " + rest + "\n"
	}
	log := message("1", "seq=3 components=6") +
		component("number=1 uid=u method=REQUEST seq=3") + component("number=2 uid=u method=REQUEST seq=3 recurrence_id=20260309") +
		component("number=3 uid=other uid_sent=v method=REQUEST seq=7 seq_sent=8") +
		component("number=4 uid=w method=CANCEL seq=1 recurrence_id=20260309") + component("number=5 uid=w method=CANCEL seq=1 recurrence_id=20260316") +
		component("number=6 method=REQUEST seq=1") +
		recipient("1", "ben@x", "seq=3 components=6 verdict=delivered") + recipient("1", "eve@x", "seq=3 components=6 verdict=refused code=550")
	var got []string
	for _, m := range Meetings(traced(t, log, Query{ID: "1"}), Query{}) {
		for _, r := range m.Recipients {
			s := m.UID + " " + r.Address + " " + r.Status()
			if r.Has != nil {
				s += " has " + r.Has.String()
			}
			for _, missed := range r.Missed {
				s += " missed " + missed.String()
			}
			got = append(got, strings.NewReplacer(" of 2026-03-01 09:00:00Z", "", ", id 1", "").Replace(s))
		}
	}
	want := []string{
		"u ben@x notified has REQUEST revision 3",
		"u eve@x not notified missed REQUEST revision 3",
		"v ben@x notified has REQUEST revision 8",
		"v eve@x not notified missed REQUEST revision 8",
		"w ben@x notified has CANCEL revision 1 for the occurrence 20260309",
		"w eve@x not notified missed CANCEL revision 1 for the occurrence 20260309 missed CANCEL revision 1 for the occurrence 20260316",
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, uid := range []string{"other", "V"} {
		if list := Meetings(traced(t, log, Query{UID: uid}), Query{UID: uid}); len(list) != 1 || list[0].UID != "v" || len(list[0].Recipients) != 2 {
			t.Errorf("--uid %s: %+v", uid, list)
		}
	}
}

// PowerShell's > writes UTF-16, editors add a byte order mark.
func TestLinesOfWindows(t *testing.T) {
	log := message("1", `subject="Müller 2026"`)
	wide := utf16.Encode([]rune(log))
	little, big := []byte{}, []byte{}
	for _, u := range wide {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	for name, file := range map[string]string{"little": "\xff\xfe" + string(little), "big": "\xfe\xff" + string(big), "little, no mark": string(little), "big, no mark": string(big), "UTF-8 with mark": "\xef\xbb\xbf" + log} {
		var got []string
		if err := Lines(strings.NewReader(file), func(l *Line) bool { got = append(got, l.Get("subject")); return true }); err != nil || len(got) != 1 || got[0] != "Müller 2026" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestQuery(t *testing.T) {
	log := "time=2026-03-01T08:59:00Z level=WARN msg=fallback id=1 form=profile\n" + message("1", `subject="Budget 2026"`) + recipient("1", "bob@x", "verdict=delivered") +
		message("2", "subject=Other") + recipient("2", "eve@x", "verdict=refused") + "time=2026-03-03T08:59:00Z level=INFO msg=component id=3 uid=second\n" + recipient("3", "tom@x", "verdict=delivered")
	for name, c := range map[string]struct {
		q    Query
		want int
	}{
		"uid": {Query{UID: "u"}, 3}, "other uid": {Query{UID: "second"}, 1}, "to": {Query{To: "BOB@x"}, 1}, "from": {Query{From: "anna@example.com"}, 2},
		"message-id": {Query{MessageID: "<1@x>"}, 1}, "bare message-id": {Query{MessageID: "2@x"}, 1}, "id": {Query{ID: "2"}, 1},
		"subject": {Query{Subject: "budget"}, 1}, "both": {Query{Subject: "budget", To: "eve@x"}, 0}, "part of a uid": {Query{UID: "seco"}, 0},
	} {
		if got := traced(t, log, c.q); len(got) != c.want {
			t.Errorf("%s: %d messages", name, len(got))
		}
	}
	if m := traced(t, log, Query{ID: "1"}); len(m[0].Before) != 1 || len(m[0].Recipients) != 1 {
		t.Errorf("%+v", m[0])
	}
	since := traced(t, log, Query{UID: "u"})[1].Time()
	if got := traced(t, log, Query{UID: "u", Since: since}); len(got) != 2 {
		t.Errorf("since: %d", len(got))
	}
	if got := traced(t, log, Query{UID: "u", Until: since}); len(got) != 2 {
		t.Errorf("until: %d", len(got))
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(textLine))
	f.Add([]byte(jsonLine))
	if seed, err := os.ReadFile(filepath.Join("..", "docs", "log.md")); err == nil {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		tr := NewTrace(Query{UID: "u"})
		_ = Lines(bytes.NewReader(in), func(l *Line) bool { tr.Add(l); return true })
		Meetings(tr.Messages(), Query{})
	})
}

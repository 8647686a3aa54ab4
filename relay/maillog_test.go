package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func logTo(w io.Writer, format string, level slog.Level) *MailLog {
	return NewMailLog(NewLogHandler(w, format, level), func() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) })
}

var sample = MessageEvent{
	Conn: "c1", Client: "exch01.example.com [10.1.2.3]", Listener: "exchange", ID: "t1",
	From: "anna@example.com", To: []string{"bob@example.net", "eve@example.net"}, Size: 5120,
	Meeting: &MeetingEvent{Method: "CANCEL", UID: "040000008200E00074C5B7101A82E008", Seq: 3, Profile: "domino",
		Findings: []string{"seq-cdo", "cn-quote"}, Applied: []string{"seq-cdo"}, Form: "profile", Outcome: Repaired},
	Route: "example.net", NextHop: "mx.example.net [192.0.2.1]:25",
	Verdict: Verdict{Code: 250, Enhanced: [3]int{2, 0, 0}, Text: []string{"queued as 12"}}, Took: 12345678 * time.Nanosecond,
}

// TestMessageLine pins the keys and their order: they are an interface.
func TestMessageLine(t *testing.T) {
	var out bytes.Buffer
	logTo(&out, "text", slog.LevelInfo).Message(sample)
	const want = `time=2026-03-01T09:00:00.000Z level=INFO msg=message conn=c1 client="exch01.example.com [10.1.2.3]" ` +
		`listener=exchange id=t1 from=anna@example.com to=bob@example.net,eve@example.net size_bytes=5120 method=CANCEL ` +
		`uid=040000008200E00074C5B7101A82E008 seq=3 profile=domino findings=seq-cdo,cn-quote applied=seq-cdo form=profile ` +
		`outcome=repaired route=example.net nexthop="mx.example.net [192.0.2.1]:25" verdict=delivered code=250 ` +
		`reply="2.0.0 queued as 12" took_ms=12.35` + "\n"
	if out.String() != want {
		t.Errorf("got  %swant %s", out.String(), want)
	}
}

func TestMessageVerdicts(t *testing.T) {
	for _, c := range []struct {
		name    string
		verdict Verdict
		want    string
	}{
		{"refused", Verdict{Code: 550, Enhanced: [3]int{5, 7, 1}, Text: []string{"no", "never"}}, `level=WARN .* verdict=refused code=550 reply="5\.7\.1 no / never" took_ms=`},
		{"deferred", Verdict{Code: 451, Text: []string{"later"}, Cause: errors.New("reset by peer")}, `level=WARN .* verdict=deferred code=451 reply=later error="reset by peer" took_ms=`},
		{"aborted", Verdict{}, `level=WARN .* verdict=aborted took_ms=`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			e := sample
			e.Meeting, e.From, e.Verdict = nil, "", c.verdict
			logTo(&out, "text", slog.LevelInfo).Message(e)
			if !regexp.MustCompile(c.want).MatchString(out.String()) {
				t.Errorf("got %s", out.String())
			}
			if !strings.Contains(out.String(), "from=<> ") || strings.Contains(out.String(), "method=") {
				t.Errorf("null reverse-path or missing calendar: %s", out.String())
			}
		})
	}
}

// strangers are values that somebody else chose, to break a log or a terminal.
var strangers = []string{
	"a\nlevel=ERROR msg=forged",
	"a\r\nb", "tab\there", "nul\x00", "esc\x1b[31mred", "del\x7f", "c1\u009b31m", "c1 raw \x9b",
	"bidi \u202egnp.exe", "zero\u200bwidth", "line\u2028separator", "bad utf8 \xff\xfe", "quote\" msg=forged",
	`back\slash`, "key=value", "ünïcode ✓", strings.Repeat("long", 1000), strings.Repeat("é", 1000), strings.Repeat("\xff", 1000), "",
}

// everyEvent calls each method of the log with s in each place.
func everyEvent(m *MailLog, s string) {
	v := Verdict{Code: 550, Text: []string{s, s}, Remote: s, Cause: errors.New(s)}
	err := errors.New(s)
	m.Message(MessageEvent{Conn: s, Client: s, Listener: s, ID: s, From: s, To: []string{s, s}, Route: s, NextHop: s, Verdict: v,
		Meeting: &MeetingEvent{Method: s, UID: s, Profile: s, Findings: []string{s}, Applied: []string{s}, Vetoed: []string{s}, Form: s, Outcome: Outcome(s)}})
	m.LeftAlone(LeftAloneEvent{Conn: s, ID: s, From: s, What: s, Why: s, Err: err})
	m.Recipient(RecipientEvent{Conn: s, Client: s, ID: s, From: s, To: s, Route: s, NextHop: s, Verdict: v})
	c := ConnEvent{Conn: s, Client: s, Listener: s, TLS: s, User: s, Messages: 1, Why: s, Verdict: v, Err: err, Took: time.Second}
	m.Connected(c)
	m.Disconnected(c)
	m.Refused(c)
	m.WeakTLS(c)
	m.TLSFailed(c)
	m.Authenticated(c)
	m.AuthFailed(c)
	m.Fault(c)
	h := HopEvent{Route: s, NextHop: s, TLS: s, Why: s, Verdict: v, Err: err, Took: time.Second}
	m.HopUp(h)
	m.HopDown(h)
	m.HopPlain(h)
	m.Started(s, s)
	m.Stopping(s)
	m.Stopped(err)
	m.LeftOut(LeftOutEvent{Conn: s, Client: s, ID: s, From: s, To: s, Params: []string{s}, NextHop: s, Why: s, Level: slog.LevelWarn})
	m.Converted(ConvertedEvent{Conn: s, Client: s, ID: s, From: s, What: s, Why: s})
	m.ListenerUp(s, s)
	m.ListenerDown(s, s)
	m.ConfigLoaded(s)
	m.ConfigWarning(s, err)
	m.ConfigRejected(s, err)
}

// events is how many lines everyEvent writes.
const events = 24

func TestLogIsClean(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		for _, s := range strangers {
			var out bytes.Buffer
			everyEvent(logTo(&out, format, slog.LevelDebug), s)
			if n := bytes.Count(out.Bytes(), []byte("\n")); n != events {
				t.Errorf("%s: %q made %d lines, want %d", format, s, n, events)
			}
			checkClean(t, format, s, out.String())
		}
	}
}

func checkClean(t *testing.T, format, s, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Errorf("%s: %q gave broken UTF-8", format, s)
	}
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		for _, r := range line {
			if !unicode.IsPrint(r) {
				t.Fatalf("%s: %q let %U through: %s", format, s, r, line)
			}
		}
		if strings.Contains(line, " msg=forged") && !strings.Contains(line, `\" msg=forged`) && !strings.Contains(line, `level=ERROR msg=forged`) {
			t.Errorf("%s: %q forged a key: %s", format, s, line)
		}
		if format == "json" {
			var v map[string]any
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Errorf("%q: %v: %s", s, err, line)
			}
			if msg, _ := v["msg"].(string); !knownMsg[msg] {
				t.Errorf("msg %q is not of the documented set", msg)
			}
		}
		if len(line) > 40*maxLogValue {
			t.Errorf("%s: a line of %d octets", format, len(line))
		}
	}
}

// knownMsg is the set of words that docs/log.md promises; TestLogDocumented
// holds both together.
var knownMsg = map[string]bool{
	"message": true, "left-alone": true, "recipient-refused": true, "client-refused": true, "connected": true,
	"disconnected": true, "tls-weak": true, "tls-failed": true, "auth": true, "auth-failed": true, "fault": true,
	"nexthop-connected": true, "nexthop-failed": true, "nexthop-unencrypted": true, "started": true, "stopping": true,
	"stopped": true, "listener-up": true, "listener-down": true, "config-loaded": true, "config-warning": true,
	"config-rejected": true, "parameter-left-out": true, "newlines-converted": true,
}

func TestLogLevel(t *testing.T) {
	var out bytes.Buffer
	everyEvent(logTo(&out, "text", slog.LevelError), "x")
	for line := range strings.Lines(out.String()) {
		if !strings.Contains(line, "level=ERROR") {
			t.Errorf("below the level: %s", line)
		}
	}
	if out.Len() == 0 {
		t.Error("errors are not logged")
	}
}

func TestNilMailLog(t *testing.T) { everyEvent(nil, "x") } // must not panic

func TestHandlerCleansEveryKind(t *testing.T) {
	var out bytes.Buffer
	l := slog.New(NewLogHandler(&out, "text", slog.LevelInfo)).With("fixed\n", "v\n").WithGroup("g\n")
	l.Info("m\x1b", "err", errors.New("a\nb"), "any", []string{"c\nd"}, slog.Group("in", "k", "e\nf"), "n", 7)
	if s := out.String(); strings.Count(s, "\n") != 1 || strings.ContainsAny(s, "\x1b") || strings.Contains(s, `\n`) {
		t.Errorf("got %q", s)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range strangers {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if !isClean(strings.TrimSuffix(got, "…")) {
			t.Errorf("clean(%q) = %q", s, got)
		}
		if isClean(s) && got != s {
			t.Errorf("a clean value was changed: %q to %q", s, got)
		}
	})
}

func BenchmarkMessage(b *testing.B) {
	m := logTo(io.Discard, "text", slog.LevelInfo)
	b.ReportAllocs()
	for b.Loop() {
		m.Message(sample)
	}
}

func BenchmarkMessageBelowLevel(b *testing.B) {
	m := logTo(io.Discard, "text", slog.LevelError)
	b.ReportAllocs()
	for b.Loop() {
		m.Message(sample)
	}
}

// TestLogDocumented holds docs/log.md and the events together: every word and
// every key is there.
func TestLogDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "log.md"))
	if err != nil {
		t.Fatal(err)
	}
	words := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for i, word := range strings.Split(cells[1], "`") {
				if i%2 == 1 {
					words[word] = true
				}
			}
		}
	}
	var out bytes.Buffer
	everyEvent(logTo(&out, "json", slog.LevelDebug), "x")
	for line := range strings.Lines(out.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		if msg := v["msg"].(string); !words[msg] || !knownMsg[msg] {
			t.Errorf("msg %s is not documented", msg)
		}
		for key := range v {
			if !words[key] {
				t.Errorf("key %s is not documented", key)
			}
		}
	}
}

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

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/rewrite"
)

func logTo(w io.Writer, format config.LogFormat, level slog.Level) *MailLog {
	return NewMailLog(NewLogHandler(w, format, level), func() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) })
}

var sample = Event{
	Conn: "c1", Client: "exch01.example.com [10.1.2.3]", Listener: "exchange", ID: "t1",
	From: "anna@example.com", MessageID: "<1@example.com>", Subject: "Budget", Size: 5120,
	Recipients: []RecipientEvent{
		{Address: "bob@example.net", Verdict: taken, NextHop: taken.Remote},
		{Address: "eve@example.net", Verdict: taken, NextHop: taken.Remote},
	},
	Meeting: &delivery.Meeting{Calendars: []rewrite.Meeting{{Components: []rewrite.Component{{Name: "VEVENT",
		Received: rewrite.Revision{Method: "CANCEL", UID: "040000008200E00074C5B7101A82E008", Sequence: 0, DTStamp: "20260301T085900Z"},
		Sent:     rewrite.Revision{Method: "CANCEL", UID: "040000008200E00074C5B7101A82E008", Sequence: 3, DTStamp: "20260301T085900Z"}}}}},
		Profile: "domino", Findings: []string{"seq-cdo", "cn-quote"}, Applied: []string{"seq-cdo"}, Form: "profile", Outcome: delivery.Repaired},
	Route: "example.net", NextHop: taken.Remote, Verdict: taken, Outcome: delivery.Repaired, Took: 12345678 * time.Nanosecond,
}

var taken = envelope.Verdict{Code: 250, Enhanced: [3]int{2, 0, 0}, Text: []string{"queued as 12"}, Remote: "mx.example.net [192.0.2.1]:25"}

// TestMessageLine pins the keys and their order: they are an interface.
func TestMessageLine(t *testing.T) {
	const (
		head = "time=2026-03-01T09:00:00.000Z level=INFO msg="
		end  = ` route=example.net nexthop="mx.example.net [192.0.2.1]:25" verdict=delivered code=250 reply="2.0.0 queued as 12"`
		id   = ` method=CANCEL uid=040000008200E00074C5B7101A82E008 dtstamp=20260301T085900Z seq=0 seq_sent=3`
		want = head + `message conn=c1 client="exch01.example.com [10.1.2.3]" listener=exchange id=t1 from=anna@example.com recipients=2 ` +
			`msgid=<1@example.com> subject=Budget size_bytes=5120` + id + ` profile=domino findings=seq-cdo,cn-quote applied=seq-cdo form=profile ` +
			`outcome=repaired` + end + " took_ms=12.35\n" +
			head + `recipient conn=c1 id=t1 from=anna@example.com to=bob@example.net msgid=<1@example.com>` + id + ` outcome=repaired` + end + "\n" +
			head + `recipient conn=c1 id=t1 from=anna@example.com to=eve@example.net msgid=<1@example.com>` + id + ` outcome=repaired` + end + "\n"
	)
	var out writes
	logTo(&out, "text", slog.LevelInfo).Message(&sample)
	if got := strings.Join(out, ""); got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	if len(out) != 1 {
		t.Errorf("%d writes", len(out))
	}
}

// writes notes each write.
type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

// In JSON a list is an array, and a number is one.
func TestMessageJSON(t *testing.T) {
	var out bytes.Buffer
	logTo(&out, "json", slog.LevelInfo).Message(&sample)
	first, _, _ := strings.Cut(out.String(), "\n")
	var v struct {
		Findings []string
		Took     float64 `json:"took_ms"`
		Size     int64   `json:"size_bytes"`
		Seq      int
		Sent     int `json:"seq_sent"`
		Code     int
	}
	if err := json.Unmarshal([]byte(first), &v); err != nil {
		t.Fatalf("%v: %s", err, first)
	}
	if len(v.Findings) != 2 || v.Took != 12.35 || v.Size != 5120 || v.Sent != 3 || v.Code != 250 {
		t.Errorf("got %+v of %s", v, first)
	}
}

// A list in text can be taken apart again.
func TestListInText(t *testing.T) {
	var out bytes.Buffer
	logTo(&out, "text", slog.LevelInfo).leftOut(leftOutEvent{Params: []string{`A=1,2`, `B=\`, "C"}, Level: slog.LevelInfo})
	if want := `A=1\\,2,B=\\\\,C`; !strings.Contains(out.String(), want) {
		t.Errorf("%s is not in %s", want, out.String())
	}
}

// What identifies is never cut, however long it is; beyond all reason its digest
// tells it from any other.
func TestIdentitiesAreWhole(t *testing.T) {
	long := strings.Repeat("a", 5000) + "@example.com"
	e := sample
	e.From, e.MessageID, e.Subject = long, "<"+long+">", strings.Repeat("s", 5000)
	e.Recipients = []RecipientEvent{{Address: long, Verdict: taken}}
	e.Meeting = &delivery.Meeting{Calendars: []rewrite.Meeting{{Components: []rewrite.Component{{Received: rewrite.Revision{UID: long}, Sent: rewrite.Revision{UID: long + "x"}}}}}}
	var out bytes.Buffer
	logTo(&out, "text", slog.LevelInfo).Message(&e)
	for _, want := range []string{"from=" + long + " ", "to=" + long + " ", "msgid=<" + long + ">", "uid=" + long + " ", "uid_sent=" + long + "x "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%.30s… is not whole", want)
		}
	}
	a, b := cleanTo(strings.Repeat("u", maxIdentity)+"1", maxIdentity), cleanTo(strings.Repeat("u", maxIdentity)+"2", maxIdentity)
	if a == b || len(a) > 2*maxLogValue || !strings.Contains(a, "…sha256:") {
		t.Errorf("%q and %q", a, b)
	}
}

// Several components have a line each.
func TestComponentLines(t *testing.T) {
	e := sample
	list := []rewrite.Component{
		{Name: "VEVENT", Received: rewrite.Revision{UID: "u", Sequence: 1}, Sent: rewrite.Revision{UID: "u", Sequence: 1}},
		{Name: "VEVENT", Received: rewrite.Revision{UID: "u", RecurrenceID: "20260309T090000Z"}, Sent: rewrite.Revision{UID: "u", RecurrenceID: "20260309T080000Z"}},
		{Name: "VEVENT", Received: rewrite.Revision{UID: "ghost"}},
	}
	e.Meeting = &delivery.Meeting{Calendars: []rewrite.Meeting{{Components: list[:1]}, {Components: list[1:]}}}
	var out bytes.Buffer
	logTo(&out, "text", slog.LevelInfo).Message(&e)
	for _, want := range []string{
		"msg=component conn=c1 id=t1 number=1 component=VEVENT uid=u seq=1\n",
		"number=2 component=VEVENT uid=u recurrence_id=20260309T090000Z recurrence_id_sent=20260309T080000Z seq=0\n",
		`number=3 component=VEVENT uid=ghost seq=0 why="removed by a repair"`, "components=3",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %s", want, out.String())
		}
	}
	many := e
	many.Meeting = &delivery.Meeting{Calendars: []rewrite.Meeting{{Components: make([]rewrite.Component, maxComponents+1)}}}
	out.Reset()
	logTo(&out, "text", slog.LevelInfo).Message(&many)
	if n := strings.Count(out.String(), "msg=component"); n != maxComponents || !strings.Contains(out.String(), "components=1001") {
		t.Errorf("%d component lines", n)
	}
}

func TestMessageVerdicts(t *testing.T) {
	for _, c := range []struct {
		name    string
		verdict envelope.Verdict
		want    string
	}{
		{"refused", envelope.Verdict{Code: 550, Enhanced: [3]int{5, 7, 1}, Text: []string{"no", "never"}}, `level=WARN .* outcome=refused .*verdict=refused code=550 reply="5\.7\.1 no / never" took_ms=`},
		{"deferred", envelope.Verdict{Code: 451, Text: []string{"later"}, Cause: errors.New("reset by peer")}, `level=WARN .* outcome=deferred .*verdict=deferred code=451 reply=later error="reset by peer" took_ms=`},
		{"aborted", envelope.Verdict{}, `level=WARN .* outcome=aborted .*verdict=aborted took_ms=`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			e := sample
			e.Meeting, e.From, e.Verdict = nil, "", c.verdict
			e.Recipients = []RecipientEvent{{Address: "bob@example.net", Verdict: c.verdict}}
			e.Outcome = outcome(nil, e.Verdict, e.Recipients)
			logTo(&out, "text", slog.LevelInfo).Message(&e)
			if !regexp.MustCompile(c.want).MatchString(out.String()) {
				t.Errorf("got %s", out.String())
			}
			if !strings.Contains(out.String(), "from=<> ") || strings.Contains(out.String(), "method=") {
				t.Errorf("null reverse-path or missing calendar: %s", out.String())
			}
		})
	}
}

// The outcome is what the receiver has, and no more.
func TestOutcome(t *testing.T) {
	no, later := envelope.Verdict{Code: 550}, envelope.Verdict{Code: 451}
	repaired := &delivery.Meeting{Outcome: delivery.Repaired}
	for _, tt := range []struct {
		name    string
		meeting *delivery.Meeting
		verdict envelope.Verdict
		rcpts   []envelope.Verdict
		want    delivery.Outcome
	}{
		{"plain mail", nil, taken, []envelope.Verdict{taken}, delivery.Delivered},
		{"repaired", repaired, taken, []envelope.Verdict{taken, no}, delivery.Repaired},
		{"a notice", &delivery.Meeting{Outcome: delivery.Notice}, taken, []envelope.Verdict{taken}, delivery.Notice},
		{"refused at the end", repaired, no, []envelope.Verdict{no, no}, delivery.Refused},
		{"deferred at the end", repaired, later, []envelope.Verdict{later}, delivery.Deferred},
		{"one refused, one deferred", nil, later, []envelope.Verdict{no, later}, delivery.Deferred},
		{"one refused, one aborted", nil, envelope.Verdict{}, []envelope.Verdict{no, {}}, delivery.Aborted},
		{"all refused at RCPT", nil, no, []envelope.Verdict{no, no}, delivery.Refused},
		{"no recipient", nil, envelope.Verdict{}, nil, delivery.Aborted},
	} {
		var list []RecipientEvent
		for _, v := range tt.rcpts {
			list = append(list, RecipientEvent{Verdict: v})
		}
		if got := outcome(tt.meeting, tt.verdict, list); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
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
	v := envelope.Verdict{Code: 550, Text: []string{s, s}, Remote: s, Cause: errors.New(s)}
	err := errors.New(s)
	r := rewrite.Revision{Method: s, UID: s, RecurrenceID: s, DTStamp: s}
	other := rewrite.Revision{Method: s + "2", UID: s + "2", RecurrenceID: s + "2", DTStamp: s + "2", Sequence: 2}
	m.Message(&Event{Conn: s, Client: s, Listener: s, Inbound: true, ID: s, From: s, MessageID: s, Subject: s, Route: s, NextHop: s, Verdict: v, Outcome: delivery.Outcome(s), Why: s,
		Recipients: []RecipientEvent{{Address: s, Verdict: v, NextHop: s}, {Address: s}, {Address: s, Verdict: taken}, {Address: s, Verdict: envelope.Verdict{Code: 451}}},
		Meeting: &delivery.Meeting{Profile: s, Findings: []string{s}, Applied: []string{s}, Vetoed: []string{s}, Form: s, DKIM: []string{s, s},
			Calendars: []rewrite.Meeting{{Components: []rewrite.Component{{Name: s, Received: r, Sent: other}, {Name: s, Received: other, Sent: r}, {Name: s, Sent: r}}}}}})
	m.Fallback(FallbackEvent{Conn: s, ID: s, From: s, To: []string{s}, Route: s, Attempt: delivery.Attempt{Form: s, Next: s, Why: s, Verdict: v}})
	m.policyFailed(s, err)
	m.TLSReportFailed(err)
	m.LeftAlone(LeftAloneEvent{Conn: s, ID: s, From: s, What: s, Why: s, Err: err})
	c := ConnEvent{Conn: s, Client: s, Listener: s, TLS: s, User: s, Messages: 1, Why: s, Verdict: v, Err: err, Took: time.Second}
	m.connected(c)
	m.disconnected(c)
	m.Refused(c)
	m.weakTLS(c)
	m.tlsFailed(c)
	m.authenticated(c)
	m.authFailed(c)
	m.fault(c)
	h := nexthop.Event{Route: s, Policy: s, NextHop: s, TLS: s, Why: s, Verdict: v, Err: err, Took: time.Second}
	hops := hopLog{log: m}
	hops.Opened(h)
	hops.Failed(h)
	hops.Full(h)
	hops.Unencrypted(h)
	m.Started(s, s)
	m.Stopping(s)
	m.Stopped(err)
	m.leftOut(leftOutEvent{Conn: s, Client: s, ID: s, From: s, To: s, Params: []string{s}, NextHop: s, Why: s, Level: slog.LevelWarn})
	d := &deliveryLog{log: m, conn: func() ConnEvent { return ConnEvent{Conn: s, Client: s} }, id: s, from: s}
	d.Converted(1)
	d.ResultsRemoved(1)
	d.Adapted(s, []string{s})
	d.NotSigned(s)
	m.ListenerUp(s, s)
	m.ListenerDown(s, s)
	m.ConfigLoaded(s)
	m.ConfigWarning(s, err)
	m.ConfigRejected(s, err)
	m.QueueChanged(s, queue.Filter{IDs: []string{s}, To: s, From: s, Domain: s, Meeting: s, Older: time.Hour, Reason: s}, s, 1, err)
	m.QueueTrouble(s, err)
}

// events is how many lines everyEvent writes.
const events = 39

func TestLogIsClean(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		for _, s := range strangers {
			var out bytes.Buffer
			everyEvent(logTo(&out, config.LogFormat(format), slog.LevelDebug), s)
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
		if len(line) > 40*maxIdentity {
			t.Errorf("%s: a line of %d octets", format, len(line))
		}
	}
}

// knownMsg is the set of words that docs/log.md promises; TestLogDocumented
// holds both together.
var knownMsg = map[string]bool{
	"message": true, "component": true, "recipient": true, "fallback": true, "left-alone": true, "client-refused": true, "connected": true,
	"disconnected": true, "tls-weak": true, "tls-failed": true, "auth": true, "auth-failed": true, "fault": true,
	"nexthop-connected": true, "nexthop-failed": true, "nexthop-full": true, "nexthop-unencrypted": true, "started": true, "stopping": true,
	"stopped": true, "listener-up": true, "listener-down": true, "config-loaded": true, "config-warning": true,
	"config-rejected": true, "parameter-left-out": true, "newlines-converted": true, "results-removed": true, "not-signed": true, "message-converted": true,
	"queue-changed": true, "queue-failed": true, "tls-policy-failed": true, "tls-report-failed": true,
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
		if !isClean(strings.TrimSuffix(got, "…"), maxLogValue) {
			t.Errorf("clean(%q) = %q", s, got)
		}
		if isClean(s, maxLogValue) && got != s {
			t.Errorf("a clean value was changed: %q to %q", s, got)
		}
	})
}

func BenchmarkMessage(b *testing.B) {
	m := logTo(io.Discard, "text", slog.LevelInfo)
	b.ReportAllocs()
	for b.Loop() {
		m.Message(&sample)
	}
}

func BenchmarkMessageBelowLevel(b *testing.B) {
	m := logTo(io.Discard, "text", slog.LevelError)
	b.ReportAllocs()
	for b.Loop() {
		m.Message(&sample)
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

// An error that the reply has already is not said again.
func TestErrorIsNotSaidTwice(t *testing.T) {
	for _, tt := range []struct {
		cause string
		said  bool
	}{{"192.0.2.1:25: connect: connection refused", false}, {"something else", true}} {
		var b strings.Builder
		e := sample
		e.Verdict = envelope.Refuse(451, [3]int{4, 4, 1}, "no next hop").Because(errors.New(tt.cause))
		e.Verdict.Text = append(e.Verdict.Text, "192.0.2.1:25: connect: connection refused")
		logTo(&b, "text", slog.LevelInfo).Message(&e)
		line, _, _ := strings.Cut(b.String(), "\n")
		if strings.Contains(line, "error=") != tt.said || strings.Count(line, "connection refused") != 1 {
			t.Errorf("%s", line)
		}
	}
}

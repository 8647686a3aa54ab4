package relay

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

// MailLog is the administrator's log: one method per event, one line per call.
// The word under msg is one of a fixed set (docs/log.md), keys are stable and
// come in a stable order, and a key without a value is left out. A nil *MailLog
// says nothing. It is safe for concurrent use.
//
// Values are written as they are given: [NewLogHandler] cleans and cuts what a
// stranger chose.
type MailLog struct {
	handler slog.Handler
	now     func() time.Time
}

// NewMailLog logs through handler; now is the clock, nil means time.Now.
func NewMailLog(handler slog.Handler, now func() time.Time) *MailLog {
	if now == nil {
		now = time.Now
	}
	return &MailLog{handler: handler, now: now}
}

// MessageEvent is a message whose fate is known: the last word on a transaction
// that came as far as its body. It is also what [Metrics.Message] counts.
type MessageEvent struct {
	Conn     string   // the connection
	Client   string   // who brought it: "exch01.example.com [10.1.2.3]"
	Listener string   // its name
	Inbound  bool     // whether the mail goes to our own Exchange
	ID       string   // the transaction, as in our Received field
	From     string   // the reverse-path; "" is the null reverse-path
	To       []string // forward-paths that the next hop had accepted
	Size     int64    // octets as received
	Meeting  *MeetingEvent
	Route    string        // see Route; a label of the metrics
	NextHop  string        // who gave the verdict: "mail.example.com [192.0.2.1]:25"
	Verdict  Verdict       // code 0: the client went away before there was one
	Took     time.Duration // from MAIL to the verdict
}

// MeetingEvent is what was found in a message with a calendar.
type MeetingEvent struct {
	Method   string // "" when the calendar has none
	UID      string
	Seq      int // SEQUENCE, 0 when the calendar has none
	Profile  string
	Findings []string // IDs
	Applied  []string // IDs of those that were repaired
	Vetoed   []string // IDs of those that the guard took back
	Form     string   // what was sent, see fallback.go
	DKIM     []string // what became of each signature, when they were verified
	Outcome  Outcome
}

// Outcome says what became of a calendar.
type Outcome string

const (
	Repaired  Outcome = "repaired"   // at least one remedy was applied
	Clean     Outcome = "clean"      // nothing to repair
	Observed  Outcome = "observed"   // something to repair, but the mode is observe
	LeftAlone Outcome = "left-alone" // signed, sealed, excepted: not for us to touch
	Failed    Outcome = "failed"     // a fault or a limit: the original was sent
)

// Outcomes returns all of them.
func Outcomes() []Outcome { return []Outcome{Repaired, Clean, Observed, LeftAlone, Failed} }

// Message logs "message": at info when the next hop took it, at warn when not.
func (m *MailLog) Message(e MessageEvent) {
	level := slog.LevelInfo
	if !e.Verdict.OK() {
		level = slog.LevelWarn
	}
	l := m.line(level, "message")
	l.str("conn", e.Conn)
	l.str("client", e.Client)
	l.str("listener", e.Listener)
	if e.Inbound {
		l.str("direction", "inbound")
	}
	l.str("id", e.ID)
	l.path("from", e.From)
	l.list("to", e.To)
	l.num("size_bytes", e.Size)
	if e.Meeting != nil {
		l.str("method", e.Meeting.Method)
		l.str("uid", e.Meeting.UID)
		l.num("seq", int64(e.Meeting.Seq))
		l.str("profile", e.Meeting.Profile)
		l.list("findings", e.Meeting.Findings)
		l.list("applied", e.Meeting.Applied)
		l.list("vetoed", e.Meeting.Vetoed)
		l.str("form", e.Meeting.Form)
		l.list("dkim", e.Meeting.DKIM)
		l.str("outcome", string(e.Meeting.Outcome))
	}
	l.str("route", e.Route)
	l.str("nexthop", e.NextHop)
	l.verdict(e.Verdict)
	l.took(e.Took)
	l.write()
}

// LeftAloneEvent is a calendar that was not repaired, or a message that was not
// looked into, and why. The message's own line follows.
type LeftAloneEvent struct {
	Conn, ID string
	From     string
	What     string // the part: "1.2", "message"
	Why      string // "signed: multipart/signed", "skip_from", …
	Err      error  // the fault, when it was one: then it is logged at error
}

// LeftAlone logs "left-alone".
func (m *MailLog) LeftAlone(e LeftAloneEvent) {
	level := slog.LevelInfo
	if e.Err != nil {
		level = slog.LevelError
	}
	l := m.line(level, "left-alone")
	l.str("conn", e.Conn)
	l.str("id", e.ID)
	l.path("from", e.From)
	l.str("what", e.What)
	l.str("why", e.Why)
	l.err(e.Err)
	l.write()
}

// FallbackEvent is a payload that the next hop refused for its content, and what
// follows.
type FallbackEvent struct {
	Conn, ID string
	From     string
	To       []string
	Route    string
	Form     string // that was refused
	Next     string // that is tried now; "" when no other is
	Why      string // why others are not
	NextHop  string
	Verdict  Verdict
}

// Fallback logs "fallback".
func (m *MailLog) Fallback(e FallbackEvent) {
	l := m.line(slog.LevelWarn, "fallback")
	l.str("conn", e.Conn)
	l.str("id", e.ID)
	l.path("from", e.From)
	l.list("to", e.To)
	l.str("form", e.Form)
	l.str("next", e.Next)
	l.str("why", e.Why)
	l.str("route", e.Route)
	l.str("nexthop", e.NextHop)
	l.verdict(e.Verdict)
	l.write()
}

// RecipientEvent is a recipient that did not get into the transaction, by the
// next hop's word or by ours.
type RecipientEvent struct {
	Conn, Client, ID string
	From, To         string
	Route, NextHop   string
	Verdict          Verdict
}

// Recipient logs "recipient-refused".
func (m *MailLog) Recipient(e RecipientEvent) {
	l := m.line(slog.LevelWarn, "recipient-refused")
	l.str("conn", e.Conn)
	l.str("client", e.Client)
	l.str("id", e.ID)
	l.path("from", e.From)
	l.path("to", e.To)
	l.str("route", e.Route)
	l.str("nexthop", e.NextHop)
	l.verdict(e.Verdict)
	l.write()
}

// line is a log line under construction. Its methods do nothing when the line
// is below the log's level.
type line struct {
	m   *MailLog
	rec slog.Record
}

func (m *MailLog) line(level slog.Level, msg string) *line {
	if m == nil || !m.handler.Enabled(context.Background(), level) {
		return &line{}
	}
	return &line{m: m, rec: slog.NewRecord(m.now(), level, msg, 0)}
}

func (l *line) write() {
	if l.m != nil {
		// Nobody could be told that the log cannot be written.
		_ = l.m.handler.Handle(context.Background(), l.rec)
	}
}

func (l *line) attr(a slog.Attr) {
	if l.m != nil {
		l.rec.AddAttrs(a)
	}
}

func (l *line) str(key, value string) {
	if value != "" {
		l.attr(slog.String(key, value))
	}
}

func (l *line) num(key string, value int64) { l.attr(slog.Int64(key, value)) }

// path writes an address; the null reverse-path is shown as <>.
func (l *line) path(key, value string) {
	if value == "" {
		value = "<>"
	}
	l.attr(slog.String(key, value))
}

func (l *line) list(key string, values []string) {
	if l.m != nil && len(values) > 0 {
		l.attr(slog.String(key, strings.Join(values, ",")))
	}
}

func (l *line) took(d time.Duration) {
	l.attr(slog.Float64("took_ms", float64(d.Round(10*time.Microsecond).Microseconds())/1000))
}

func (l *line) err(err error) {
	if l.m != nil && err != nil {
		l.attr(slog.String("error", err.Error()))
	}
}

// verdict writes verdict, code and reply, and the internal reason if there is
// one.
func (l *line) verdict(v Verdict) {
	l.str("verdict", v.Class())
	if l.m == nil || v.Code == 0 {
		return
	}
	l.num("code", int64(v.Code))
	l.str("reply", v.reply())
	l.err(v.Cause)
}

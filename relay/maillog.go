package relay

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
)

// MailLog is the administrator's log: one method for each event, one line for each
// call. The value of msg is one of a fixed set (docs/log.md), the keys and their
// order are stable, and a key without a value is omitted. A nil *MailLog logs
// nothing. It is safe for concurrent use.
//
// Values are passed on as they are given: [NewLogHandler] replaces and shortens what
// a client or another server chose.
type MailLog struct {
	handler slog.Handler
	now     func() time.Time
}

// NewMailLog returns a log that writes to handler; now is the clock, nil means
// time.Now.
func NewMailLog(handler slog.Handler, now func() time.Time) *MailLog {
	if now == nil {
		now = time.Now
	}
	return &MailLog{handler: handler, now: now}
}

// Message logs "message", "component" where there are several, and "recipient"
// for each of them, in one write. It implements [Sink].
func (m *MailLog) Message(e *Event) {
	if m == nil {
		return
	}
	var b logLines
	b.add(m.messageLine(e))
	if list := e.Meeting.Components(); len(list) > 1 {
		for i, c := range list[:min(len(list), maxComponents)] {
			b.add(m.componentLine(e, i+1, c))
		}
	}
	for _, r := range e.Recipients {
		b.add(m.recipientLine(e, r))
	}
	b.write(m)
}

// maxComponents is how many components of one message get a line. More stand
// in nothing but feeds of whole calendars, which nobody is invited by.
const maxComponents = 1000

// level is info for a message that was delivered.
func (e *Event) level() slog.Level {
	if e.Outcome == delivery.Notice {
		return slog.LevelWarn
	}
	for _, r := range e.Recipients {
		if !r.Verdict.OK() {
			return slog.LevelWarn
		}
	}
	if len(e.Recipients) > 0 && !e.Verdict.OK() || e.Verdict.Code >= 400 {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func (m *MailLog) messageLine(e *Event) *line {
	l := m.line(e.level(), "message")
	if l.m == nil {
		return l
	}
	l.str("conn", e.Conn)
	l.str("client", e.Client)
	l.str("listener", e.Listener)
	if e.Inbound {
		l.str("direction", "inbound")
	}
	l.str("id", e.ID)
	if e.Attempt > 0 {
		l.num("attempt", int64(e.Attempt))
	}
	l.path("from", e.From)
	l.num("recipients", int64(len(e.Recipients)))
	l.tally(e.Recipients)
	l.str("msgid", e.MessageID)
	l.str("subject", e.Subject)
	l.num("size_bytes", e.Size)
	l.meeting(e.Meeting)
	l.list("signed", e.Signed)
	l.str("outcome", string(e.Outcome))
	l.str("route", e.Route)
	l.str("nexthop", e.NextHop)
	l.verdict(e.Verdict)
	l.str("why", e.Why)
	l.took(e.Took)
	return l
}

// tally adds how many recipients have which verdict, where the verdicts differ.
func (l *line) tally(list []RecipientEvent) {
	n := map[string]int64{}
	for _, r := range list {
		n[r.Verdict.Class()]++
	}
	if len(n) < 2 {
		return
	}
	for _, class := range classes {
		if n[class] > 0 {
			l.num(class, n[class])
		}
	}
}

// meeting adds what was found and done. The identifying keys are those of the first
// component; the others have lines of their own.
func (l *line) meeting(m *delivery.Meeting) {
	if m == nil {
		return
	}
	list := m.Components()
	if len(list) > 0 {
		l.component(list[0], m.OnlyEnclosed())
	}
	if len(list) > 1 {
		l.num("components", int64(len(list)))
	}
	l.str("profile", m.Profile)
	l.list("findings", m.Findings)
	l.list("applied", m.Applied)
	l.list("vetoed", m.Vetoed)
	l.str("form", m.Form)
	l.list("dkim", m.DKIM)
}

// component adds what identifies a component, and what a repair changed of it. A
// component of an enclosed message is logged without its revision.
func (l *line) component(c rewrite.Component, enclosed bool) {
	was, now := c.Received, c.Sent
	if was == (rewrite.Revision{}) {
		was = now
	}
	if now == (rewrite.Revision{}) {
		now = was
	}
	for _, p := range []struct{ key, was, now string }{
		{"method", was.Method, now.Method}, {"uid", was.UID, now.UID}, {"recurrence_id", was.RecurrenceID, now.RecurrenceID},
		{"dtstamp", was.DTStamp, now.DTStamp},
	} {
		l.str(p.key, p.was)
		if p.now != p.was {
			l.str(p.key+"_sent", p.now)
		}
	}
	if enclosed {
		return
	}
	l.num("seq", int64(was.Sequence))
	if now.Sequence != was.Sequence {
		l.num("seq_sent", int64(now.Sequence))
	}
}

func (m *MailLog) componentLine(e *Event, number int, c rewrite.Component) *line {
	l := m.line(slog.LevelInfo, "component")
	if l.m == nil {
		return l
	}
	l.str("conn", e.Conn)
	l.str("id", e.ID)
	l.num("number", int64(number))
	l.str("component", c.Name)
	l.component(c, e.Meeting.OnlyEnclosed())
	switch {
	case c.Received == rewrite.Revision{}:
		l.str("why", "added by a repair")
	case c.Sent == rewrite.Revision{}:
		l.str("why", "removed by a repair")
	}
	return l
}

func (m *MailLog) recipientLine(e *Event, r RecipientEvent) *line {
	level := slog.LevelInfo
	if !r.Verdict.OK() || e.Outcome == delivery.Notice {
		level = slog.LevelWarn
	}
	l := m.line(level, "recipient")
	if l.m == nil {
		return l
	}
	l.str("conn", e.Conn)
	l.str("id", e.ID)
	l.path("from", e.From)
	l.path("to", r.Address)
	l.str("msgid", e.MessageID)
	if list := e.Meeting.Components(); len(list) > 0 {
		l.component(list[0], e.Meeting.OnlyEnclosed())
		if len(list) > 1 {
			l.num("components", int64(len(list)))
		}
	}
	if r.Verdict.OK() {
		l.str("outcome", string(e.Outcome))
	}
	l.str("route", e.Route)
	l.str("nexthop", r.NextHop)
	l.verdict(r.Verdict)
	if r.Verdict.Code == 0 {
		l.str("why", e.Why)
	}
	return l
}

// LeftAloneEvent reports that a calendar was not repaired, or a message was not
// examined, and why. It is logged before the line of the message.
type LeftAloneEvent struct {
	Conn, ID string
	From     string
	What     string // the part: "1.2", "message"
	Why      string // "signed: multipart/signed", "skip_from", …
	Err      error  // the internal error, if that is the reason; the level is error then
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

// FallbackEvent reports that the next hop refused a payload for its content, and
// what follows.
type FallbackEvent struct {
	Conn, ID string
	From     string
	To       []string
	Route    string
	delivery.Attempt
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
	l.str("nexthop", e.Verdict.Remote)
	if e.Verdict.Code != 0 { // none was asked for the form that an earlier revision makes it begin with
		l.verdict(e.Verdict)
	}
	l.write()
}

// logLines are lines that are written in one write.
type logLines struct{ records []slog.Record }

func (b *logLines) add(l *line) {
	if l.m != nil {
		b.records = append(b.records, l.rec)
	}
}

func (b *logLines) write(m *MailLog) {
	if h, ok := m.handler.(BatchHandler); ok {
		_ = h.HandleAll(context.Background(), b.records) // see line.write
		return
	}
	for _, r := range b.records {
		_ = m.handler.Handle(context.Background(), r)
	}
}

// line is a log line under construction. Its methods do nothing when its level is
// not logged.
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
		// The writer reports errors on standard error.
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
		l.attr(slog.Any(key, values))
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

// verdict adds verdict, code, reply and, if there is one, the internal reason.
func (l *line) verdict(v envelope.Verdict) {
	l.str("verdict", v.Class())
	if l.m == nil || v.Code == 0 {
		return
	}
	reply := v.Reply()
	l.num("code", int64(v.Code))
	l.str("reply", reply)
	switch cause := v.Cause; {
	case cause == nil, strings.Contains(reply, cause.Error()):
	case errors.Is(cause, context.Canceled), errors.Is(cause, context.DeadlineExceeded): // the reply says whose
	default:
		l.err(cause)
	}
}

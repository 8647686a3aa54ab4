package relay

import (
	"log/slog"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// ConnEvent describes a client's connection.
type ConnEvent struct {
	Conn     string
	Client   string // "10.1.2.3:49152", with the EHLO name when it is known
	Listener string
	TLS      string // "TLS1.3 TLS_AES_128_GCM_SHA256", "" in plain text
	User     string // the authenticated user
	Messages int    // transactions that ended in 250
	Why      string // how it ended: "quit", "idle", "too many errors", …
	Verdict  envelope.Verdict
	Err      error
	Took     time.Duration
}

// connected logs "connected", at debug.
func (m *MailLog) connected(e ConnEvent) { m.conn(slog.LevelDebug, "connected", e) }

// disconnected logs "disconnected", at debug.
func (m *MailLog) disconnected(e ConnEvent) { m.conn(slog.LevelDebug, "disconnected", e) }

// Refused logs "client-refused": a client that may not relay, speaks before the
// greeting, makes too many errors or exceeds the number of connections.
func (m *MailLog) Refused(e ConnEvent) { m.conn(slog.LevelWarn, "client-refused", e) }

// weakTLS logs "tls-weak": a client negotiated a version below 1.2.
func (m *MailLog) weakTLS(e ConnEvent) { m.conn(slog.LevelWarn, "tls-weak", e) }

// tlsFailed logs "tls-failed": a handshake with a client did not succeed.
func (m *MailLog) tlsFailed(e ConnEvent) { m.conn(slog.LevelWarn, "tls-failed", e) }

// authenticated logs "auth", at debug.
func (m *MailLog) authenticated(e ConnEvent) { m.conn(slog.LevelDebug, "auth", e) }

// authFailed logs "auth-failed"; User is the name that was tried.
func (m *MailLog) authFailed(e ConnEvent) { m.conn(slog.LevelWarn, "auth-failed", e) }

// fault logs "fault" at error: an internal error, a panic included. The session
// replied 451 or continued with the original message.
func (m *MailLog) fault(e ConnEvent) { m.conn(slog.LevelError, "fault", e) }

func (m *MailLog) conn(level slog.Level, msg string, e ConnEvent) {
	l := m.line(level, msg)
	l.str("conn", e.Conn)
	l.str("client", e.Client)
	l.str("listener", e.Listener)
	l.str("tls", e.TLS)
	l.str("user", e.User)
	if e.Messages > 0 {
		l.num("messages", int64(e.Messages))
	}
	l.end(e.Verdict, e.Why, e.Err, e.Took)
}

// end adds how a connection ended: the last reply, the reason and the duration.
func (l *line) end(v envelope.Verdict, why string, err error, took time.Duration) {
	if v.Code != 0 {
		l.verdict(v)
	}
	l.str("why", why)
	l.err(err)
	if took > 0 {
		l.took(took)
	}
	l.write()
}

// Started logs "started".
func (m *MailLog) Started(version, configFile string) {
	l := m.line(slog.LevelInfo, "started")
	l.str("version", version)
	l.str("config", configFile)
	l.write()
}

// Stopping logs "stopping" with the reason; running transactions are still
// completed.
func (m *MailLog) Stopping(why string) {
	l := m.line(slog.LevelInfo, "stopping")
	l.str("why", why)
	l.write()
}

// Stopped logs "stopped"; err reports transactions that were interrupted, nil when
// none was.
func (m *MailLog) Stopped(err error) {
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelWarn
	}
	l := m.line(level, "stopped")
	l.err(err)
	l.write()
}

// ListenerUp logs "listener-up".
func (m *MailLog) ListenerUp(name, address string) { m.listener("listener-up", name, address) }

// ListenerDown logs "listener-down".
func (m *MailLog) ListenerDown(name, address string) { m.listener("listener-down", name, address) }

func (m *MailLog) listener(msg, name, address string) {
	l := m.line(slog.LevelInfo, msg)
	l.str("listener", name)
	l.str("address", address)
	l.write()
}

// ConfigLoaded logs "config-loaded".
func (m *MailLog) ConfigLoaded(file string) {
	l := m.line(slog.LevelInfo, "config-loaded")
	l.str("config", file)
	l.write()
}

// ConfigWarning logs "config-warning": the configuration is used although part of it
// is doubtful.
func (m *MailLog) ConfigWarning(file string, problem error) {
	l := m.line(slog.LevelWarn, "config-warning")
	l.str("config", file)
	l.err(problem)
	l.write()
}

// CertificateEnds logs that a certificate of the configuration expires soon, in
// days, or has expired: days is negative then. key is the key of the configuration
// that names it.
func (m *MailLog) CertificateEnds(key, subject string, end time.Time, days int) {
	level := slog.LevelWarn
	if days < 1 {
		level = slog.LevelError
	}
	l := m.line(level, "certificate-ends")
	l.str("key", key)
	l.str("subject", subject)
	l.str("ends", end.UTC().Format(time.RFC3339))
	l.num("days", int64(days))
	l.write()
}

// ConfigRejected logs "config-rejected": the file was changed and has an error; the
// previous configuration stays in use.
func (m *MailLog) ConfigRejected(file string, problem error) {
	l := m.line(slog.LevelError, "config-rejected")
	l.str("config", file)
	l.err(problem)
	l.write()
}

// LogRecovered returns the record that reports how many lines were lost while the
// log could not be written, and why. It is written before the next record.
func LogRecovered(at time.Time, lost int, why error) slog.Record {
	r := slog.NewRecord(at, slog.LevelWarn, "log-recovered", 0)
	r.AddAttrs(slog.Int("lost", lost))
	if why != nil {
		r.AddAttrs(slog.String("error", why.Error()))
	}
	return r
}

// LedgerOff logs "ledger-off": nothing is recorded of meetings, and why.
func (m *MailLog) LedgerOff(why string) {
	l := m.line(slog.LevelInfo, "ledger-off")
	l.str("why", why)
	l.write()
}

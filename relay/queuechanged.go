package relay

import (
	"log/slog"

	"github.com/reconvene/reconvene/relay/queue"
)

// QueueChanged logs "queue-changed": an administrator changed messages of the queue.
func (m *MailLog) QueueChanged(do string, f queue.Filter, why string, messages int, err error) {
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelWarn
	}
	l := m.line(level, "queue-changed")
	l.str("what", do)
	l.num("messages", int64(messages))
	l.str("why", why)
	l.list("ids", f.IDs)
	l.str("from", f.From)
	l.str("to", f.To)
	l.str("domain", f.Domain)
	l.str("uid", f.Meeting)
	if f.Older > 0 {
		l.str("older", f.Older.String())
	}
	l.str("reason", f.Reason)
	l.err(err)
	l.write()
}

// QueueTrouble logs "queue-failed".
func (m *MailLog) QueueTrouble(what string, err error) { m.queueTrouble("", what, err) }

package relay

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/queue"
)

// errNoQueue reports a listener that needs a queue which was not opened at the start.
var errNoQueue = errors.New(`a listener has handoff = "queue", and the server was started without a queue: restart it`)

// openQueue reads the messages of the store.
func (s *Server) openQueue() error {
	if s.opt.Store == nil {
		return nil
	}
	q, err := queue.Open(queue.Options{Store: s.opt.Store, Carrier: carrier{s}, Observer: queueLog{s}, Now: s.opt.Now, NewID: s.nextID,
		Settings: queueSettings(s.setup.Load().cfg)})
	if err != nil {
		return err
	}
	s.queue = q
	s.opt.Log.queueOpened(q.Len())
	return nil
}

// Queue returns the queue, nil without one.
func (s *Server) Queue() *queue.Queue { return s.queue }

// runQueue sends the messages of the queue until ctx ends, or Close is called. The
// returned function waits for the end.
func (s *Server) runQueue(ctx context.Context) (wait func()) {
	if s.queue == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.queue.Run(ctx, s.ctx, s.setup.Load().cfg.Limits.ShutdownTimeout)
	}()
	return func() {
		cancel()
		<-ended
		if err := s.opt.Store.Close(); err != nil {
			s.opt.Log.queueTrouble("", "closing the queue", err)
		}
	}
}

// queueSettings returns the settings of a configuration.
func queueSettings(cfg *config.Config) queue.Settings {
	q := cfg.Queue
	set := queue.Settings{Expire: q.Expire, DelayNotice: q.DelayNotice, DelayMeeting: q.DelayNoticeMeeting, RetryFirst: q.RetryFirst, RetryMost: q.RetryMost, Workers: q.Workers}
	if set.DelayNotice == 0 {
		set.DelayNotice = -1 // never
	}
	if set.DelayMeeting == 0 {
		set.DelayMeeting = set.DelayNotice
	}
	return set
}

// queueLog passes what happens in the queue to the log and the sinks.
type queueLog struct{ *Server }

var _ queue.Observer = queueLog{}

// Damaged implements queue.Observer: "queue-damaged".
func (q queueLog) Damaged(d queue.Damage) {
	l := q.opt.Log.line(slog.LevelError, "queue-damaged")
	l.str("id", d.ID)
	l.str("why", d.Why)
	what := `moved to the folder "damaged" of the queue: look at it`
	if d.Missing {
		what = "somebody removed it from the folder of the queue: it is not sent, and its sender is not told"
	}
	l.str("what", what)
	l.write()
}

// Ended implements queue.Observer: a message line with the outcome expired, bounced or
// removed.
func (q queueLog) Ended(m *queue.Message, list []int, why string) { q.report(m, list, why) }

// report passes an event about recipients that were not tried at this moment.
func (q queueLog) report(m *queue.Message, list []int, why string) {
	e := q.queuedEvent(m, m.Received)
	e.Attempt, e.Why = 1, why
	for _, i := range list {
		r := &m.Recipients[i]
		v := r.Last.Verdict()
		v.Queue = string(r.State)
		e.Attempt = max(e.Attempt, r.Attempts)
		e.Recipients = append(e.Recipients, RecipientEvent{Address: r.Path, Verdict: v, NextHop: v.Remote})
		e.Verdict = v
		if route := q.setup.Load().router.routeOf(r.Path); route != nil {
			e.Route = route.Name
		}
	}
	e.Meeting = q.meetingOf(m)
	e.Outcome = outcome(nil, e.Verdict, e.Recipients)
	q.notifySinks(e)
}

// queuedEvent returns an event with what is known of a message of the queue, about
// something that has begun at a time.
func (s *Server) queuedEvent(m *queue.Message, began time.Time) *Event {
	now := s.opt.Now()
	return &Event{Conn: m.Conn, Client: m.Client, Listener: m.Listener, User: m.User, Inbound: m.Inbound, ID: m.ID, Transaction: s.nextID(),
		From: m.Sender.Path, MessageID: m.MessageID, Subject: m.Subject, Size: m.Size, EnvID: envelope.DecodeXtext(m.Sender.EnvID),
		At: now, Took: max(now.Sub(began), 0)}
}

// Pending implements queue.Observer: the ledger learns who does not have a meeting yet.
func (q queueLog) Pending(m *queue.Message, list []int) {
	for i := range m.Recipients {
		if r := &m.Recipients[i]; r.Last == nil {
			r.Last = &queue.Attempt{Code: 250, Text: []string{"in the queue of this server"}}
		}
	}
	q.report(m, list, "its destination cannot be used now")
}

// meetingOf returns the meeting of a message that was not sent; nil without one.
func (q queueLog) meetingOf(m *queue.Message) *delivery.Meeting {
	if len(m.Meetings) == 0 {
		return nil
	}
	body, err := q.opt.Store.Body(m.ID)
	if err != nil {
		return nil
	}
	defer body.Close()
	var rcpts []envelope.Recipient
	for i := range m.Recipients {
		rcpts = append(rcpts, m.Recipients[i].Envelope())
	}
	return q.delivery.Examine(body, m.Sender.Path, rcpts)
}

// Notified implements queue.Observer: "notification", what the sender was told.
func (q queueLog) Notified(m *queue.Message, id string, list []queue.Notice, why string) {
	level := slog.LevelInfo
	if id == "" && why != "" {
		level = slog.LevelWarn
	}
	l := q.opt.Log.line(level, "notification")
	l.str("conn", m.Conn)
	l.str("id", m.ID)
	l.path("from", m.Sender.Path)
	var to []string
	for _, n := range list {
		to = append(to, n.Recipient.Path)
	}
	l.list("to", to)
	l.str("what", string(list[0].Action))
	l.str("notification", id)
	l.str("why", why)
	l.write()
}

// Waiting implements queue.Observer: "destination-waiting".
func (q queueLog) Waiting(destination string, failures int, again time.Time, last envelope.Verdict) {
	l := q.opt.Log.line(slog.LevelWarn, "destination-waiting")
	l.str("route", destination)
	l.num("failures", int64(failures))
	l.str("again", again.UTC().Format(time.RFC3339))
	l.str("nexthop", last.Remote)
	l.verdict(last)
	l.write()
}

// Back implements queue.Observer: "destination-back".
func (q queueLog) Back(destination string) {
	l := q.opt.Log.line(slog.LevelInfo, "destination-back")
	l.str("route", destination)
	l.write()
}

// Trouble implements queue.Observer: "queue-failed".
func (q queueLog) Trouble(id, what string, err error) { q.opt.Log.queueTrouble(id, what, err) }

func (m *MailLog) queueTrouble(id, what string, err error) {
	l := m.line(slog.LevelError, "queue-failed")
	l.str("id", id)
	l.str("what", what)
	l.err(err)
	l.write()
}

// queueOpened logs "queue-opened".
func (m *MailLog) queueOpened(messages int) {
	l := m.line(slog.LevelInfo, "queue-opened")
	l.num("messages", int64(messages))
	l.write()
}

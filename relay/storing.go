package relay

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/convert"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/smtpd"
	"github.com/reconvene/reconvene/relay/tlspolicy"
	"github.com/reconvene/reconvene/rewrite"
)

// storing handles the mail of a client whose listener has handoff = "queue": a message
// is stored and answered, and sent later. Policy and trace are those of session.
type storing struct {
	*session
}

var _ smtpd.Handler = storing{}

// handler returns the handler for the mail of a client.
func (c *client) handler() smtpd.Handler {
	s := &session{client: c}
	if c.cfg.Handoff == config.HandoffQueue {
		return storing{s}
	}
	return s
}

// Rcpt implements smtpd.Handler: it accepts each recipient that has a route.
func (s storing) Rcpt(rcpts []smtpd.Recipient, _ bool) []envelope.Verdict {
	if s.tx == nil {
		return []envelope.Verdict{envelope.Refuse(503, [3]int{5, 5, 1}, "MAIL must come first")}
	}
	rcpt := rcpts[0]
	s.noteLeftOut(rcpt.Path, rcpt.LeftOut)
	v := s.admitStored(rcpt.Recipient)
	s.tx.note(rcpt.Path, v)
	if v.OK() {
		s.tx.taken = append(s.tx.taken, rcpt.Recipient)
	}
	return []envelope.Verdict{v}
}

// admitStored checks whether mail for the recipient may be stored. Recipients of one
// message may have different routes.
func (s storing) admitStored(rcpt envelope.Recipient) envelope.Verdict {
	tx := s.tx
	if v := s.tooMany(rcpt); !v.OK() {
		return v
	}
	route, v := s.routeOf(rcpt)
	if route == nil {
		return v
	}
	if tx.route == nil {
		tx.route = route
	}
	tx.count++
	return envelope.Verdict{Code: 250, Enhanced: [3]int{2, 1, 5}, Text: []string{"recipient accepted"}}
}

// Data implements smtpd.Handler: it stores the message, and replies 250 when it is
// durable.
func (s storing) Data(body io.WriterTo) envelope.Verdict {
	tx := s.tx
	if tx == nil || len(tx.taken) == 0 {
		return s.drainOutOfStep(body)
	}
	w, err := s.server.queue.Create(tx.id)
	if err != nil {
		s.server.storedMessage(err)
		return s.drop(body, storeVerdict(err))
	}
	in := &incoming{w: w, max: int64(s.cfg.MaxSize), failed: s.server.storedMessage}
	if _, err := body.WriteTo(in); err != nil {
		defer w.Discard()
		return s.unstored(in, err)
	}
	s.readSummary(w, in.size)
	v := envelope.Verdict{Code: 250, Enhanced: [3]int{2, 0, 0}, Text: []string{"queued as " + tx.id}, Queue: envelope.Queued}
	err = s.server.queue.Accept(w, s.message(in))
	if s.server.storedMessage(err); err != nil {
		v = storeVerdict(err)
	}
	s.end(in.size, nil, v, "")
	if v.OK() {
		s.messages++
	}
	return v
}

// drop reads and drops the body of a message that cannot be stored.
func (s storing) drop(body io.WriterTo, v envelope.Verdict) envelope.Verdict {
	if _, err := body.WriteTo(io.Discard); errors.Is(err, smtpd.ErrGone) {
		v = envelope.Verdict{Cause: err}
	}
	s.end(0, nil, v, s.whyNone(v))
	return v
}

// unstored ends a transaction whose body was not received or not stored completely.
func (s storing) unstored(in *incoming, err error) envelope.Verdict {
	v := storeVerdict(err)
	switch {
	case errors.Is(err, smtpd.ErrFlood):
		s.end(in.size, nil, delivery.TooLarge(in.max).Because(err), "")
		return envelope.Verdict{Cause: err}
	case errors.Is(err, smtpd.ErrGone):
		v = envelope.Verdict{Cause: err}
	case errors.Is(err, errTooLarge):
		v = delivery.TooLarge(in.max)
	}
	s.readSummary(in.w, in.size)
	s.end(in.size, nil, v, s.whyNone(v))
	return v
}

// whyNone returns why there is no verdict.
func (s storing) whyNone(v envelope.Verdict) string {
	if v.Code != 0 {
		return ""
	}
	return s.interrupted(v.Cause)
}

// storeVerdict returns the reply for an error of the queue's store.
func storeVerdict(err error) envelope.Verdict {
	if errors.Is(err, queue.ErrFull) {
		return envelope.Refuse(452, [3]int{4, 3, 1}, "no space is left for the queue, try again").Because(err)
	}
	return envelope.Refuse(451, [3]int{4, 3, 0}, "the message could not be stored, try again").Because(err)
}

// OutOfStep implements smtpd.Handler.
func (s storing) OutOfStep() envelope.Verdict {
	s.tx.taken = nil
	return abortedHop{}.Deliver(nil, nil)
}

// message returns what is stored beside the body.
func (s storing) message(in *incoming) *queue.Message {
	tx := s.tx
	m := &queue.Message{ID: tx.id, Received: tx.started.Round(0), Sender: queue.SenderOf(tx.from), Trace: (*caller)(s.session).Received(),
		Inbound: s.cfg.Direction == config.Inbound, MaxSize: int64(s.cfg.MaxSize), Newlines: string(s.cfg.BareNewlines), Regular: in.lines.Regular(),
		Conn: s.id, Client: s.name(), Listener: s.cfg.Name, User: s.user, MessageID: tx.messageID, Subject: tx.subject}
	for _, r := range tx.taken {
		m.Recipients = append(m.Recipients, queue.Recipient{Path: r.Path, Notify: r.Notify, ORcpt: r.ORcpt})
	}
	head := make([]byte, min(in.size, maxHead))
	if _, err := in.w.ReadAt(head, 0); err == nil {
		m.Sender.OptionalTLS = tlspolicy.OptionalTLS(head)
	}
	if tx.from.By != 0 {
		m.DeliverBy = &queue.DeliverBy{At: tx.started.Add(tx.from.By).Round(0), Return: tx.from.ByReturn}
	}
	m.Priority = tx.from.Priority
	m.Meetings = meetingsOf(io.NewSectionReader(in.w, 0, in.size))
	return m
}

// maxHead is how much of a message is read to find the field TLS-Required.
const maxHead = 64 << 10

// meetingsOf returns what identifies the meetings of a message; those that cannot be
// read have no order.
func meetingsOf(body rewrite.Source) (list []queue.Meeting) {
	found, err := rewrite.Identify(body, rewrite.Limits{})
	if err != nil {
		return nil
	}
	for _, d := range found {
		at := slices.IndexFunc(list, func(m queue.Meeting) bool { return m.UID == d.UID })
		if at < 0 {
			at = len(list)
			list = append(list, queue.Meeting{UID: d.UID, Method: d.Method, Summary: strings.ToValidUTF8(d.Summary, "\ufffd"), Start: d.Start.UTC(), Organizer: d.Organizer})
		}
		list[at].Revision = revisionOf(list[at].Revision, d.Details)
	}
	return list
}

// revisionOf returns what distinguishes the revisions of a meeting: a hash of all that
// identifies this one, and of before, that of its other occurrences in the message.
func revisionOf(before string, d rewrite.Details) string {
	b := make([]byte, 0, 512)
	for _, text := range []string{before, d.Method, d.RecurrenceID} {
		b = append(append(b, text...), ' ')
	}
	b = append(strconv.AppendInt(b, int64(d.Sequence), 10), ' ')
	b = append(strconv.AppendInt(b, int64(d.Number), 10), ' ')
	b = append(append(b, d.DTStamp...), ' ')
	for _, text := range []string{d.Summary, d.Location, d.Rule, d.Excluded} {
		b = append(strconv.AppendQuote(b, text), ' ')
	}
	b = append(strconv.AppendInt(b, d.Start.Unix(), 10), ' ')
	b = strconv.AppendInt(b, d.End.Unix(), 10)
	for _, a := range d.Attendees {
		b = append(strconv.AppendQuote(append(b, ' '), a.Address), ' ')
		b = append(b, a.PartStat...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// errTooLarge reports a message of more than max_size.
var errTooLarge = errors.New("the message is larger than max_size")

// incoming writes a message to the store.
type incoming struct {
	w     queue.Writer
	size  int64
	max   int64 // 0: no limit
	lines convert.Lines

	failed func(error) // is told why the store did not take a part
}

// Write implements io.Writer.
func (in *incoming) Write(p []byte) (int, error) {
	if in.max > 0 && in.size+int64(len(p)) > in.max {
		in.size += int64(len(p))
		return 0, errTooLarge
	}
	n, err := in.w.Write(p)
	in.size += int64(n)
	_, _ = in.lines.Write(p[:n]) // never fails
	if err != nil {
		in.failed(err)
	}
	return n, err
}

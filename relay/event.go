package relay

import (
	"fmt"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtpd"
)

// Event is all that is known of a message at its end: when it was delivered, when it
// was refused, and when its body was never received. It is passed to each [Sink] and
// is not changed afterwards.
type Event struct {
	Conn     string // the connection
	Client   string // the host that sent it: "exch01.example.com [10.1.2.3]"
	Listener string // its name
	User     string // the authenticated user, "" without one
	Inbound  bool   // the mail goes to our own Exchange
	ID       string // the transaction, as in the Received field that we add

	Attempt     int    // of the queue to deliver the message, from 1; 0: there is no queue, or the message was stored
	Transaction string // of this attempt: ID where there is no queue

	From       string // the reverse-path; "" is the null reverse-path
	Recipients []RecipientEvent
	MessageID  string // as in the header; "" when it was not seen
	Subject    string // decoded
	Size       int64  // octets received; fewer than the message has when it was not received completely

	Meeting *delivery.Meeting // nil when there is no calendar, or when it was not looked for
	Report  *StatusReport     // what the message reports when it is a delivery status notification; else nil
	Fields  []string          // of an inbound answer or notification: header fields that show which program wrote it
	Signed  []string          // where the public keys of our DKIM signatures are in DNS
	Greeted string            // the greeting of the next hop, first line
	Greets  string            // the profile that it suggests, or ""
	EnvID   string            // ENVID of MAIL (RFC 3461 §4.4), decoded
	Route   string            // see Route; a label of the metrics
	NextHop string            // the server that replied: "mail.example.com [192.0.2.1]:25"; "" when the verdict is ours
	Verdict envelope.Verdict  // on the message; code 0: there was none
	Outcome delivery.Outcome
	Why     string    // why there was no verdict on the message
	At      time.Time // when the verdict was known
	Took    time.Duration
}

// RecipientEvent is the result for one recipient.
type RecipientEvent struct {
	Address string           // as it was written
	Verdict envelope.Verdict // the last one: on RCPT when it was refused there, else on the message; code 0: aborted
	NextHop string           // the server that gave the verdict, or that had accepted the recipient
}

// outcome returns the outcome of a message with these recipients.
func outcome(m *delivery.Meeting, v envelope.Verdict, rcpts []RecipientEvent) delivery.Outcome {
	classes := map[string]bool{v.Class(): true}
	for _, r := range rcpts {
		classes[r.Verdict.Class()] = true
	}
	switch {
	case classes["delivered"] && m != nil:
		return m.Outcome
	case classes["delivered"]:
		return delivery.Delivered
	case classes[envelope.Queued]:
		return delivery.Queued
	case classes["deferred"]:
		return delivery.Deferred
	case classes["aborted"]:
		return delivery.Aborted
	case classes[envelope.Bounced]:
		return delivery.Bounced
	case classes[envelope.Expired]:
		return delivery.Expired
	case classes[envelope.Removed]:
		return delivery.Removed
	}
	return delivery.Refused
}

// Sink receives what is known of each message at its end. Message is called from
// many goroutines, before the client gets its reply: it must return soon, and cannot
// change the result.
type Sink interface {
	Message(e *Event)
}

// end ends a transaction and passes the event to the sinks. It is called once for
// each transaction.
func (s *session) end(size int64, meeting *delivery.Meeting, v envelope.Verdict, why string) {
	tx := s.tx
	tx.ended = true
	now := s.server.opt.Now()
	e := &Event{Conn: s.id, Client: s.name(), Listener: s.cfg.Name, User: s.user, Inbound: s.cfg.Direction == config.Inbound,
		ID: tx.id, Transaction: tx.id, From: tx.from.Path, Recipients: tx.results(v), MessageID: tx.messageID, Subject: tx.subject, Size: size,
		Meeting: meeting, Report: tx.report, EnvID: envelope.DecodeXtext(tx.from.EnvID), Route: tx.routeName(), NextHop: v.Remote, Verdict: v, Why: why, At: now, Took: now.Sub(tx.started)}
	e.Fields, e.Signed = tx.fields, tx.signed
	if tx.hop != nil && meeting != nil {
		e.Greeted, e.Greets = tx.hop.Greeting()
	}
	e.Outcome = outcome(meeting, v, e.Recipients)
	s.server.notifySinks(e)
}

// results returns the last verdict of each recipient: all those that the next hop
// has accepted share the one on the message.
func (tx *transaction) results(v envelope.Verdict) []RecipientEvent {
	for i := range tx.noted {
		r := &tx.noted[i]
		if !r.Verdict.OK() {
			continue
		}
		if r.Verdict = v; v.Code != 0 {
			r.NextHop = v.Remote // "" when the verdict is ours
		}
	}
	return tx.noted
}

// note stores the verdict on a recipient for the event.
func (tx *transaction) note(address string, v envelope.Verdict) {
	tx.noted = append(tx.noted, RecipientEvent{Address: address, Verdict: v, NextHop: v.Remote})
}

// Refused implements smtpd.Handler: it stores the recipient or the message for the
// event.
func (s *session) Refused(verb, address string, v envelope.Verdict) {
	switch tx := s.tx; {
	case verb == "RCPT" && tx != nil && !tx.ended:
		tx.note(address, v)
	case verb == "MAIL" && tx == nil && (s.allowed || s.user != ""):
		s.tx = s.newTransaction(envelope.ReversePath{Path: address})
		s.refuseMail(v)
	}
}

// refuseMail ends a transaction that has just begun.
func (s *session) refuseMail(v envelope.Verdict) {
	s.end(0, nil, v, "MAIL was refused")
	s.tx = nil
}

// abandon ends a transaction whose body was never sent. verb is the command by which
// the client ended it, "" without one.
func (s *session) abandon(verb string) {
	tx := s.tx
	if tx == nil || tx.ended {
		return
	}
	why := s.interrupted(s.conn.Err())
	if verb != "" {
		why = "the client ended the transaction with " + verb
	}
	var v envelope.Verdict // there is none where somebody was accepted
	if len(tx.taken) == 0 && len(tx.noted) > 0 {
		v = worst(verdictsOf(tx.noted))
		why = "no recipient was accepted"
	}
	s.end(0, nil, v, why)
}

// interrupted returns why a transaction ended without a verdict; err is how its
// input ended.
func (s *session) interrupted(err error) string {
	switch {
	case s.server.ctx.Err() != nil:
		return errStopped.Error()
	}
	return smtpd.Why(err)
}

// worst returns the verdict for a message none of whose recipients was accepted: the
// first temporary one, so that it is tried again, else the first.
func worst(list []envelope.Verdict) envelope.Verdict {
	for _, v := range list {
		if v.Temporary() {
			return v
		}
	}
	return list[0]
}

// verdictsOf returns the verdicts on recipients.
func verdictsOf(list []RecipientEvent) []envelope.Verdict {
	verdicts := make([]envelope.Verdict, len(list))
	for i, r := range list {
		verdicts[i] = r.Verdict
	}
	return verdicts
}

// notifySinks passes an event to all sinks. A panic in one affects neither the
// message nor the other sinks.
func (s *Server) notifySinks(e *Event) {
	for _, sink := range s.sinks {
		s.notify(sink, e)
	}
}

func (s *Server) notify(sink Sink, e *Event) {
	defer func() {
		if p := recover(); p != nil {
			s.opt.Log.fault(ConnEvent{Conn: e.Conn, Client: e.Client, Listener: e.Listener, Why: fmt.Sprintf("panic while message %s was recorded: %v", e.ID, p)})
		}
	}()
	sink.Message(e)
}

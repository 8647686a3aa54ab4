package queue

import (
	"bytes"
	"errors"
)

// tell stores a notification for the sender of a message. A failure of which the sender
// may not be told for now stays in the queue as Untold: nobody would know of it
// otherwise. Other notices are dropped then.
func (q *Queue) tell(m *Message, body Body, list []Notice) error {
	err := q.notify(m, body, list)
	limit, limited := errors.AsType[*LimitError](err)
	if !limited {
		return err
	}
	for _, n := range list {
		if n.Action == Failure {
			n.Recipient.Untold, n.Recipient.Next = true, limit.Again
		}
	}
	q.opt.Observer.Notified(m, "", list, limit.Error())
	return nil
}

// notify stores a notification for the sender of a message. On an error the sender was
// not told.
func (q *Queue) notify(m *Message, body Body, list []Notice) error {
	if len(list) == 0 {
		return nil
	}
	if m.Sender.Path == "" { // never a notification about a notification (RFC 5321 §6.1)
		if list[0].Action != Failure { // nobody waits for it
			return nil
		}
		q.opt.Observer.Notified(m, "", list, "the message has the null reverse-path")
		return nil
	}
	id := q.opt.NewID()
	n, err := q.opt.Carrier.Compose(id, m, body, list)
	if n == nil {
		return err
	}
	note := &Message{ID: id, Received: q.opt.Now().Round(0), Sender: Sender{UTF8: n.UTF8, RequireTLS: m.Sender.RequireTLS, OptionalTLS: m.Sender.OptionalTLS}, MaxSize: m.MaxSize,
		Listener: m.Listener, Recipients: []Recipient{{Path: m.Sender.Path, Notify: "NEVER"}}}
	if n.EightBit {
		note.Sender.Body = "8BITMIME"
	}
	w, err := q.Create(id)
	if err != nil {
		return err
	}
	if _, err := bytes.NewReader(n.Mail).WriteTo(w); err != nil {
		w.Discard()
		return err
	}
	if err := q.Accept(w, note); err != nil {
		return err
	}
	q.opt.Observer.Notified(m, id, n.About, "")
	return nil
}

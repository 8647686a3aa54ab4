package queue

import (
	"bytes"
)

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
	n, why := q.opt.Carrier.Compose(id, m, body, list)
	if n == nil {
		if why != "" {
			q.opt.Observer.Notified(m, "", list, why)
		}
		return nil
	}
	note := &Message{ID: id, Received: q.opt.Now().Round(0), Sender: Sender{UTF8: n.UTF8, RequireTLS: m.Sender.RequireTLS}, MaxSize: m.MaxSize,
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

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
		q.opt.Observer.Notified(m, "", list, "the message has the null reverse-path")
		return nil
	}
	mail, why := q.opt.Carrier.Compose(m, body, list)
	if mail == nil {
		q.opt.Observer.Notified(m, "", list, why)
		return nil
	}
	id := q.opt.NewID()
	n := &Message{ID: id, Received: q.opt.Now().Round(0), Sender: Sender{UTF8: m.Sender.UTF8}, Inbound: m.Inbound,
		Listener: m.Listener, Recipients: []Recipient{{Path: m.Sender.Path, Notify: "NEVER"}}}
	if !isASCII(mail) {
		n.Sender.Body = "8BITMIME"
	}
	w, err := q.Create(id)
	if err != nil {
		return err
	}
	if _, err := bytes.NewReader(mail).WriteTo(w); err != nil {
		w.Discard()
		return err
	}
	if err := q.Accept(w, n); err != nil {
		return err
	}
	q.opt.Observer.Notified(m, id, list, "")
	return nil
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

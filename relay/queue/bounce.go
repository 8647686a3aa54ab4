package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// KeptError reports messages that Bounce has left as they were, because their senders
// may not be told of them for now.
type KeptError struct {
	Messages int
	Most     int       // notifications to one sender in an hour
	Again    time.Time // when the first of those senders may be told again
}

func (e *KeptError) Error() string {
	stay := "1 message stays"
	if e.Messages != 1 {
		stay = fmt.Sprintf("%d messages stay", e.Messages)
	}
	return fmt.Sprintf("%s in the queue unchanged: a sender gets at most %d notifications within an hour, and nothing is returned without one; repeat the command after %s",
		stay, e.Most, e.Again.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// Bounce returns the message to its sender for the recipients that match. Messages of
// whose return the sender may not be told for now stay as they were; a *KeptError, after
// all others were returned, has their number.
func (q *Queue) Bounce(ctx context.Context, filter Filter, why string) (int, error) {
	var kept KeptError
	n, err := q.change(ctx, filter, func(_ *entry, m *Message, list []int) error {
		err := q.bounce(m, list, why)
		limit, limited := errors.AsType[*LimitError](err)
		if !limited {
			return err
		}
		if kept.Messages == 0 || limit.Again.Before(kept.Again) {
			kept.Again = limit.Again
		}
		kept.Messages++
		kept.Most = limit.Most
		return errKept
	})
	if err == nil && kept.Messages > 0 {
		err = &kept
	}
	return n, err
}

// bounce ends the delivery of a message to some recipients, after its sender was told.
func (q *Queue) bounce(m *Message, list []int, why string) error {
	body, err := q.opt.Store.Body(m.ID)
	if err != nil {
		return err
	}
	defer body.Close()
	var notices []Notice
	for _, i := range list {
		r := &m.Recipients[i]
		v := envelope.Refuse(554, [3]int{5, 7, 0}, "returned by an administrator%s", because(why))
		r.State, r.Untold, r.Last = Bounced, false, &Attempt{At: q.opt.Now(), Code: v.Code, Enhanced: v.Enhanced, Text: v.Text}
		notices = append(notices, Notice{Recipient: r, Action: Failure})
	}
	if err := q.notify(m, body, notices); err != nil {
		return fmt.Errorf("the sender could not be told, and the message stays in the queue: %w", err)
	}
	q.opt.Observer.Ended(m, list, "returned by an administrator"+because(why))
	return nil
}

package relay

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/reconvene/reconvene/relay/dsn"
	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/notice"
)

// Limits of notifications: to one reverse-path in an hour, and how many of them are
// remembered.
const (
	maxNotices     = 500
	maxNoticePaths = 10_000
)

// Compose implements queue.Carrier: it writes a delivery status notification.
func (c carrier) Compose(id string, m *queue.Message, body queue.Body, list []queue.Notice) (*queue.Notification, error) {
	from := m.Sender.Envelope()
	if from.RequireTLS {
		from.Ret = "HDRS" // RFC 8689 §5
	}
	rcpts := make([]dsn.Recipient, len(list))
	for i, n := range list {
		rcpts[i] = dsnRecipient(n)
	}
	due := dsn.Due(from.Path, rcpts)
	if len(due) == 0 {
		return nil, nil
	}
	if again, ok := c.notices.Allow(from.Path); !ok {
		return nil, &queue.LimitError{Most: maxNotices, Again: again}
	}
	r := &dsn.Report{ID: id, Hostname: c.setup.Load().cfg.Hostname, At: c.opt.Now(), Envelope: from, Arrived: m.Received, QueueID: m.ID,
		MessageID: m.MessageID, Subject: m.Subject, Recipients: due, Original: body, Size: body.Size(), Language: notice.Detect(notice.Signs{Subject: m.Subject})}
	r.Meeting, r.Language = meetingAbout(body, r.Language)
	var b bytes.Buffer
	written, err := dsn.Write(&b, r)
	if err != nil {
		return nil, fmt.Errorf("the notification could not be written: %w", err)
	}
	n := &queue.Notification{Mail: b.Bytes(), UTF8: written.UTF8, EightBit: written.EightBit}
	for i, at := range list {
		if slices.ContainsFunc(due, func(d dsn.Recipient) bool { return d.Path == rcpts[i].Path }) {
			n.About = append(n.About, at)
		}
	}
	return n, nil
}

// dsnRecipient returns a recipient in the form of a report.
func dsnRecipient(n queue.Notice) dsn.Recipient {
	r := n.Recipient
	d := dsn.Recipient{Recipient: r.Envelope(), Verdict: r.Last.Verdict(), RetryUntil: n.RetryTill}
	if r.Last != nil {
		d.LastAttempt = r.Last.At
	}
	switch {
	case n.Action == queue.Delay:
		d.Action = dsn.Delayed
	case n.Action == queue.Success:
		d.Action = dsn.Relayed
	case r.State == queue.Expired:
		d.Action, d.Status = dsn.Expired, [3]int{5, 4, 7} // RFC 3463 §3.5: delivery time expired
	default:
		d.Action = dsn.Failed
	}
	return d
}

// meetingAbout returns the meeting of a message and its language, or otherwise.
func meetingAbout(body rewrite.Source, otherwise notice.Language) (m *dsn.Meeting, l notice.Language) {
	l = otherwise
	ignorePanic(func() {
		found, err := rewrite.Identify(body, rewrite.Limits{})
		if err != nil || len(found) == 0 {
			return
		}
		details := make([]rewrite.Details, len(found))
		for i, f := range found {
			details[i] = f.Details
		}
		m, l = dsn.MeetingOf(details), found[0].Language()
	})
	return m, l
}

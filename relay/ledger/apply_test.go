package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/ledger"
)

// A notification marks the message that it names, once: neither when it is read again nor
// when it was read before its message does it mark another one of the same meeting.
func TestReturnedTwiceAndEarly(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, func(o *ledger.Options) { o.Share = true })
	if _, err := l.Cluster(t.Context()); err != nil {
		t.Fatal(err)
	}
	add := func(n int) {
		r := conversations[0].mails[0].record(n)
		r.MessageID = fmt.Sprintf("<m%d@example.com>", n)
		r.Time = nine.Add(time.Duration(n) * time.Minute)
		l.Add(r)
	}
	first := conversations[0].mails[0].record(1)
	position := uint64(0)
	returned := func(n int) {
		position++
		c, err := ledger.DecodeChange(fmt.Appendf(nil, `{"id":"d%d","returned":{"at":"2027-03-01T10:00:00Z","msgid":"<m%[1]d@example.com>","uids":[%q],"failed":[{"spellings":[%q],"words":"5.1.1"}]}}`,
			n, first.Components[0].UID, first.Deliveries[0].Attendee))
		if err != nil || !l.Apply([]ledger.Applied{{Position: position, Change: c}}) {
			t.Fatal("not applied", err)
		}
	}
	want := func(when, want string) {
		t.Helper()
		list, err := reader(t, dir).Find(context.Background(), first.Components[0].UID)
		if err != nil || len(list) != 1 {
			t.Fatal(len(list), err)
		}
		got := ""
		for _, r := range list[0].Records {
			if !r.Deliveries[0].Bounced.IsZero() {
				got += r.MessageID
			}
		}
		if got != want {
			t.Errorf("%s: returned are %q, want %q", when, got, want)
		}
	}
	add(1)
	returned(1)
	want("once", "<m1@example.com>")
	add(2)
	returned(1)
	want("again", "<m1@example.com>")
	add(3)
	want("another message", "<m1@example.com>")
	returned(5)
	want("early", "<m1@example.com>")
	add(4)
	want("early, and another message", "<m1@example.com>")
	add(5)
	want("early, and its message", "<m1@example.com><m5@example.com>")
}

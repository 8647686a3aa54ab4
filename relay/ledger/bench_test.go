package ledger_test

import (
	"bytes"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/ledger"
	"github.com/reconvene/reconvene/rewrite"
)

// BenchmarkMessage stores messages that come from ten sessions at a time, as the relay
// does: what one costs until it is committed.
func BenchmarkMessage(b *testing.B) {
	l, res := openForBench(b)
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(5)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			l.Message(passed(res.Report, i, fmt.Sprint(i)))
		}
	})
}

// BenchmarkRecall looks up what a cancellation needs, of a meeting with many revisions.
func BenchmarkRecall(b *testing.B) {
	for _, revisions := range []int{1, 20, 200, 3000} {
		b.Run(fmt.Sprint(revisions), func(b *testing.B) {
			l, res := openForBench(b)
			for i := range revisions {
				l.Message(passed(res.Report, int64(i), ""))
			}
			memory := l.Recall(false, []string{"ben@partner.example"})
			uid := res.Report.Meetings[0].Components[0].Sent.UID
			b.ReportAllocs()
			for b.Loop() {
				if p, ok := memory.Meeting(uid); !ok || len(p.Revisions) == 0 {
					b.Fatal(p, ok)
				}
			}
		})
	}
}

// openForBench opens a ledger, and repairs an invitation to be stored in it.
func openForBench(b *testing.B) (*ledger.Ledger, rewrite.Result) {
	b.Helper()
	l, err := ledger.Open(ledger.Options{Directory: b.TempDir(), Config: config.Ledger{Texts: true, Addresses: "plain"}, Wait: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(l.Close)
	mail, err := os.ReadFile("../../testdata/meetings/01-exchange2003-update/in.eml")
	if err != nil {
		b.Fatal(err)
	}
	res, err := rewrite.Message(bytes.NewReader(mail), rewrite.Options{Keep: &rewrite.KeepOptions{Texts: true, People: true}})
	if err != nil || len(res.Report.Meetings) == 0 {
		b.Fatal("no meeting", err)
	}
	return l, res
}

// passed is the event of a message with that invitation; suffix makes another meeting of it.
func passed(r rewrite.Report, i int64, suffix string) *relay.Event {
	taken := envelope.Verdict{Code: 250, Enhanced: [3]int{2, 0, 0}, Text: []string{"Ok: queued as 4F2A81C0"}, Remote: "mx.example.net [192.0.2.1]:25", Whole: true}
	m := &delivery.Meeting{Calendars: []rewrite.Meeting{r.Meetings[0]}, Profile: "standard", Applied: r.Applied(), Form: "profile", Outcome: delivery.Repaired}
	m.Calendars[0].Components = append([]rewrite.Component(nil), m.Calendars[0].Components...)
	c := &m.Calendars[0].Components[0]
	c.Received.UID += suffix
	c.Sent.UID = c.Received.UID
	return &relay.Event{ID: fmt.Sprint("r-", i), Client: "exch01.example.com [10.1.2.3]", Listener: "exchange", From: "anna@example.com",
		Recipients: []relay.RecipientEvent{{Address: "ben@partner.example", Verdict: taken, NextHop: taken.Remote}},
		MessageID:  fmt.Sprintf("<%d@example.com>", i), Meeting: m, Route: "*", NextHop: taken.Remote, Verdict: taken, Outcome: delivery.Repaired,
		At: nine.Add(time.Duration(i) * time.Millisecond), Took: time.Millisecond, Size: 6000}
}

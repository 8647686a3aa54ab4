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
	l, err := ledger.Open(ledger.Options{Directory: b.TempDir(), Config: config.Ledger{Texts: true, Addresses: "plain"}, Wait: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	mail, err := os.ReadFile("../../testdata/meetings/01-exchange2003-update/in.eml")
	if err != nil {
		b.Fatal(err)
	}
	res, err := rewrite.Message(bytes.NewReader(mail), rewrite.Options{Keep: &rewrite.KeepOptions{Texts: true, People: true}})
	if err != nil || len(res.Report.Meetings) == 0 {
		b.Fatal("no meeting", err)
	}
	taken := envelope.Verdict{Code: 250, Enhanced: [3]int{2, 0, 0}, Text: []string{"Ok: queued as 4F2A81C0"}, Remote: "mx.example.net [192.0.2.1]:25", Whole: true}
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(5)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			m := &delivery.Meeting{Calendars: []rewrite.Meeting{res.Report.Meetings[0]}, Profile: "standard", Applied: res.Report.Applied(), Form: "profile", Outcome: delivery.Repaired}
			m.Calendars[0].Components = append([]rewrite.Component(nil), m.Calendars[0].Components...)
			c := &m.Calendars[0].Components[0]
			c.Received.UID += fmt.Sprint(i)
			c.Sent.UID = c.Received.UID
			l.Message(&relay.Event{ID: fmt.Sprint("r-", i), Client: "exch01.example.com [10.1.2.3]", Listener: "exchange", From: "anna@example.com",
				Recipients: []relay.RecipientEvent{{Address: "ben@partner.example", Verdict: taken, NextHop: taken.Remote}},
				MessageID:  fmt.Sprintf("<%d@example.com>", i), Meeting: m, Route: "*", NextHop: taken.Remote, Verdict: taken, Outcome: delivery.Repaired,
				At: nine.Add(time.Duration(i) * time.Millisecond), Took: time.Millisecond, Size: 6000})
		}
	})
}

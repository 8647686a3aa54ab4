package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/ledger"
)

// TestScale measures a ledger of that many deliveries, spread over a year:
// RECONVENE_SCALE=2000000 go test ./relay/ledger -run TestScale -v -timeout 1h
func TestScale(t *testing.T) {
	deliveries, _ := strconv.Atoi(os.Getenv("RECONVENE_SCALE"))
	if deliveries == 0 {
		t.Skip("RECONVENE_SCALE says how many deliveries; nobody asked")
	}
	dir, ctx := t.TempDir(), context.Background()
	const perMeeting = 8 // an invitation and an update for four attendees each, one message for each domain
	meetings := deliveries / perMeeting
	year := 365 * 24 * time.Hour
	in, out := io.Pipe()
	go func() {
		enc := json.NewEncoder(out)
		for i := range meetings {
			at := nine.Add(time.Duration(int64(year) / int64(meetings) * int64(i)))
			for rev := range 2 {
				for copy := range 2 {
					m := mail{0, "REQUEST", rev, 0, "", rev, "bob eve dan joe", ""}
					r := m.record(i*4 + rev*2 + copy)
					r.Time = at.Add(time.Duration(rev) * time.Hour)
					r.Client, r.Listener, r.Route, r.Findings, r.Applied = "exch01.example.com [10.1.2.3]", "exchange", "*", []string{"seq-cdo", "tz-windows-name"}, []string{"seq-cdo", "tz-windows-name"}
					c := &r.Components[0]
					c.UID = scaleUID(i)
					c.Stamp = r.Time.Format("20060102T150405Z")
					c.Kept, c.Language = scaleKept, "en"
					c.StampSent, c.Organizer = c.Stamp, fmt.Sprintf("user%d@example.com", i%10_000)
					for k := range 2 {
						d := ledger.Delivery{Attendee: fmt.Sprintf("person%d@domain%d.example", (i*7+k)%50_000, i%3_000+copy), Verdict: "delivered", Code: 250, Enhanced: "2.0.0",
							Reply: fmt.Sprintf("Ok: queued as %010X", i), NextHop: "mx.example.net [192.0.2.1]:25"}
						if rev == 1 && i%500 == 0 {
							d.Verdict, d.Code = "refused", 550
						}
						r.Deliveries = append(r.Deliveries, d)
					}
					_ = enc.Encode(r) // the reader has gone when it fails
				}
			}
		}
		out.Close()
	}()
	began := time.Now()
	if _, err := ledger.Import(ctx, dir, in, false, true); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d deliveries written in %v", meetings*perMeeting, time.Since(began).Round(time.Second))
	r, err := ledger.OpenReader(ctx, dir, config.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	stats, err := r.Stats(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", stats)
	measure := func(what string, do func(int) error) {
		var best, worst time.Duration
		for i := range 20 {
			began := time.Now()
			if err := do(i); err != nil {
				t.Fatal(what, err)
			}
			took := time.Since(began)
			if i == 0 || took < best {
				best = took
			}
			worst = max(worst, took)
		}
		t.Logf("%s: %v to %v", what, best, worst)
	}
	now := stats.Newest
	measure("show", func(i int) error {
		list, err := r.Find(ctx, scaleUID(i*meetings/20))
		if err == nil && len(list) != 1 {
			err = fmt.Errorf("%d meetings", len(list))
		}
		if err == nil {
			list[0].Summarize(now, rule)
		}
		return err
	})
	measure("not-notified --since 1d", func(int) error {
		_, err := r.NotNotified(ctx, now.AddDate(0, 0, -1), now, rule)
		return err
	})
	measureRecall(t, dir, meetings)
	measure("list --attendee", func(i int) error {
		_, err := r.List(ctx, ledger.Query{Attendee: fmt.Sprintf("person%d@domain%d.example", i*7, i), Limit: 200}, now, rule)
		return err
	})
}

// measureRecall measures the look-up for a repair, each of another meeting.
func measureRecall(t *testing.T, dir string, meetings int) {
	l, err := ledger.Open(ledger.Options{Directory: dir, Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := l.Recall(false, []string{"person1@domain1.example"})
	wait(t, "no look-ups", func() bool { _, ok := r.Meeting(scaleUID(0)); return ok || l.Counts().Recalls > 0 })
	var took []time.Duration
	for i := range 2000 {
		began := time.Now()
		l.Recall(false, []string{fmt.Sprintf("person%d@domain%d.example", i*7, i)}).Meeting(scaleUID(i * (meetings / 2000)))
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	c := l.Counts()
	t.Logf("look-up for a repair: median %v, p99 %v, most %v; %d of %d without an answer", took[len(took)/2], took[len(took)*99/100], took[len(took)-1], c.RecallsFailed, c.Recalls)
}

func scaleUID(i int) string {
	return fmt.Sprintf("040000008200E00074C5B7101A82E00800000000C0B1A2938475C601000000000000000010000000%032X", i)
}

// scaleKept is an invitation of the usual size, as it is kept.
var scaleKept = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Repeat("X-ZONE-AND-PEOPLE:0123456789012345678901234567890123456789012345678901\r\n", 12) + "END:VCALENDAR\r\n"

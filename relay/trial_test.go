package relay

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtptest"
	"github.com/reconvene/reconvene/rewrite"
)

// brittle is a source whose end cannot be read once the message is repaired.
type brittle struct {
	rewrite.Source
	repaired bool
	good     *atomic.Int32 // how often it can be read before
	bad      *atomic.Int32 // how often it panics then
}

func (b *brittle) ReadAt(p []byte, off int64) (int, error) {
	if b.repaired && off+int64(len(p)) >= b.Size() && b.good.Add(-1) < 0 && b.bad.Add(-1) >= 0 {
		panic("in the repaired message")
	}
	return b.Source.ReadAt(p, off)
}

type brittleScan struct {
	delivery.Scan
	good, bad *atomic.Int32
}

func (a *brittleScan) Finish(src rewrite.Source, o rewrite.Options) (rewrite.Result, error) {
	b := &brittle{Source: src, good: a.good, bad: a.bad}
	res, err := a.Scan.Finish(b, o)
	b.repaired = true
	return res, err
}

// A repaired message that cannot be written: always, then it goes as it came; now
// and then, then it is not sent and the client is told to try again. Neither costs
// the session.
func TestPanicInTheRepairedMessage(t *testing.T) {
	small := "From: boss@sender.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + lateMeeting + "--b--\r\n"
	for name, m := range map[string]string{"collected": small, "streamed": large(lateMeeting)} {
		for _, out := range []string{"DATA", "CHUNKING"} {
			for _, always := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/%v", name, out, always), func(t *testing.T) {
					var good, bad atomic.Int32
					if bad.Store(1); always {
						bad.Store(1000)
					} else {
						good.Store(1)
					}
					r, p := throughRelayWith(t, nil, func(p *smtptest.Peer) {
						if out == "CHUNKING" {
							p.Keywords = append(p.Keywords, out)
						}
					}, func(o *Options) {
						o.Delivery.Scan = func() delivery.Scan {
							return &brittleScan{rewrite.NewScanner(rewrite.Limits{}), &good, &bad}
						}
						o.Delivery.Rewrite = func(src rewrite.Source, o rewrite.Options) (rewrite.Result, error) {
							b := &brittle{Source: src, good: &good, bad: &bad}
							res, err := rewrite.Message(b, o)
							b.repaired = true
							return res, err
						}
					})
					w := &way{r: r, p: p, c: r.hello("plain"), in: "DATA", out: out}
					w.begin(m, len(m)/2)
					w.rest(m, len(m)/2)
					if always {
						w.c.expect("250 2.6.0 <id@hop.test> queued")
						w.wantWhole(m)
					} else {
						w.c.expect("451 4.3.0")
						if n := len(p.Took()); n != 0 {
							t.Errorf("%d messages were taken", n)
						}
						w.begin(m, len(m)/2)
						w.rest(m, len(m)/2)
						w.c.expect("250 2.6.0 <id@hop.test> queued")
						if took := p.Took(); len(took) != 1 || !strings.Contains(took[0].Body, "SEQUENCE:3") {
							t.Errorf("%d messages were taken, not a repaired one", len(took))
						}
					}
					w.c.say("NOOP", "250") // the session goes on
					if log := r.log.String(); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "in the repaired message") {
						t.Errorf("the log says %s", log)
					}
				})
			}
		}
	}
}

// panickyHop is a next hop within which sending a piece of a message panics.
type panickyHop struct{ hop }

func (h panickyHop) Stream(ctx context.Context) (nexthop.Stream, bool) {
	p, ok := h.hop.(nexthop.Streamer).Stream(ctx)
	if !ok {
		return nil, false
	}
	return &panickyStream{Stream: p}, true
}

type panickyStream struct {
	nexthop.Stream
	came int
}

func (p *panickyStream) Write(b []byte) (int, error) {
	if p.came += len(b); p.came > 150_000 {
		panic("in the stream")
	}
	return p.Stream.Write(b)
}

// A panic while a message is streamed is no end of it, and none of the session.
func TestPanicInTheStream(t *testing.T) {
	m := large("")
	eachWay(t, nil, nil, func(t *testing.T, w *way) {
		begin := w.r.srv.setup.Load().begin
		setup := *w.r.srv.setup.Load()
		setup.begin = func(v *nexthop.Session, route *nexthop.Route) hop { return panickyHop{begin(v, route)} }
		w.r.srv.setup.Store(&setup)
		w.begin(m, 140_000)
		w.rest(m, 140_000)
		w.c.expect("451 4.3.0")
		w.c.say("NOOP", "250")
		if n := len(w.p.Took()); n != 0 {
			t.Errorf("%d messages were taken", n)
		}
		if log := w.r.log.String(); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "in the stream") {
			t.Errorf("the log says %s", log)
		}
	})
}

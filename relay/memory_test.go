package relay

import (
	"context"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// drainHop takes a message without keeping it.
type drainHop struct {
	fakeHop
	arrived chan struct{}
	release chan struct{}
}

func (d *drainHop) Deliver(_ context.Context, msg envelope.Body) envelope.Verdict {
	if d.arrived != nil {
		d.arrived <- struct{}{}
		<-d.release
	}
	if _, err := msg.WriteTo(io.Discard); err != nil {
		return envelope.Refuse(451, [3]int{4, 3, 0}, "%v", err)
	}
	return hopSays250
}

// Connections times a small constant, whatever the size of the messages: with
// all of them at rest at the same time, far less than the messages is in memory.
func TestMemoryStaysFlat(t *testing.T) {
	const clients, size = 20, 4 << 20
	r := newRig(t, func(cfg *config.Config) {
		cfg.Listeners[0].MaxSize, cfg.Limits.Memory = 2*size, 256<<10
		cfg.Limits.DataTimeout, cfg.Limits.MessageTimeout = time.Hour, time.Hour // a slow machine is no fault
	})
	next := &drainHop{arrived: make(chan struct{}, clients), release: make(chan struct{})}
	setup := *r.srv.setup.Load()
	setup.begin = func(*nexthop.Session, *nexthop.Route) hop { return next }
	r.srv.setup.Store(&setup)

	block := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 1000)
	var talkers []*talker
	for range clients {
		c := r.hello("plain")
		c.conn.SetDeadline(time.Time{})
		talkers = append(talkers, c)
	}
	before := heap()
	var all sync.WaitGroup
	for _, c := range talkers {
		all.Go(func() {
			io.WriteString(c.conn, "MAIL FROM:<a@sender.example>\r\nRCPT TO:<b@rcpt.example>\r\nDATA\r\n")
			for n := 0; n < size; n += len(block) {
				io.WriteString(c.conn, block)
			}
			io.WriteString(c.conn, ".\r\n")
		})
	}
	for range clients {
		<-next.arrived
	}
	if grown := heap() - before; grown > clients*(512<<10) {
		t.Errorf("%d MiB on the heap for %d messages of %d MiB", grown>>20, clients, size>>20)
	}
	close(next.release)
	all.Wait()
	for _, c := range talkers {
		for _, want := range []string{"250", "250", "354", "250"} {
			c.expect(want)
		}
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkSession is a message from the socket's octets to the next hop and
// back, without either network.
func BenchmarkSession(b *testing.B) {
	for name, size := range map[string]int{"4K": 4 << 10, "1M": 1 << 20} {
		b.Run(name, func(b *testing.B) {
			cfg := testConfig(b)
			cfg.Listeners[0].MaxSize, cfg.Limits.Memory = 64<<20, 2<<20
			srv, err := New(Options{Config: cfg})
			if err != nil {
				b.Fatal(err)
			}
			defer srv.Close()
			const messages = 100
			one := "MAIL FROM:<a@sender.example>\r\nRCPT TO:<b@rcpt.example>\r\nDATA\r\nSubject: x\r\n\r\n" +
				strings.Repeat(strings.Repeat("x", 76)+"\r\n", size/78) + ".\r\n"
			input := []byte("EHLO a\r\n" + strings.Repeat(one, messages) + "QUIT\r\n")
			next := &drainHop{}
			b.SetBytes(int64(size * messages))
			b.ReportAllocs()
			for b.Loop() {
				replies := runWith(srv, &smtptest.Input{In: input}, next)
				if strings.Count(replies, "250 2.6.0") != messages {
					b.Fatalf("%.300q", replies)
				}
			}
		})
	}
}

// runWith speaks a session from memory with a hop.
func runWith(srv *Server, conn *smtptest.Input, next hop) string {
	setup := *srv.setup.Load()
	setup.begin = func(*nexthop.Session, *nexthop.Route) hop { return next }
	own := &Server{opt: srv.opt, prefix: "bench-", ctx: srv.ctx}
	own.setup.Store(&setup)
	c := own.newClient(conn, srv.listeners[0].setup.Load())
	c.serve()
	return conn.Out.String()
}

package nexthop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// still is an engine whose next hops are peers at the other end of pipes, for
// tests in a bubble of testing/synctest: there the clock moves only when all wait.
type still struct {
	*Engine
	t     testing.TB
	route *Route
	peers map[string]*smtptest.Peer // by address; nil never takes a connection
}

// defaults are the values of the configuration as it comes.
func defaults(t testing.TB) *config.Config {
	t.Helper()
	cfg, problems := config.Load("../../testdata/configs/good/minimal.toml", nil)
	if cfg == nil {
		t.Fatal(problems)
	}
	return cfg
}

// newStill makes an engine with the default timeouts and a route to the peers.
func newStill(t testing.TB, set func(*config.Config), peers ...*smtptest.Peer) *still {
	t.Helper()
	cfg := defaults(t)
	if set != nil {
		set(cfg)
	}
	s := &still{t: t, route: &Route{Name: "*", TLS: "off"}, peers: make(map[string]*smtptest.Peer)}
	for i, p := range peers {
		addr := fmt.Sprintf("192.0.2.%d:25", i+1)
		s.peers[addr] = p
		s.route.Via = append(s.route.Via, addr)
		if p != nil {
			p.Addr = addr
		}
	}
	s.Engine = New(Options{Hostname: "relay.test", Limits: cfg.Limits, Bounds: cfg.NextHop, Dial: s.dial})
	t.Cleanup(func() {
		s.Close()
		for _, p := range peers {
			if p != nil {
				p.Stop()
			}
		}
	})
	return s
}

func (s *still) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	p := s.peers[addr]
	if p == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if p.Refuses {
		return nil, errors.New("connection refused")
	}
	ours, theirs := net.Pipe()
	p.Begin(theirs)
	return ours, nil
}

// mail sends one message to one recipient, and says how long it took.
func (s *still) mail(ctx context.Context) (envelope.Verdict, time.Duration) {
	start := time.Now()
	tx := s.Begin(s.route)
	defer tx.Abort()
	if v := tx.Envelope(ctx, sender, to("you@hop.test"), true); !v[0].OK() {
		return v[0], time.Since(start)
	}
	v := tx.Deliver(ctx, smtptest.Text(smtptest.Note))
	return v, time.Since(start)
}

func (s *still) mustMail() {
	s.t.Helper()
	if v, _ := s.mail(s.t.Context()); !v.OK() {
		s.t.Fatalf("not delivered: %v (%v)", v, v.Cause)
	}
}

package nexthop

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// badHosts is a resolver that takes its time, or says more than anybody wants.
type badHosts struct {
	takes time.Duration
	many  int
	asked *atomic.Int32
}

func (b badHosts) wait(ctx context.Context) error {
	b.asked.Add(1)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(b.takes):
		return nil
	}
}

func (b badHosts) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	if err := b.wait(ctx); err != nil {
		return nil, err
	}
	var list []netip.Addr
	for i := range b.many {
		list = append(list, netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}))
	}
	return list, nil
}

func (b badHosts) LookupMX(ctx context.Context, _ string) ([]*net.MX, error) {
	if err := b.wait(ctx); err != nil {
		return nil, err
	}
	var list []*net.MX
	for i := range b.many {
		list = append(list, mx(uint16(i), fmt.Sprintf("mx%d.example.", i)))
	}
	return list, nil
}

// A name server that does not answer costs its time once, however many names a
// route has and however many exchangers one of them; then the client hears 451.
func TestSlowResolver(t *testing.T) {
	for _, via := range [][]string{{"a.example:25"}, {"a.example:25", "b.example:25", "mx:c.example:25"}, {"mx:c.example:25"}} {
		for _, takes := range []time.Duration{6 * time.Second, time.Hour} {
			t.Run(fmt.Sprintf("%d/%v", len(via), takes), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					dns := badHosts{takes: takes, many: 20, asked: new(atomic.Int32)}
					refused := func(context.Context, string, string) (net.Conn, error) { return nil, fmt.Errorf("refused") }
					n := New(Options{Hostname: "relay.test", DNS: dns, Dial: refused})
					defer n.Close()
					tx := n.Begin(&Route{Name: "*", TLS: "off", Via: via})
					defer tx.Abort()
					began := time.Now()
					v := tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@x.example"}, []envelope.Recipient{{Path: "b@y.example"}}, false)[0]
					if v.Code != 451 {
						t.Errorf("verdict %v", v)
					}
					if took := time.Since(began); took > directoryTimeout {
						t.Errorf("it took %v", took)
					}
					if slow := strings.Contains(v.Error(), "looking up"); slow != (takes > directoryTimeout || strings.HasPrefix(via[len(via)-1], "mx:")) {
						t.Errorf("the verdict says %v", v)
					}
				})
			})
		}
	}
}

// Of 1,000 addresses, and of 1,000 exchangers with as many each, a few are used.
func TestResolverWithManyAddresses(t *testing.T) {
	for via, most := range map[string][3]int{"a.example:25": {1, maxAddresses, maxAddresses}, "mx:c.example:25": {1 + maxAddresses, maxAddresses * maxAddresses, maxAddresses * maxAddresses}} {
		t.Run(via, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dns := badHosts{many: 1000, asked: new(atomic.Int32)}
				dialled := new(atomic.Int32)
				dead := func(ctx context.Context, _, _ string) (net.Conn, error) {
					dialled.Add(1)
					<-ctx.Done()
					return nil, ctx.Err()
				}
				n := New(Options{Hostname: "relay.test", DNS: dns, Dial: dead})
				defer n.Close()
				tx := n.Begin(&Route{Name: "*", TLS: "off", Via: []string{via}})
				defer tx.Abort()
				began := time.Now()
				v := tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@x.example"}, []envelope.Recipient{{Path: "b@y.example"}}, false)[0]
				if v.Code != 451 {
					t.Errorf("verdict %v", v)
				}
				if n := int(dns.asked.Load()); n > most[0] {
					t.Errorf("asked %d times", n)
				}
				if n := int(dialled.Load()); n == 0 || n > most[1] {
					t.Errorf("%d addresses were tried", n)
				}
				if took := time.Since(began); took > 10*time.Minute {
					t.Errorf("it took %v", took)
				}
				if text := v.Error(); len(text) > 10_000 {
					t.Errorf("a verdict of %d octets", len(text))
				}
			})
		})
	}
}

package relay

import (
	"context"
	"encoding/base64"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// Strangers have places of their own: when they hold all of them, a listed client
// is served.
func TestStrangersTakeNoPlaces(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) {
		cfg.Listeners[1].Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		cfg.Limits.Strangers, cfg.Limits.StrangersPerClient = 5, 3
		cfg.Limits.Connections, cfg.Limits.StrangerTimeout = 2, 10*time.Second
	})
	for range 3 {
		r.connect("implicit")
	}
	eventually(t, func() bool {
		r.srv.strangers.mu.Lock()
		defer r.srv.strangers.mu.Unlock()
		return r.srv.strangers.total == 3
	})
	r.connect("implicit") // one too many
	eventually(t, func() bool { return strings.Contains(r.log.String(), "too many connections from your address") })
	c := r.hello("plain")
	c.envelope()
}

// A stranger that says nothing is sent away soon, however long others may take.
func TestStrangerTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRigAt(t, &smtptest.Network{}, func(cfg *config.Config) {
			cfg.Listeners[0].Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
			cfg.Limits.StrangerTimeout = time.Minute
			cfg.Limits.CommandTimeout = time.Hour
		}, nil)
		c := r.connect("plain")
		c.expect("220")
		if got := c.expectClosed(); len(got) != 1 || !strings.HasPrefix(got[0], "421") {
			t.Errorf("got %q", got)
		}
	})
}

// Nor has it longer when it sends a chunk that nobody has asked for, octet by octet,
// or makes a slow handshake.
func TestStrangerKeepsNoPlace(t *testing.T) {
	change := func(cfg *config.Config) {
		for i := range cfg.Listeners {
			cfg.Listeners[i].Allow = nil
		}
		cfg.Limits.StrangerTimeout = 2 * time.Second
		cfg.Limits.CommandTimeout, cfg.Limits.DataTimeout, cfg.Limits.MessageTimeout = time.Hour, time.Hour, time.Hour
	}
	const life = strangerLife * 2 * time.Second
	slowly := func(t *testing.T, c *talker, octets string, most time.Duration) {
		t.Helper()
		go io.Copy(io.Discard, c.conn)
		began := time.Now()
		for i := 0; time.Since(began) <= most; i++ {
			if _, err := c.conn.Write([]byte{octets[i%len(octets)]}); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
		t.Errorf("it is still there after %v", time.Since(began))
	}
	eachTransportInMemory(t, change, func(t *testing.T, r *rig, c *talker) {
		c.send("BDAT 1000\r\n")
		c.expect("503")
		slowly(t, c, "x", life+2*time.Second)
	})
	eachTransportInMemory(t, change, func(t *testing.T, r *rig, c *talker) {
		c.send("BDAT 1000\r\n")
		c.expect("503")
		began := time.Now()
		c.expectGone()
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("it was waited for for %v", took)
		}
	})
	for _, listener := range []string{"plain", "implicit"} {
		t.Run("handshake/"+listener, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRigAt(t, &smtptest.Network{}, change, nil)
				c := r.connect(listener)
				if listener == "plain" {
					c.expect("220")
					c.say("EHLO client.example", "250")
					c.say("STARTTLS", "220")
				}
				slowly(t, c, "\x16\x03\x01\x02\x00\x01"+strings.Repeat("\x00", 500), life+2*time.Second)
			})
		})
	}
}

// An address with many failed logons gets no further check.
func TestGuessesAreCounted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(file, []byte("x:y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(cfg *config.Config) {
		cfg.Listeners[0].Auth = config.ListenerAuth{UsersFile: file, AllowInsecure: true}
	})
	c := r.hello("plain")
	g := &r.srv.logonLimits
	plain := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00bob\x00wrong"))
	c.say(plain, "535")
	g.mu.Lock()
	g.addresses[clientOf(netip.MustParseAddr("127.0.0.1"))].failures = maxFailures
	g.mu.Unlock()
	c.say(plain, "454 4.7.0")
}

// A wrong password is answered late.
func TestGuessIsDelayed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(file, []byte("x:y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRigAt(t, &smtptest.Network{}, func(cfg *config.Config) {
			cfg.Listeners[0].Auth = config.ListenerAuth{UsersFile: file, AllowInsecure: true}
		}, []func(*Options){func(o *Options) { o.delays.failure = failureDelay }})
		c := r.hello("plain")
		began := time.Now()
		c.say("AUTH PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00bob\x00wrong")), "535")
		if took := time.Since(began); took < failureDelay {
			t.Errorf("after %v", took)
		}
	})
}

// However many guess at the same time, an address gets no more checks than it may
// fail, and the wait of another address is behind one of its checks at most.
func TestGuessesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &logonLimiter{checks: make(chan struct{}, 1)}
		guesser, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
		const check = 100 * time.Millisecond
		var checked atomic.Int32
		var all sync.WaitGroup
		for range 90 {
			all.Go(func() {
				if who := g.begin(t.Context(), guesser); who != nil {
					checked.Add(1)
					time.Sleep(check)
					g.end(who, true)
				}
			})
		}
		time.Sleep(check / 2)
		began := time.Now()
		for range 3 {
			who := g.begin(t.Context(), other)
			if who == nil {
				t.Fatal("no place for the other address")
			}
			g.end(who, false)
		}
		if took := time.Since(began); took > 3*check {
			t.Errorf("the other address waited for %v", took)
		}
		all.Wait()
		if n := checked.Load(); n != maxFailures {
			t.Errorf("%d checks, want %d", n, maxFailures)
		}
		if g.begin(t.Context(), guesser) != nil {
			t.Error("one more check")
		}
		time.Sleep(failureWindow + 1)
		if g.begin(t.Context(), guesser) == nil {
			t.Error("never forgotten")
		}
		if len(g.addresses) != 1 || len(g.checks) != 1 {
			t.Errorf("%d addresses, %d places taken", len(g.addresses), len(g.checks))
		}
	})
}

// Who goes away while it waits leaves neither its turn nor a place taken.
func TestGuessIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &logonLimiter{checks: make(chan struct{}, 1)}
		a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
		first := g.begin(t.Context(), a)
		for _, client := range []netip.Addr{a, b} { // for the turn, for a place
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if g.begin(ctx, client) != nil {
				t.Error("two at a time")
			}
			cancel()
		}
		began := time.Now()
		if g.begin(t.Context(), b) != nil || time.Since(began) != checkWait {
			t.Errorf("waited for %v", time.Since(began))
		}
		g.end(first, false)
		for _, client := range []netip.Addr{a, b} {
			who := g.begin(t.Context(), client)
			if who == nil || who.inside != 1 {
				t.Fatal("its turn is lost")
			}
			g.end(who, false)
		}
	})
}

package nexthop

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// hangs lets a peer say nothing more from a command on.
func hangs(verb string) func(*smtptest.Peer) {
	return func(p *smtptest.Peer) { p.On = script(map[string]string{verb: smtptest.Stall}) }
}

// slow lets a peer think before each reply.
func slow(d time.Duration) func(*smtptest.Peer) {
	return func(p *smtptest.Peer) {
		p.On = func(*smtptest.Session, string) string {
			time.Sleep(d)
			return ""
		}
	}
}

// hostStates are what a first host can be like beside a good one. takes says that it takes
// the mail itself.
var hostStates = []struct {
	name  string
	set   func(*smtptest.Peer) // nil: it never takes a connection
	takes bool
	word  string // of readiness and probe, when it does not
}{
	{name: "hangs at connect", word: "connect: no reply in time"},
	{name: "refuses connections", set: func(p *smtptest.Peer) { p.Refuses = true }, word: "connect: connection refused"},
	{name: "hangs at greeting", set: hangs(""), word: "greeting: no reply in time"},
	{name: "hangs at EHLO", set: hangs("EHLO"), word: "ehlo: no reply in time"},
	{name: "hangs in the TLS handshake", set: func(p *smtptest.Peer) {
		p.TLSConfig = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			<-p.Quit
			return nil, errors.New("too late")
		}}
	}, word: "tls: no reply in time"},
	{name: "refuses the logon", set: func(p *smtptest.Peer) { p.Users = map[string]string{"relay": "another"} }, word: "auth: the server refuses authentication"},
	{name: "hangs at AUTH", set: hangs("AUTH"), word: "auth: no reply in time"},
	{name: "hangs at MAIL", set: hangs("MAIL"), word: "mail: no reply in time"},
	{name: "refuses at greeting", set: func(p *smtptest.Peer) { p.Greeting = "421 4.3.2 not now" }, word: "greeting: 421 4.3.2 not now"},
	{name: "refuses at MAIL", set: func(p *smtptest.Peer) {
		p.On = script(map[string]string{"MAIL": "452 4.3.1 Insufficient system resources"})
	}, word: "mail: 452 4.3.1"},
	{name: "closes at MAIL", set: func(p *smtptest.Peer) { p.On = script(map[string]string{"MAIL": smtptest.Cut}) }, word: "mail: the connection was closed without a reply"},
	{name: "half dead: greets after its time", set: func(p *smtptest.Peer) {
		p.On = func(_ *smtptest.Session, line string) string {
			if line == "" {
				time.Sleep(45 * time.Second)
			}
			return ""
		}
	}, word: "greeting: no reply in time"},
	{name: "slow", set: slow(2 * time.Second), takes: true},
	{name: "good", set: func(*smtptest.Peer) {}, takes: true},
}

// With the defaults mail is with the second host before 35 seconds are over,
// whatever the first one does; readiness and probe find each host as it is, before
// and after a delivery.
func TestHostStates(t *testing.T) {
	for _, tt := range hostStates {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var first *smtptest.Peer
				if tt.set != nil {
					first = smtptest.MakePeer(t, func(p *smtptest.Peer) {
						p.Users = map[string]string{"relay": "secret"}
						tt.set(p)
					})
				}
				ca := smtptest.NewCA(t)
				second := smtptest.MakePeer(t, func(p *smtptest.Peer) {
					p.Users = map[string]string{"relay": "secret"}
					p.TLSConfig = ca.Config("192.0.2.2")
				})
				s := newStill(t, nil, first, second)
				if first != nil && first.TLSConfig != nil {
					s.route.TLS = "required"
				} else if first != nil {
					s.route.Auth = config.RouteAuth{User: "relay", PasswordFile: smtptest.SecretFile(t, "secret")}
				}
				v, took := s.mail(t.Context())
				if !v.OK() || took > 35*time.Second {
					t.Fatalf("%v after %v", v, took)
				}
				if n := len(second.Took()); n == 1 == tt.takes {
					t.Errorf("the second host took %d messages", n)
				}
				if _, took := s.mail(t.Context()); !tt.takes && took > time.Second {
					t.Errorf("the next message took %v", took)
				}
				check := func(what string, list []HostState) {
					if len(list) != 2 || list[1].Err != nil || list[1].Took > time.Second {
						t.Fatalf("%s: %v", what, list)
					}
					switch err := list[0].Err; {
					case tt.takes && err != nil:
						t.Errorf("%s: %v", what, list[0])
					case !tt.takes && (err == nil || !strings.HasPrefix(err.Error(), tt.word)):
						t.Errorf("%s: %v, want %q", what, list[0], tt.word)
					}
				}
				check("readiness", s.Reach(t.Context(), s.route))
				var probed []HostState
				start := time.Now()
				for _, p := range s.Probe(t.Context(), s.route) {
					probed = append(probed, HostState{Host: p.Host, Took: p.Took, Err: p.Err})
				}
				check("probe", probed)
				if took := time.Since(start); took > 31*time.Second {
					t.Errorf("the probe took %v", took)
				}
			})
		})
	}
}

// A host that greylists recipients works: the client hears of it, and no other
// host is bothered.
func TestGreylistingHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := smtptest.MakePeer(t, func(p *smtptest.Peer) { p.On = script(map[string]string{"RCPT": "450 4.2.0 greylisted"}) })
		second := smtptest.MakePeer(t, nil)
		s := newStill(t, nil, first, second)
		v, _ := s.mail(t.Context())
		if v.Code != 450 || second.Count() != 0 {
			t.Errorf("%v, %d connections to the second", v, second.Count())
		}
		for _, h := range s.Reach(t.Context(), s.route) {
			if h.Err != nil {
				t.Error(h)
			}
		}
		for _, p := range s.Probe(t.Context(), s.route) {
			if p.Err != nil {
				t.Errorf("%+v", p)
			}
		}
	})
}

// A slow host that has no other beside it is waited for, and called good; one that
// hangs does not keep the answer about the good one.
func TestReachWaits(t *testing.T) {
	for _, tt := range []struct {
		name  string
		hosts []func(*smtptest.Peer)
		good  []bool
		took  time.Duration
	}{
		{"slow", []func(*smtptest.Peer){slow(8 * time.Second)}, []bool{true}, 16 * time.Second},
		{"two slow ones", []func(*smtptest.Peer){slow(3 * time.Second), slow(12 * time.Second)}, []bool{true, false}, 6 * time.Second},
		{"hung", []func(*smtptest.Peer){hangs("")}, []bool{false}, reachMost},
		{"hung and good", []func(*smtptest.Peer){hangs("EHLO"), nil}, []bool{false, true}, reachTimeout},
		{"good", []func(*smtptest.Peer){nil, nil}, []bool{true, true}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var peers []*smtptest.Peer
				for _, set := range tt.hosts {
					peers = append(peers, smtptest.MakePeer(t, set))
				}
				s := newStill(t, nil, peers...)
				start := time.Now()
				var good []bool
				for _, h := range s.Reach(t.Context(), s.route) {
					good = append(good, h.Err == nil)
				}
				if took := time.Since(start); took != tt.took || !slices.Equal(good, tt.good) {
					t.Errorf("%v after %v, want %v after %v", good, took, tt.good, tt.took)
				}
			})
		})
	}
}

// failures notes why hosts failed, and which had no room.
type failures struct {
	unobserved
	mu           sync.Mutex
	events, full []Event
}

func (f *failures) Failed(e Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, e)
}

func (f *failures) Full(e Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full = append(f.full, e)
}

// What we say of a host that says nothing is not told as its reply.
func TestFailedIsNoReply(t *testing.T) {
	for _, tt := range []struct {
		name, reply, words string
		code               int
	}{
		{"silent", smtptest.Stall, "mail: next hop 192.0.2.1:25 did not reply at MAIL in time", 0},
		{"closed", smtptest.Cut, "mail: next hop 192.0.2.1:25 closed the connection at MAIL without a reply", 0},
		{"refused", "452 4.3.1 full", "", 452},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := smtptest.MakePeer(t, func(p *smtptest.Peer) { p.On = script(map[string]string{"MAIL": tt.reply}) })
				s := newStill(t, nil, first, smtptest.MakePeer(t, nil))
				seen := new(failures)
				s.opt.Observer = seen
				s.mustMail()
				if len(seen.events) != 1 || seen.events[0].Verdict.Code != tt.code || (seen.events[0].Err == nil) != (tt.words == "") ||
					tt.words != "" && seen.events[0].Err.Error() != tt.words {
					t.Errorf("%+v", seen.events)
				}
			})
		})
	}
}

// A host is not called failed when it was the client, or the server, that did not wait.
func TestGivenUpIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, nil, smtptest.MakePeer(t, hangs("")))
		seen := new(failures)
		s.opt.Observer = seen
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("the server was stopped")) })
		v, _ := s.mail(ctx)
		if v.Code != 451 || !strings.HasSuffix(v.Error(), "the server was stopped") || len(seen.events) != 0 {
			t.Errorf("%v, %+v", v, seen.events)
		}
	})
}

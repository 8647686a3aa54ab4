package relay

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/resolver/dnstest"
	"github.com/reconvene/reconvene/relay/smtptest"
	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// mxRig is a relay that asks a DNS server of the test, and a peer that is the mail
// exchanger mx.rcpt.example.
func mxRig(t *testing.T, change func(*config.Config, string), set func(*smtptest.Peer), options ...func(*Options)) (*rig, *smtptest.Peer, *dnstest.Server) {
	t.Helper()
	s, p := dnstest.New(t), smtptest.NewPeer(t, set)
	s.Add("rcpt.example. 300 IN MX 10 mx.rcpt.example.", "mx.rcpt.example. 300 IN A 127.0.0.1")
	_, port, _ := net.SplitHostPort(p.Addr)
	cfg := testConfig(t)
	cfg.DNS.Servers = []string{s.Addr}
	change(cfg, port)
	r := &rig{t: t, cfg: cfg, log: &smtptest.Buffer{}}
	r.build(append(options, func(o *Options) {
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, p.Addr)
		}
	}))
	r.serve()
	return r, p, s
}

// With via = ["mx"] a transaction has the recipients of one domain; those of others
// come in transactions of their own, and what no retry could help is refused.
func TestRecipientsByMX(t *testing.T) {
	r, p, s := mxRig(t, func(cfg *config.Config, _ string) {
		cfg.Routes = []config.Route{{Via: []string{"mx"}, TLS: "opportunistic", Profile: "auto"}}
	}, nil)
	s.Add("mx.rcpt.example. 300 IN A 192.0.2.1", "other.example. 300 IN MX 10 mx.rcpt.example.")
	s.Add("null.example. 300 IN MX 0 .")
	c := r.hello("plain")
	c.say("MAIL FROM:<a@sender.example>", "250")
	c.say("RCPT TO:<b@rcpt.example>", "250")
	c.say("RCPT TO:<b@other.example>", "452 4.5.3")
	c.say("RCPT TO:<c@RCPT.example>", "250")
	c.say("RCPT TO:<b@[127.0.0.1]>", "452 4.5.3")
	c.say("DATA", "354")
	c.send(message + ".\r\n")
	c.expect("250")
	c.say("MAIL FROM:<a@sender.example>", "250")
	c.say("RCPT TO:<b@other.example>", "250")
	c.say("DATA", "354")
	c.send(message + ".\r\n")
	c.expect("250")
	for path, want := range map[string]string{"b@missing.example": "550 5.1.2", "b@null.example": "556 5.1.10", "postmaster": "550 5.1.3", "b@[127.0.0.1]": "550 5.4.4"} {
		c.say("MAIL FROM:<a@sender.example>", "250")
		c.say("RCPT TO:<"+path+">", want)
		c.say("RSET", "250")
	}
	if took := p.Took(); len(took) != 2 || len(took[0].To) != 2 || len(took[1].To) != 1 {
		t.Errorf("the peer took %v", took)
	}
}

// The servers in [dns] are asked for next hops, and others after a reload.
func TestConfiguredNameServers(t *testing.T) {
	r, p, s := mxRig(t, func(cfg *config.Config, port string) {
		cfg.Routes = []config.Route{{Via: []string{"mx:rcpt.example:" + port}, TLS: "opportunistic", Profile: "auto"}}
	}, nil)
	send := func(want string) {
		t.Helper()
		c := r.hello("plain")
		c.say("MAIL FROM:<a@sender.example>", "250")
		c.say("RCPT TO:<b@any.example>", want)
	}
	send("250")
	if p.Count() != 1 || s.Asked("rcpt.example", dns.TypeMX) != 1 {
		t.Errorf("%d connections, asked %d times", p.Count(), s.Asked("rcpt.example", dns.TypeMX))
	}
	same, other := *r.cfg, *r.cfg
	if err := r.srv.Reload(&same); err != nil {
		t.Fatal(err)
	}
	send("250")
	if n := s.Asked("rcpt.example", dns.TypeMX); n != 1 {
		t.Errorf("asked %d times: the cache was lost by a reload", n)
	}
	empty := dnstest.New(t)
	other.DNS.Servers = []string{empty.Addr}
	if err := r.srv.Reload(&other); err != nil {
		t.Fatal(err)
	}
	send("451")
	if n := empty.Asked("rcpt.example", dns.TypeMX); n != 1 {
		t.Errorf("the new server was asked %d times", n)
	}
}

// What a domain announces is obeyed, logged and reported.
func TestTLSPolicies(t *testing.T) {
	var mu sync.Mutex
	var results []string
	r, p, s := mxRig(t, func(cfg *config.Config, _ string) {
		cfg.Routes = []config.Route{{Via: []string{"mx"}, TLS: "opportunistic", Profile: "auto", TLSPolicy: []config.TLSPolicy{"dane", "mta-sts"}}}
		cfg.State.Directory = t.TempDir()
	}, func(p *smtptest.Peer) { p.TLSConfig = smtptest.NewCA(t).Config("mx.example") }, func(o *Options) {
		o.TLSResults = func(r tlspolicy.Result) {
			mu.Lock()
			defer mu.Unlock()
			results = append(results, strings.TrimSpace(r.Domain+" "+r.Found().Kind+" "+r.Failure))
		}
	})
	s.Add("mx.example. 300 IN A 192.0.2.1", "rcpt.example. 300 IN TXT x", "plain.example. 300 IN MX 1 mx.example.", "dane.example. 300 IN MX 1 mx2.example.", "mx2.example. 300 IN A 192.0.2.2",
		"_25._tcp.mx2.example. 300 IN TLSA 3 1 1 "+strings.Repeat("00", 32), "sts.example. 300 IN MX 1 mx.example.", `_mta-sts.sts.example. 300 IN TXT "v=STSv1; id=1"`,
		`_smtp._tls.sts.example. 300 IN TXT "v=TLSRPTv1; rua=mailto:x@sts.example"`)
	for domain, want := range map[string]string{"plain.example": "250", "dane.example": "451 4.7.5", "sts.example": "250"} {
		c := r.hello("plain")
		c.say("MAIL FROM:<a@sender.example>", "250")
		c.say("RCPT TO:<b@"+domain+">", want)
		c.say("RSET", "250")
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(results)
	want := []string{"dane.example tlsa validation-failure", "plain.example no-policy-found", "sts.example no-policy-found", "sts.example sts sts-policy-fetch-error"}
	if got := slices.Compact(results); !slices.Equal(got, want) {
		t.Errorf("results %q", got)
	}
	if !strings.Contains(r.log.String(), "msg=tls-policy-failed domain=sts.example") {
		t.Errorf("the log has %s", r.log)
	}
	if texts, err := r.srv.LookupTXT(t.Context(), "_smtp._tls.sts.example"); len(texts) != 1 || err != nil {
		t.Errorf("who wants reports: %v, %v", texts, err)
	}
	if err := r.srv.SendReport("a@b.example", []byte("x")); err == nil {
		t.Error("a report was sent without a queue")
	}
	if _, err := os.Stat(filepath.Join(r.cfg.State.Directory, "mta-sts")); err != nil || p.Count() == 0 {
		t.Error(err)
	}
}

// REQUIRETLS is offered and accepted over TLS only, and refused with the recipient where
// the next hop does not offer it.
func TestRequireTLS(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) { cfg.Listeners[1].Hide = []string{"REQUIRETLS"} })
	offered := func(c *talker) bool {
		return slices.ContainsFunc(c.say("EHLO client.example", "250"), func(l string) bool { return l[4:] == "REQUIRETLS" })
	}
	c := r.connect("plain")
	c.expect("220")
	if offered(c) {
		t.Error("offered in plain text")
	}
	c.say("MAIL FROM:<a@sender.example> REQUIRETLS", "555 5.5.4")
	c.say("STARTTLS", "220")
	c.startTLS(nil)
	if !offered(c) {
		t.Error("not offered over TLS")
	}
	c.say("MAIL FROM:<a@sender.example> REQUIRETLS=1", "501")
	c.say("MAIL FROM:<a@sender.example> requiretls", "250")
	c.say("RCPT TO:<b@rcpt.example>", "250")
	if !r.hop.from.RequireTLS {
		t.Error("the next hop does not hear of it")
	}
	c = r.hello("implicit")
	if offered(c) {
		t.Error("offered although hidden")
	}
	c.say("MAIL FROM:<a@sender.example> REQUIRETLS", "555 5.5.4")
}

// A report goes through the queue as other mail, and needs no TLS.
func TestReportBySMTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder, change, options := queueing(t)
		r := newRigAt(t, &smtptest.Network{}, change, []func(*Options){options})
		report := "From: <tls@relay.example>\r\nTLS-Required: No\r\n\r\nreport\r\n"
		if err := r.srv.SendReport("tls@rcpt.example", []byte(report)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := r.hop.messages; len(got) != 1 || got[0] != report || !r.hop.from.OptionalTLS || r.hop.from.Path != "" {
			t.Errorf("sent %q from %+v", got, r.hop.from)
		}
		if left := stored(t, folder); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// sendWishing sends a message with parameters of MAIL and a field, and waits until the queue
// has done what it can.
func sendWishing(r *rig, params, field string) {
	c := r.hello("starttls")
	c.say("MAIL FROM:<a@sender.example>"+params, "250")
	c.say("RCPT TO:<b@rcpt.example>", "250")
	c.say("DATA", "354")
	c.send(field + message + ".\r\n")
	c.expect("250")
	synctest.Wait()
}

// The queue keeps what the sender asks of TLS.
func TestQueueKeepsTLSWishes(t *testing.T) {
	for _, tt := range []struct{ param, field string }{{" REQUIRETLS", ""}, {"", "TLS-Required: No\r\n"}, {"", ""}} {
		synctest.Test(t, func(t *testing.T) {
			_, change, options := queueing(t)
			r := newRigAt(t, &smtptest.Network{}, change, []func(*Options){options})
			sendWishing(r, tt.param, tt.field)
			r.hop.mu.Lock()
			defer r.hop.mu.Unlock()
			if from := r.hop.from; from.RequireTLS != (tt.param != "") || from.OptionalTLS != (tt.field != "") {
				t.Errorf("%+v: the next hop got %+v", tt, from)
			}
		})
	}
}

// A notification is protected as the message was, or may go as the message might (RFC 8689
// §5 and §6), and returns only the header of one with REQUIRETLS.
func TestNotificationKeepsTLSWishes(t *testing.T) {
	for _, tt := range []struct {
		param, field string
		full         bool
	}{{" REQUIRETLS", "", false}, {" REQUIRETLS", "TLS-Required: No\r\n", false}, {"", "TLS-Required: No\r\n", true}, {"", "", true}} {
		synctest.Test(t, func(t *testing.T) {
			_, change, options := queueing(t)
			r := newRigAt(t, &smtptest.Network{}, change, []func(*Options){options})
			r.hop.rcpt = func(path string) envelope.Verdict {
				if path == "b@rcpt.example" {
					return envelope.Verdict{Code: 550, Enhanced: [3]int{5, 1, 1}, Remote: "next"}
				}
				return hopSays250
			}
			sendWishing(r, " RET=FULL"+tt.param, tt.field)
			r.hop.mu.Lock()
			defer r.hop.mu.Unlock()
			if len(r.hop.messages) != 1 {
				t.Fatalf("%+v: got %q", tt, r.hop.messages)
			}
			required, optional := tt.param != "", tt.param == "" && tt.field != ""
			from := r.hop.from
			header, body, _ := strings.Cut(r.hop.messages[0], "\r\n\r\n")
			if from.Path != "" || from.RequireTLS != required || strings.Contains(header, "TLS-Required: No") != optional || optional != (from.OptionalTLS && !from.RequireTLS) {
				t.Errorf("%+v: from %+v\n%s", tt, from, header)
			}
			if strings.Contains(body, "Content-Type: message/rfc822") != tt.full {
				t.Errorf("%+v: returned\n%s", tt, body)
			}
		})
	}
}

// mxTable is a DNS in memory.
type mxTable map[string]string // domain: "preference host address"

func (m mxTable) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	host, ok := m[name]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return []*net.MX{{Host: host + ".", Pref: 10}}, nil
}

func (m mxTable) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	ip, err := netip.ParseAddr(m[host])
	if err != nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return []netip.Addr{ip}, nil
}

// The queue sends a message with recipients of several domains to the mail exchangers of
// each, tells the sender at once where no retry could help, and uses the fallback where
// no exchanger can be reached.
func TestQueueByMX(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder, change, options := queueing(t)
		network := &smtptest.Network{}
		peers := make(map[string]*smtptest.Peer)
		for _, addr := range []string{"192.0.2.1:25", "192.0.2.2:25", "192.0.2.77:25", "192.0.2.88:25"} {
			peers[addr] = smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Network = network })
		}
		r := &rig{t: t, cfg: testConfig(t), log: &smtptest.Buffer{}, network: network}
		change(r.cfg)
		r.cfg.Routes = []config.Route{{Domains: []string{"sender.example"}, Via: []string{"192.0.2.88:25"}, TLS: "off", Profile: "auto"},
			{Via: []string{"mx"}, Fallback: []string{"192.0.2.77:25"}, TLS: "off", Profile: "auto"}}
		r.build([]func(*Options){options, func(o *Options) {
			o.Hosts = mxTable{"one.example": "mx1.example", "mx1.example": "192.0.2.1", "two.example": "mx2.example", "mx2.example": "192.0.2.2",
				"down.example": "mx3.example", "mx3.example": "192.0.2.66", "null.example": ""}
			o.Dial = func(ctx context.Context, n, address string) (net.Conn, error) {
				if p := peers[address]; p != nil {
					return network.Dial(ctx, n, p.Addr)
				}
				return nil, errors.New("connection refused")
			}
		}})
		r.serve()
		c := r.hello("plain")
		c.say("MAIL FROM:<a@sender.example>", "250")
		for _, path := range []string{"b@one.example", "b@two.example", "c@one.example", "b@down.example", "b@null.example", "b@missing.example"} {
			c.say("RCPT TO:<"+path+">", "250")
		}
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250")
		synctest.Wait()
		took := func(addr string) string {
			var to []string
			for _, m := range peers[addr].Took() {
				to = append(to, strings.Join(m.To, ","))
			}
			return strings.Join(to, " ")
		}
		if one, two, spare := took("192.0.2.1:25"), took("192.0.2.2:25"), took("192.0.2.77:25"); strings.Count(one, "@one.example") != 2 || strings.Count(two, "@two.example") != 1 || strings.Count(spare, "@down.example") != 1 {
			t.Errorf("first attempt: %q, %q, %q", one, two, spare)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if spare := took("192.0.2.77:25"); strings.Count(spare, "@down.example") != 1 || strings.Count(spare, "@") != 1 {
			t.Errorf("the fallback got %q", spare)
		}
		notes := peers["192.0.2.88:25"].Took()
		var text strings.Builder
		for _, n := range notes {
			text.WriteString(n.Body)
		}
		for _, want := range []string{"5.1.10", "b@null.example", "5.1.2", "b@missing.example"} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("the notifications lack %s: %s", want, text.String())
			}
		}
		if strings.Contains(text.String(), "down.example>") {
			t.Error("the sender was told of a domain that the fallback has reached")
		}
		if left := stored(t, folder); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		for _, p := range peers {
			p.Stop()
		}
	})
}

// A message with one recipient is sent by the fallback when no host can be reached.
func TestQueueFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder, change, options := queueing(t)
		network := &smtptest.Network{}
		spare := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Network = network })
		r := &rig{t: t, cfg: testConfig(t), log: &smtptest.Buffer{}, network: network}
		change(r.cfg)
		r.cfg.Routes = []config.Route{{Via: []string{"192.0.2.66:25"}, Fallback: []string{"192.0.2.77:25"}, TLS: "off", Profile: "auto"}}
		r.build([]func(*Options){options, func(o *Options) {
			o.Dial = func(ctx context.Context, n, address string) (net.Conn, error) {
				if address == "192.0.2.77:25" {
					return network.Dial(ctx, n, spare.Addr)
				}
				return nil, errors.New("connection refused")
			}
		}})
		r.serve()
		c := r.hello("plain")
		c.say("MAIL FROM:<a@sender.example>", "250")
		c.say("RCPT TO:<b@one.example>", "250")
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250")
		synctest.Wait()
		if n, left := len(spare.Took()), stored(t, folder); n != 1 || len(left) != 0 {
			t.Errorf("the fallback got %d messages, left: %v", n, left)
		}
		spare.Stop()
	})
}

// greetedHop is a next hop that has accepted the sender.
type greetedHop struct{ hop }

func (greetedHop) Greeting() (string, string) { return "mx.example", "" }

// A connection that breaks at a recipient says nothing of other mail; one that breaks
// before is a host that cannot be used.
func TestBrokenTransactionIsNotTheDestination(t *testing.T) {
	closed := envelope.Refuse(451, [3]int{4, 4, 2}, "closed the connection")
	for _, tt := range []struct {
		hop  hop
		v    envelope.Verdict
		want bool
	}{
		{greetedHop{}, closed, true},
		{greetedHop{}, envelope.Refuse(451, [3]int{4, 5, 0}, "malformed reply"), true},
		{greetedHop{}, envelope.Refuse(421, [3]int{4, 4, 2}, "closing"), false},
		{&fakeHop{}, closed, false},
		{nil, closed, false},
	} {
		s := &sending{ctx: t.Context(), hop: tt.hop}
		if got := s.broken(tt.v); got != tt.want {
			t.Errorf("%T %+v: %t", tt.hop, tt.v, got)
		}
	}
}

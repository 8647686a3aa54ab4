package tlspolicy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/reconvene/reconvene/relay/resolver"
	"github.com/reconvene/reconvene/relay/resolver/dnstest"
	"github.com/reconvene/reconvene/relay/smtptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRecords(t *testing.T) {
	for _, tt := range []struct {
		texts []string
		id    string
	}{
		{[]string{"v=STSv1; id=20160831085700Z;"}, "20160831085700Z"},
		{[]string{"v=STSv1;id=a"}, "a"},
		{[]string{"v=spf1 -all", "v=STSv1; id=a; ext=b;"}, "a"},
		{[]string{" v=STSv1 ; id = a "}, "a"},
		{[]string{"v=STSv1; id=a", "v=STSv1; id=a"}, ""},
		{[]string{"v=STSv1; id=a; id=b"}, ""},
		{[]string{"v=STSv1;"}, ""},
		{[]string{"v=STSv1 id=a"}, ""},
		{[]string{"v=STSv2; id=a"}, ""},
		{[]string{"id=a; v=STSv1"}, ""},
		{[]string{"v=STSv1; id=a-b"}, ""},
		{[]string{"v=STSv1; id=" + strings.Repeat("a", 33)}, ""},
		{nil, ""},
	} {
		if id, ok := parseRecords(tt.texts); ok != (tt.id != "") || ok && id != tt.id {
			t.Errorf("%q: %q %v", tt.texts, id, ok)
		}
	}
}

func TestParsePolicy(t *testing.T) {
	good := "version: STSv1\r\nmode: enforce\r\nmx: Mail.Example.com\r\nmx: *.example.net\r\nmx: b.example.\r\nmax_age: 604800\r\n"
	p, err := parsePolicy(good)
	if err != nil || p.Mode != ModeEnforce || strings.Join(p.MX, " ") != "mail.example.com *.example.net b.example" || p.MaxAge != 604800*time.Second {
		t.Error(p, err)
	}
	for text, want := range map[string]string{
		strings.ReplaceAll(good, "\r", ""):                        "",
		"mode:testing\nmx:a.example\nmax_age:1\nversion:STSv1":    "",
		"version: STSv1\nmode: none\nmax_age: 0\n":                "",
		good + "unknown: x\nnothing\n":                            "",
		good + "mode: none\nmax_age: 1\n":                         "",
		"version: STSv1\nmode: enforce\nmax_age: 1\n":             "no mail exchanger",
		"version: STSv1\nmode: enforce\nmx: a.example\n":          "max_age",
		strings.Replace(good, "604800", "-1", 1):                  "max_age",
		strings.Replace(good, "604800", "1w", 1):                  "max_age",
		strings.Replace(good, "enforce", "Enforce", 1):            "mode",
		strings.Replace(good, "STSv1", "STSv2", 1):                "version",
		strings.Replace(good, "*.example.net", "*", 1):            "no mail exchanger",
		strings.Replace(good, "*.example.net", "*.net", 1):        "no mail exchanger",
		strings.Replace(good, "*.example.net", "a.*.net", 1):      "no mail exchanger",
		strings.Replace(good, "*.example.net", "*a.net", 1):       "no mail exchanger",
		strings.Replace(good, "*.example.net", ".example.net", 1): "no mail exchanger",
		"<html>not found</html>":                                  "version",
		"":                                                        "version",
		good + strings.Repeat("mx: a.example\n", maxPatterns):     "more than",
	} {
		if p, err := parsePolicy(text); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
	if p, err := parsePolicy(strings.Replace(good, "604800", "4294967295", 1)); err != nil || p.MaxAge != maxAge {
		t.Error(p, err)
	}
}

func TestNames(t *testing.T) {
	p := &Policy{MX: []string{"mail.example.com", "*.example.net"}}
	for host, want := range map[string]bool{
		"mail.example.com": true, "MAIL.example.com.": true, "a.example.net": true, "A.Example.Net.": true,
		"a.b.example.net": false, "example.net": false, ".example.net": false, "evilexample.net": false, "mail.example.com.evil.example": false,
		"x.mail.example.com": false, "": false, "*.example.net": true, // the pattern itself is no host name
	} {
		if p.Names(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add("version: STSv1\r\nmode: enforce\r\nmx: a.example\r\nmax_age: 1\r\n", "a.example")
	f.Add("version: STSv1\nmode: none\nmax_age: 86400", "")
	f.Add("mx: *.\nmx:*.*.a\nmax_age:99999999999999999999", "x.a")
	f.Fuzz(func(t *testing.T, text, host string) {
		p, err := parsePolicy(text)
		if err != nil {
			return
		}
		if p.MaxAge < 0 || p.MaxAge > maxAge || len(p.MX) > maxPatterns {
			t.Errorf("%+v", p)
		}
		if q, err := p.For(host); err == nil && p.Mode == ModeEnforce && (!q.Mandatory() || !p.Names(host)) {
			t.Errorf("%q: %v", host, q)
		}
	})
}

// site is a domain with a policy host, and an STS that asks it.
type site struct {
	*STS
	dns    *dnstest.Server
	ca     *smtptest.CA
	mu     sync.Mutex
	now    time.Time
	handle http.HandlerFunc
	cert   *tls.Config
	hits   int
	down   bool
	errs   []error
}

const enforce = "version: STSv1\nmode: enforce\nmx: mx.rcpt.example\nmax_age: 864000\n"

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprint(w, s)
	}
}

func newSite(t *testing.T, folder string) *site {
	t.Helper()
	s := &site{dns: dnstest.New(t), ca: smtptest.NewCA(t), now: time.Now(), handle: text(enforce)}
	s.cert = s.ca.Config("mta-sts.rcpt.example")
	s.dns.Add(`_mta-sts.rcpt.example. 0 IN TXT "v=STSv1; id=1;"`, "mta-sts.rcpt.example. 0 IN A 192.0.2.80")
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.hits++
		handle := s.handle
		s.mu.Unlock()
		if r.URL.Path != "/.well-known/mta-sts.txt" || r.Host != "mta-sts.rcpt.example" {
			t.Errorf("asked for %s%s", r.Host, r.URL)
		}
		handle(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.cert, nil
	}}
	server.StartTLS()
	t.Cleanup(server.Close)
	s.STS = s.open(t, folder, server.Listener.Addr().String())
	return s
}

// open makes an STS as after a start of the program.
func (s *site) open(t *testing.T, folder, host string) *STS {
	t.Helper()
	res := resolver.New(resolver.Options{Servers: []string{s.dns.Addr}, Now: s.clock})
	sts := NewSTS(STSOptions{
		DNS: func() STSResolver { return res }, Now: s.clock, Roots: s.ca.Pool,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.down || address != "192.0.2.80:443" {
				return nil, fmt.Errorf("connection to %s refused", address)
			}
			return new(net.Dialer).DialContext(ctx, network, host)
		},
		Failed: func(_ string, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.errs = append(s.errs, err)
		},
		Saved: func(_ string, err error) { t.Error(err) },
	})
	if err := sts.Use(folder); err != nil {
		t.Fatal(err)
	}
	return sts
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *site) wait(d time.Duration) { s.set(func() { s.now = s.now.Add(d) }) }

// announce replaces the TXT record.
func (s *site) announce(record string) {
	s.dns.Remove("_mta-sts.rcpt.example")
	if record != "" {
		s.dns.Add(`_mta-sts.rcpt.example. 0 IN TXT "` + record + `"`)
	}
	s.wait(10 * time.Second) // the old one leaves the resolver's cache
}

// mode is that of the policy in force, "" without one.
func (s *site) mode(t *testing.T) Mode {
	t.Helper()
	p, _ := s.Policy(t.Context(), "Rcpt.Example.")
	if p == nil {
		return ""
	}
	return p.Mode
}

func (s *site) want(t *testing.T, mode Mode, hits int) {
	t.Helper()
	if got := s.mode(t); got != mode {
		t.Errorf("the mode in force is %q, want %q; %v", got, mode, s.errs)
	}
	s.set(func() {
		if s.hits != hits {
			t.Errorf("the policy was fetched %d times, want %d", s.hits, hits)
		}
	})
}

// A policy is fetched once, fetched again when another one is announced, and stays in
// force until it expires, whatever an attacker suppresses.
func TestPolicyStaysInForce(t *testing.T) {
	s := newSite(t, "")
	s.want(t, ModeEnforce, 1)
	s.want(t, ModeEnforce, 1)
	s.announce("") // the record is suppressed
	s.want(t, ModeEnforce, 1)
	s.dns.Fail("_mta-sts.rcpt.example", 0, 2)
	s.wait(time.Minute)
	s.want(t, ModeEnforce, 1)
	s.dns.Fail("_mta-sts.rcpt.example", 0, 0)
	s.announce("v=STSv1; id=2") // another policy, which cannot be fetched
	s.set(func() { s.handle = http.NotFound })
	s.want(t, ModeEnforce, 2)
	s.want(t, ModeEnforce, 2)
	s.wait(retryAfter)
	s.set(func() { s.handle = text(strings.Replace(enforce, "enforce", "testing", 1)) })
	s.want(t, ModeTesting, 3)
	s.announce("")
	s.wait(864000 * time.Second)
	s.want(t, "", 3) // expired
}

// A policy that is in use is fetched again in the background before it expires.
func TestPolicyIsRefreshed(t *testing.T) {
	s := newSite(t, "")
	s.STS.fetch.now = time.Now // the certificate is good for an hour
	s.want(t, ModeEnforce, 1)
	s.wait(refreshAfter)
	if s.mode(t) != ModeEnforce {
		t.Error("the policy was not in force during the fetch")
	}
	s.settle()
	s.want(t, ModeEnforce, 2)
	s.set(func() { s.down = true })
	s.wait(9 * 24 * time.Hour)
	s.mode(t)
	s.settle()
	if s.mode(t) != ModeEnforce {
		t.Error("a refresh that failed ended the policy")
	}
}

// settle waits for the fetch that is under way.
func (s *site) settle() {
	k := s.known("rcpt.example")
	s.STS.mu.Lock()
	busy := k.busy
	s.STS.mu.Unlock()
	if busy != nil {
		<-busy
	}
}

// After a start the policies are read from their files.
func TestPolicyIsStored(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "policies")
	s := newSite(t, folder)
	s.want(t, ModeEnforce, 1)
	file := filepath.Join(folder, "mta-sts.rcpt.example.json")
	s.announce("")
	s.set(func() { s.down = true })
	s.STS = s.open(t, folder, "")
	s.want(t, ModeEnforce, 1)
	for _, garbage := range []string{"", "{", `{"domain":"other.example","mode":"none","max_age":9000000000000000}`, `{"domain":"rcpt.example","mode":"enforce","max_age":9000000000000000,"fetched":"2100-01-01T00:00:00Z","mx":["a.example"]}`} {
		if err := os.WriteFile(file, []byte(garbage), 0o600); err != nil {
			t.Fatal(err)
		}
		s.STS = s.open(t, "", "")
		s.STS.folder = folder
		s.want(t, "", 1)
	}
	if err := os.WriteFile(filepath.Join(folder, "other"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.wait(864000 * time.Second)
	prune(folder, s.clock())
	list, _ := os.ReadDir(folder)
	if len(list) != 2 || list[0].Name() != filepath.Base(file) || list[1].Name() != "other" {
		t.Errorf("%v", list) // the garbage of the year 2100 has not expired
	}
	if err := save(folder, &Policy{Domain: "old.example", Mode: ModeNone, MaxAge: time.Second, Read: s.clock()}); err != nil {
		t.Fatal(err)
	}
	s.wait(time.Minute)
	prune(folder, s.clock())
	if again, _ := os.ReadDir(folder); len(again) != len(list) {
		t.Errorf("%v", again)
	}
}

// What a policy host does wrong is no policy, and mail goes on as without one (RFC 8461
// §3.3).
func TestPolicyHostsThatFail(t *testing.T) {
	for name, tt := range map[string]struct {
		set    func(s *site)
		result string
	}{
		"another authority": {func(s *site) { s.cert = smtptest.NewCA(t).Config("mta-sts.rcpt.example") }, WebPKIInvalid},
		"another name":      {func(s *site) { s.cert = s.ca.Config("rcpt.example") }, WebPKIInvalid},
		"expired": {func(s *site) {
			c := s.ca.Issue(func(c *x509.Certificate) {
				c.DNSNames, c.NotAfter = []string{"mta-sts.rcpt.example"}, time.Now().Add(-time.Minute)
				c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
			})
			s.cert = &tls.Config{Certificates: []tls.Certificate{c}}
		}, WebPKIInvalid},
		"redirect": {func(s *site) {
			s.handle = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.RawQuery == "" {
					http.Redirect(w, r, r.URL.Path+"?again", http.StatusFound)
					return
				}
				text(enforce)(w, r)
			}
		}, FetchError},
		"not found": {func(s *site) { s.handle = http.NotFound }, FetchError},
		"too large": {func(s *site) { s.handle = text(enforce + strings.Repeat("x", maxPolicy)) }, PolicyInvalid},
		"html": {func(s *site) {
			s.handle = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprint(w, enforce)
			}
		}, PolicyInvalid},
		"no policy":  {func(s *site) { s.handle = text("hello") }, PolicyInvalid},
		"down":       {func(s *site) { s.down = true }, FetchError},
		"no address": {func(s *site) { s.dns.Remove("mta-sts.rcpt.example") }, FetchError},
		"own network": {func(s *site) {
			s.dns.Remove("mta-sts.rcpt.example")
			s.dns.Add("mta-sts.rcpt.example. 0 IN A 10.0.0.1", "mta-sts.rcpt.example. 0 IN A 127.0.0.1", "mta-sts.rcpt.example. 0 IN AAAA ::ffff:127.0.0.1", "mta-sts.rcpt.example. 0 IN A 169.254.169.254")
		}, FetchError},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, "")
			tt.set(s)
			p, err := s.Policy(t.Context(), "rcpt.example")
			if p != nil || err == nil || FetchResultOf(err) != tt.result {
				t.Errorf("%v, %v", p, err)
			}
			s.settle()
			s.set(func() {
				if name == "own network" && len(s.errs) == 1 && !strings.Contains(s.errs[0].Error(), "no address of the internet") {
					t.Error(s.errs)
				}
			})
			before := s.hits
			if p, err := s.Policy(t.Context(), "rcpt.example"); p != nil || err == nil || s.hits != before {
				t.Errorf("tried again at once: %v, %v", p, err)
			}
		})
	}
}

func TestOptionalTLS(t *testing.T) {
	for header, want := range map[string]bool{
		"TLS-Required: No\r\n\r\nbody": true, "Subject: a\r\ntls-required:no\r\n": true, "TLS-Required: No\n": true,
		"TLS-Required:\r\n No\r\nSubject: a\r\n b\r\n": true, "TLS-Required:\r\n\tNo\r\n\r\n": true, "TLS-Required: No\r\n thing\r\n": false,
		"Subject: a\r\n\r\nTLS-Required: No\r\n": false, "TLS-Required: Yes\r\n": false, "": false,
		"TLS-Required: No\r\nTLS-Required: No\r\n": false, "X-TLS-Required: No\r\n": false, "Subject: a\r\n TLS-Required: No\r\n": false,
	} {
		if OptionalTLS([]byte(header)) != want {
			t.Errorf("%q: %v", header, !want)
		}
	}
}

func TestMemoryOfPoliciesIsBounded(t *testing.T) {
	s := NewSTS(STSOptions{})
	for i := range 2 * maxDomains {
		s.known(fmt.Sprintf("d%d.example", i))
	}
	if n := len(s.domains); n > maxDomains {
		t.Errorf("%d domains", n)
	}
}

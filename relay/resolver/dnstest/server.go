// Package dnstest is a DNS server for tests: it answers from records as a recursive,
// validating resolver does, over UDP and TCP on the loopback interface.
package dnstest

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// Server is the server. All names are authentic until Insecure says otherwise.
type Server struct {
	Addr string // host:port, for both protocols

	t        testing.TB
	mu       sync.Mutex
	records  map[string][]dns.RR // by name in lower case, without the final dot
	insecure map[string]bool
	fails    map[string]int // response codes; by name, or by name and type
	asked    map[string]int // by name and type
	change   func(q, m *dns.Msg, network string) *dns.Msg
}

// New starts a server, which the end of the test stops.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, records: make(map[string][]dns.RR), insecure: make(map[string]bool), fails: make(map[string]int), asked: make(map[string]int)}
	l, pc := listen(t)
	s.Addr = l.Addr().String()
	for _, d := range []*dns.Server{{Listener: l, Handler: s.handler("tcp")}, {PacketConn: pc, Handler: s.handler("udp")}} {
		started := make(chan struct{})
		d.NotifyStartedFunc = func() { close(started) }
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			d.ActivateAndServe()
		}()
		<-started
		t.Cleanup(func() { d.Shutdown(); <-ended })
	}
	return s
}

// listen opens the same port for both protocols.
func listen(t testing.TB) (net.Listener, net.PacketConn) {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		pc, err := net.ListenPacket("udp", l.Addr().String())
		if err == nil {
			return l, pc
		}
		l.Close() // the port is in use for UDP
	}
	t.Fatal("no port is free for both protocols")
	return nil, nil
}

// Add adds records in the form of a zone file: "a.example. 300 IN A 192.0.2.1".
func (s *Server) Add(records ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range records {
		rr, err := dns.NewRR(text)
		if err != nil {
			s.t.Fatal(err)
		}
		s.records[key(rr.Header().Name)] = append(s.records[key(rr.Header().Name)], rr)
	}
}

// Remove removes all records of names.
func (s *Server) Remove(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range names {
		delete(s.records, key(n))
	}
}

// Insecure makes the answers for names such that are not validated.
func (s *Server) Insecure(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range names {
		s.insecure[key(n)] = true
	}
}

// Fail answers questions for a name with a response code, those of all types if qtype
// is 0. Code 0 ends that.
func (s *Server) Fail(name string, qtype uint16, rcode int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails[key(name)+typeKey(qtype)] = rcode
}

// Change lets a function replace each answer; nil means that there is none.
func (s *Server) Change(f func(q, m *dns.Msg, network string) *dns.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change = f
}

// Asked returns how often a question was put.
func (s *Server) Asked(name string, qtype uint16) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[key(name)+typeKey(qtype)]
}

func key(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

func typeKey(qtype uint16) string {
	if qtype == 0 {
		return ""
	}
	return " " + dns.TypeToString[qtype]
}

func (s *Server) handler(network string) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		m := s.answer(q)
		s.mu.Lock()
		change := s.change
		s.mu.Unlock()
		if change != nil {
			m = change(q, m, network)
		}
		if m == nil {
			return
		}
		if network == "udp" {
			size := dns.MinMsgSize
			if o := q.IsEdns0(); o != nil {
				size = int(o.UDPSize())
			}
			m.Truncate(size)
		}
		w.WriteMsg(m)
	}
}

// answer follows aliases, and has an SOA record where there is nothing.
func (s *Server) answer(q *dns.Msg) *dns.Msg {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	name, qtype := key(q.Question[0].Name), q.Question[0].Qtype
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[name+typeKey(qtype)]++
	for _, k := range []string{name, name + typeKey(qtype)} {
		if code := s.fails[k]; code != 0 {
			m.Rcode = code
			return m
		}
	}
	m.AuthenticatedData = q.AuthenticatedData
	found := false
	for range 20 {
		m.AuthenticatedData = m.AuthenticatedData && !s.insecure[name]
		target := ""
		for _, rr := range s.records[name] {
			if rr.Header().Rrtype == qtype {
				m.Answer, found = append(m.Answer, rr), true
			} else if c, ok := rr.(*dns.CNAME); ok {
				m.Answer, target = append(m.Answer, rr), key(c.Target)
			}
		}
		if target == "" {
			break
		}
		name = target
	}
	if !found {
		if len(s.records[name]) == 0 {
			m.Rcode = dns.RcodeNameError
		}
		soa, _ := dns.NewRR(". 300 IN SOA ns.example. root.example. 1 3600 600 86400 60")
		m.Ns = append(m.Ns, soa)
	}
	return m
}

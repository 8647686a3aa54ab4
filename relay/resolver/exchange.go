package resolver

import (
	"cmp"
	"context"
	"errors"
	"net"
	"strconv"

	"github.com/miekg/dns"
)

// udpSize is the largest answer by UDP: one that is not fragmented on the way.
const udpSize = 1232

// errNoServers is the error where the servers of the system could not be found out.
var errNoServers = errors.New("the DNS servers of the system are not known: name them in [dns] servers")

// ask puts a question to one server after the other, twice where none answers. The
// answer has the response code for success or for a name that does not exist. believed
// reports whether the AD bit of the server counts.
func (r *Resolver) ask(ctx context.Context, name string, qtype uint16) (m *dns.Msg, believed bool, err error) {
	list := r.servers.list()
	if len(list) == 0 {
		return nil, false, &net.DNSError{Err: errNoServers.Error(), Name: name, IsTemporary: true, UnwrapErr: errNoServers}
	}
	refused := make(map[string]bool)
	var last error
	for range 2 {
		for _, server := range list {
			if refused[server] || ctx.Err() != nil {
				continue
			}
			m, err := r.exchange(ctx, server, name, qtype)
			switch {
			case err != nil:
				last = err
			case m.Rcode == dns.RcodeSuccess, m.Rcode == dns.RcodeNameError:
				r.servers.worked(server)
				return m, r.believes(server), nil
			default:
				refused[server] = true
				last = RefusedError{m.Rcode}
			}
		}
	}
	if last == nil {
		last = ctx.Err()
	}
	return nil, false, &net.DNSError{Err: lookupError(last), Name: name, IsTemporary: true, IsTimeout: isTimeout(last), UnwrapErr: last}
}

// RefusedError is what a name server says instead of an answer: it works, but not for
// this name, or not now.
type RefusedError struct{ Rcode int }

func (e RefusedError) Error() string {
	return "the name server says " + cmp.Or(dns.RcodeToString[e.Rcode], strconv.Itoa(e.Rcode))
}

// exchange puts a question to a server: by UDP, by TCP where the answer was cut off,
// and without EDNS to a server that does not know it (RFC 6891 §7).
func (r *Resolver) exchange(ctx context.Context, server, name string, qtype uint16) (*dns.Msg, error) {
	q := new(dns.Msg).SetQuestion(dns.Fqdn(name), qtype)
	q.AuthenticatedData = true // we want to know (RFC 6840 §5.7)
	q.SetEdns0(udpSize, true)  // some servers set AD only with DO
	m, err := r.send(ctx, "udp", server, q)
	if err == nil && (m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented) {
		q.Extra = nil
		m, err = r.send(ctx, "udp", server, q)
	}
	if err == nil && m.Truncated {
		return r.send(ctx, "tcp", server, q)
	}
	return m, err
}

// send sends a question and returns the answer to it.
func (r *Resolver) send(ctx context.Context, network, server string, q *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	nc, err := r.opt.Dial(ctx, network, server)
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	defer stop()
	c := dns.Client{Timeout: askTimeout}
	m, _, err := c.ExchangeWithConnContext(ctx, q, &dns.Conn{Conn: nc})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	case !answers(m, q):
		return nil, errors.New("the name server has answered another question")
	}
	return m, nil
}

// answers reports whether a message is the answer to a question.
func answers(m, q *dns.Msg) bool {
	if !m.Response || m.Opcode != dns.OpcodeQuery || len(m.Question) != 1 {
		return m.Response && len(m.Question) == 0 && m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError
	}
	have, want := m.Question[0], q.Question[0]
	return canonical(have.Name) == canonical(want.Name) && have.Qtype == want.Qtype && have.Qclass == want.Qclass
}

// lookupError is an error without the address of the name server.
func lookupError(err error) string {
	var op *net.OpError
	switch {
	case isTimeout(err):
		return "the name server does not answer"
	case errors.As(err, &op) && op.Err != nil:
		return "the name server cannot be asked: " + op.Err.Error()
	}
	return err.Error()
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

package relay

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/dsn"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/smtpd"
	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// Options is what a Server needs. Only Config is required.
type Options struct {
	Config *config.Config
	// Delivery has the memory of receivers and the resolver for the keys of
	// signatures (nil: as [dns] says). Its clock and its metrics are replaced by Now and Metrics.
	Delivery delivery.Options
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	Listen   func(ctx context.Context, address string) (net.Listener, error) // opens a listener's host:port
	Hosts    nexthop.HostResolver                                            // for next hops; nil: as [dns] says
	Now      func() time.Time
	Log      *MailLog // nil logs nothing
	Metrics  *Metrics // nil counts nothing
	Sinks    []Sink   // receive each message after Log and Metrics
	// TLSResults receives what became of TLS with mail exchangers whose domains'
	// policies are obeyed. It must not block; nil ignores it.
	TLSResults func(tlspolicy.Result)

	// Store keeps the messages of listeners with handoff = "queue"; nil: there is no
	// such listener. The server closes it.
	Store queue.Store

	delays delays // for tests
}

// Server receives mail and forwards it. New opens the sockets; Serve accepts clients
// until its context ends, and returns when the last connection is closed. Close ends
// it at once. All methods may be called from any goroutine.
type Server struct {
	opt          Options
	sinks        []Sink // of each message
	setup        atomic.Pointer[setup]
	relayClients connCounter     // of clients that may relay
	strangers    connCounter     // of all others, so that they take no places of those
	refusing     atomic.Int32    // clients that are being sent the reason of a refusal
	logonLimits  logonLimiter    // logons that failed
	ctx          context.Context // of all clients
	cut          context.CancelCauseFunc
	prefix       string
	serial       atomic.Uint64
	delivery     *delivery.Engine
	offers       offers // of the next hops
	sts          *tlspolicy.STS
	queue        *queue.Queue // nil without a store
	storing      queueState
	notices      *dsn.Limiter // of notifications to each sender

	reload sync.Mutex // one Reload at a time

	mu        sync.Mutex // guards what follows
	listeners []*listener
	clients   map[*client]struct{}
	serving   bool
	stopped   bool
	stop      chan struct{}
	wg        sync.WaitGroup // accept loops and clients
}

// New opens the sockets of a configuration. Serve or Close must follow.
func New(opt Options) (*Server, error) {
	opt.delays = opt.delays.orDefault()
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Dial == nil {
		opt.Dial = new(net.Dialer).DialContext
	}
	if opt.Listen == nil {
		opt.Listen = func(ctx context.Context, address string) (net.Listener, error) {
			return new(net.ListenConfig).Listen(ctx, "tcp", address)
		}
	}
	opt.Delivery.Now, opt.Delivery.Metrics = opt.Now, opt.Metrics
	s := &Server{opt: opt, prefix: newPrefix(), clients: make(map[*client]struct{}), stop: make(chan struct{}),
		notices: dsn.NewLimiter(maxNotices, maxNoticePaths, opt.Now)}
	if opt.Delivery.DNS == nil {
		opt.Delivery.DNS = currentDNS{s}
	}
	s.sts = tlspolicy.NewSTS(tlspolicy.STSOptions{Dial: opt.Dial, Now: opt.Now, DNS: func() tlspolicy.STSResolver { return s.setup.Load().dns },
		Failed: opt.Log.policyFailed, Saved: func(folder string, err error) {
			opt.Log.policyFailed("", fmt.Errorf("policies cannot be stored in %s: %w", folder, err))
		}})
	s.delivery = delivery.New(memoryTotal(opt.Config), opt.Delivery)
	s.logonLimits.checks = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))
	s.sinks = append([]Sink{opt.Log, opt.Metrics}, opt.Sinks...)
	s.ctx, s.cut = context.WithCancelCause(context.Background())
	if err := s.Reload(opt.Config); err != nil {
		s.cut(nil)
		return nil, err
	}
	if err := s.openQueue(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Reload puts another configuration in force. Sessions continue: the next
// transaction of each uses the new routes, the next connection the new listeners and
// certificates. On an error nothing changes.
func (s *Server) Reload(cfg *config.Config) error {
	s.reload.Lock()
	defer s.reload.Unlock()
	if cfg.UsesQueue() && s.opt.Store == nil {
		return errNoQueue
	}
	next, err := s.newSetup(cfg)
	if err != nil {
		return err
	}
	setups, err := newListenerSetups(cfg)
	if err != nil {
		next.close()
		return err
	}
	if err := s.relisten(setups, func() {
		for _, r := range next.router.Routes() {
			s.opt.Metrics.presetRoutes(r.Name)
		}
		s.delivery.Resize(memoryTotal(cfg))
		if old := s.setup.Swap(next); old != nil {
			go old.close() // its running transactions finish first
		}
		if s.queue != nil {
			s.queue.Use(queueSettings(cfg))
		}
	}); err != nil {
		next.close()
		return err
	}
	s.keepPolicies(cfg)
	return nil
}

// memoryTotal is limits.memory_total, which a configuration that was loaded has.
func memoryTotal(cfg *config.Config) int64 {
	if n := int64(cfg.Limits.MemoryTotal); n > 0 {
		return n
	}
	return 256 << 20
}

// Serve accepts clients until ctx ends or Close is called. When ctx ends, running
// transactions have shutdown_timeout to complete. The error reports transactions
// that were interrupted.
func (s *Server) Serve(ctx context.Context) error {
	s.mu.Lock()
	if !s.stopped && !s.serving {
		s.serving = true
		for _, l := range s.listeners {
			s.start(l)
		}
	}
	s.mu.Unlock()
	defer s.runQueue(ctx)()
	select {
	case <-s.stop:
		s.wg.Wait()
		return nil
	case <-ctx.Done():
	}
	timeout, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.setup.Load().cfg.Limits.ShutdownTimeout)
	defer cancel()
	return s.shutdown(timeout)
}

// shutdown stops accepting, closes idle sessions with 421, lets transactions
// complete until ctx ends, and then interrupts the others.
func (s *Server) shutdown(ctx context.Context) error {
	s.stopAccepting()
	s.each((*smtpd.Conn).Retire)
	done := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = errors.New("transactions that did not finish within shutdown_timeout were aborted")
		s.disconnectAll()
		<-done
	}
	s.setup.Load().close()
	return err
}

// Close closes all sockets and connections at once. Running transactions are
// interrupted: their clients get no reply and try again.
func (s *Server) Close() error {
	s.stopAccepting()
	s.disconnectAll()
	s.wg.Wait()
	s.setup.Load().close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opt.Store != nil && !s.serving {
		return s.opt.Store.Close()
	}
	return nil
}

// errStopped is the cause of contexts that end when the time for shutdown is over.
var errStopped = errors.New("the server was stopped")

// disconnectAll closes the connections of all clients and ends what they wait for.
func (s *Server) disconnectAll() {
	s.cut(errStopped)
	s.each((*smtpd.Conn).Cut)
}

func (s *Server) each(do func(*smtpd.Conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.clients {
		do(c.conn)
	}
}

// track registers a client, unless the server is stopping.
func (s *Server) track(c *client) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	s.clients[c] = struct{}{}
	s.wg.Add(1)
	return true
}

func (s *Server) unregister(c *client) {
	c.place.leave(c.addr)
	s.untrack(c)
}

// untrack removes a client that was not counted, or no longer is.
func (s *Server) untrack(c *client) {
	s.mu.Lock()
	delete(s.clients, c)
	s.mu.Unlock()
	s.wg.Done()
}

// nextID returns an identifier for a connection or a transaction. It is unique
// across restarts.
func (s *Server) nextID() string {
	return s.prefix + strconv.FormatUint(s.serial.Add(1), 36)
}

func newPrefix() string {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:]) + "-"
}

package cluster

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/ledger"
)

// Options is what a Member needs.
type Options struct {
	Config config.Cluster
	Name   string                                        // of this relay, as NATS shows its connections
	Keep   time.Duration                                 // how long the stream keeps a change; 0: for ever
	Ledger *ledger.Ledger                                // opened with Share
	Reader func(context.Context) (*ledger.Reader, error) // opens one of the same directory
	Now    func() time.Time
	Log    slog.Handler // nil logs nothing
	Via    nats.Option  // the NATS server in this process; nil: those of Config
}

// Member is one relay in the cluster. All methods may be called from any goroutine.
type Member struct {
	opt  Options
	stop context.CancelFunc
	done chan struct{}

	mu     sync.Mutex
	counts Counts
	server string    // that the session is connected to
	reason string    // why the last session ended, as the log says it; "" while one works
	since  time.Time // when it ended first

	differs map[string]string // by ledger: what it does otherwise
}

// Counts has the values of the metrics.
type Counts struct {
	Connected bool
	Waiting   int64  // changes that were not published yet
	Applied   uint64 // changes of others that were applied
}

// Timeouts and pauses.
const (
	connectTimeout = 5 * time.Second
	requestTimeout = 10 * time.Second
	firstPause     = 500 * time.Millisecond // before the next attempt to connect
	longestPause   = 30 * time.Second
)

// Join starts a member. It does not wait for NATS. Close must be called.
func Join(opt Options) *Member {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	ctx, stop := context.WithCancel(context.Background())
	m := &Member{opt: opt, stop: stop, done: make(chan struct{})}
	go m.run(ctx)
	return m
}

// Close disconnects. Changes that were not published stay in the outbox.
func (m *Member) Close() {
	m.stop()
	<-m.done
}

// Counts returns the values of the metrics.
func (m *Member) Counts() Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts
}

// run connects, again and again.
func (m *Member) run(ctx context.Context) {
	defer close(m.done)
	_, _ = m.opt.Ledger.Cluster(ctx) // so that the outbox is filled from now on; without success each session tries again
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := m.session(ctx)
		if ctx.Err() != nil {
			return
		}
		m.failed(ctx, err)
		if time.Since(began) > longestPause {
			pause = firstPause
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// session shares over one connection until that fails.
func (m *Member) session(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	nc, err := m.connect(func(err error) { fail(fmt.Errorf("the connection to NATS was lost: %w", err)) })
	if err != nil {
		return err
	}
	defer nc.Close()
	s, err := m.openStream(ctx, nc)
	if err != nil {
		return err
	}
	outbox, err := m.opt.Reader(ctx)
	if err != nil {
		return fmt.Errorf("the ledger: %w", err)
	}
	defer outbox.Close()
	m.mu.Lock()
	m.server = nc.ConnectedUrlRedacted()
	m.mu.Unlock()
	quiet := time.AfterFunc(settleTime, m.worked) // nothing to publish or to read, and no fault
	defer quiet.Stop()
	var both sync.WaitGroup
	both.Go(func() { fail(m.publish(ctx, s, outbox)) })
	both.Go(func() { fail(m.follow(ctx, s)) })
	both.Wait()
	return context.Cause(ctx)
}

// connect opens a connection. lost is called when it ends.
func (m *Member) connect(lost func(error)) (*nats.Conn, error) {
	c := m.opt.Config
	more := []nats.Option{}
	if m.opt.Via != nil {
		more = append(more, m.opt.Via)
	}
	nc, err := Connect(c, m.opt.Name, append(more, nats.ClosedHandler(func(nc *nats.Conn) { lost(orClosed(nc.LastError())) }))...)
	if err != nil {
		return nil, fmt.Errorf("connecting to NATS (%s): %w", hosts(c.NATS), err)
	}
	return nc, nil
}

// Connect opens a connection to one of the servers, for the relay of that name. It
// ends when it is lost; more options may change that.
func Connect(c config.Cluster, name string, more ...nats.Option) (*nats.Conn, error) {
	options := []nats.Option{
		nats.Name("reconvene " + name), nats.Timeout(connectTimeout), nats.NoReconnect(),
		nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // by default it writes to standard error
	}
	if c.Embedded { // what follows is for servers elsewhere
		return nats.Connect("", append(options, more...)...)
	}
	if c.Credentials != "" {
		options = append(options, nats.UserCredentials(c.Credentials))
	}
	if c.CA != "" {
		options = append(options, nats.RootCAs(c.CA))
	}
	if c.Cert != "" {
		options = append(options, nats.ClientCert(c.Cert, c.Key))
	}
	if c.CA != "" || c.Cert != "" {
		options = append(options, nats.Secure(&tls.Config{MinVersion: tls.VersionTLS12}))
	}
	return nats.Connect(strings.Join(c.NATS, ","), append(options, more...)...)
}

// hosts returns the addresses of the servers, without passwords.
func hosts(urls []string) string {
	var list []string
	for _, s := range urls {
		if u, err := url.Parse(s); err == nil {
			list = append(list, u.Host)
		}
	}
	return strings.Join(list, ", ")
}

func orClosed(err error) error {
	if err == nil {
		return errors.New("closed")
	}
	return err
}

// settleTime is after which a session without a fault counts as one that works.
const settleTime = 2 * time.Second

// worked is called when something was published or read, or could have been.
func (m *Member) worked() {
	m.mu.Lock()
	was, up := m.reason != "", !m.counts.Connected
	m.reason, m.counts.Connected = "", true
	server := m.server
	m.mu.Unlock()
	if !up {
		return
	}
	level := slog.LevelInfo
	if was {
		level = slog.LevelWarn
	}
	m.log(level, "cluster-up", slog.String("server", server))
}

// failed notes why a session ended; the log says each reason once.
func (m *Member) failed(ctx context.Context, err error) {
	if outbox, e := m.opt.Reader(ctx); e == nil {
		m.countWaiting(ctx, outbox)
		outbox.Close()
	}
	m.mu.Lock()
	was := m.reason
	if was == "" {
		m.since = m.opt.Now()
	}
	m.counts.Connected = false
	if err != nil {
		m.reason = err.Error()
	}
	changed := m.reason != was
	m.mu.Unlock()
	if changed && err != nil {
		m.log(slog.LevelWarn, "cluster-down", slog.String("error", err.Error()), slog.String("why", notAffected+Remedy(err)))
	}
}

const notAffected = "mail is not affected; what the other relays are to be told waits in the ledger"

// Trouble returns why the ledger is not shared at present; nil while it is, and in the
// first minute.
func (m *Member) Trouble() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.reason == "" || m.opt.Now().Sub(m.since) < time.Minute {
		return nil
	}
	return fmt.Errorf("cluster.nats: the ledger is not shared since %s, %d changes wait: %s", m.since.UTC().Format("2006-01-02 15:04 MST"), m.counts.Waiting, m.reason)
}

// JetStream's codes for what an administrator can correct.
const (
	errNoPeers        = 10005
	errNotClustered   = 10074
	errUnavailable    = 10008
	errNotEnabled     = 10076
	errNotEnabledHere = 10039
)

// Remedy returns what to do about an error of NATS, as the end of a sentence; "" where the
// error says it.
func Remedy(err error) string {
	var api *jetstream.APIError
	code := jetstream.ErrorCode(0)
	if errors.As(err, &api) {
		code = api.ErrorCode
	}
	switch {
	case code == errNotEnabled, code == errNotEnabledHere, errors.Is(err, nats.ErrNoResponders), errors.Is(err, jetstream.ErrJetStreamNotEnabled):
		return "; switch JetStream on (nats-server -js)"
	case code == errNoPeers, code == errNotClustered:
		return "; set [cluster] replicas to at most the number of NATS servers that form a cluster"
	case code == errUnavailable, errors.Is(err, context.DeadlineExceeded):
		return "; JetStream has no leader: more than half of the NATS servers must run"
	case errors.Is(err, nats.ErrAuthorization):
		return "; see [cluster] credentials"
	case errors.Is(err, nats.ErrNoServers):
		return "; start the NATS servers, or correct [cluster] nats"
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		return "; more than half of the NATS servers must run; if they do, the stream was deleted"
	}
	return ""
}

func (m *Member) log(level slog.Level, msg string, attrs ...slog.Attr) {
	if m.opt.Log == nil || !m.opt.Log.Enabled(context.Background(), level) {
		return
	}
	r := slog.NewRecord(m.opt.Now(), level, msg, 0)
	r.AddAttrs(attrs...)
	_ = m.opt.Log.Handle(context.Background(), r)
}

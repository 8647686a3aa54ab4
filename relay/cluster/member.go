package cluster

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

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
}

// Member is one relay in the cluster. All methods may be called from any goroutine.
type Member struct {
	opt  Options
	stop context.CancelFunc
	done chan struct{}

	mu     sync.Mutex
	counts Counts
	down   bool // the log says so
}

// Counts has the values of the metrics.
type Counts struct {
	Connected bool
	Waiting   int64  // changes that were not published yet
	Told      uint64 // changes that were published
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
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := m.session(ctx)
		if ctx.Err() != nil {
			return
		}
		m.failed(err)
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
	m.connected(nc)
	var both sync.WaitGroup
	both.Go(func() { fail(m.publish(ctx, s, outbox)) })
	both.Go(func() { fail(m.follow(ctx, s)) })
	both.Wait()
	return context.Cause(ctx)
}

// connect opens a connection. lost is called when it ends.
func (m *Member) connect(lost func(error)) (*nats.Conn, error) {
	c := m.opt.Config
	options := []nats.Option{
		nats.Name("reconvene " + m.opt.Name), nats.Timeout(connectTimeout), nats.NoReconnect(),
		nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ClosedHandler(func(nc *nats.Conn) { lost(orClosed(nc.LastError())) }),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // by default it writes to standard error
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
	nc, err := nats.Connect(strings.Join(c.NATS, ","), options...)
	if err != nil {
		return nil, fmt.Errorf("connecting to NATS: %w", err)
	}
	return nc, nil
}

func orClosed(err error) error {
	if err == nil {
		return errors.New("closed")
	}
	return err
}

// connected notes that the cluster can be reached.
func (m *Member) connected(nc *nats.Conn) {
	m.mu.Lock()
	was := m.down
	m.down, m.counts.Connected = false, true
	m.mu.Unlock()
	level := slog.LevelInfo
	if was {
		level = slog.LevelWarn
	}
	m.say(level, "cluster-up", slog.String("server", nc.ConnectedUrlRedacted()))
}

// failed notes why a session ended; the log says so once.
func (m *Member) failed(err error) {
	m.mu.Lock()
	was := m.down
	m.down, m.counts.Connected = true, false
	m.mu.Unlock()
	if !was && err != nil {
		m.say(slog.LevelWarn, "cluster-down", slog.String("error", err.Error()),
			slog.String("why", "mail is not affected; what the other relays are to be told waits in the ledger"))
	}
}

func (m *Member) say(level slog.Level, msg string, attrs ...slog.Attr) {
	if m.opt.Log == nil || !m.opt.Log.Enabled(context.Background(), level) {
		return
	}
	r := slog.NewRecord(m.opt.Now(), level, msg, 0)
	r.AddAttrs(attrs...)
	_ = m.opt.Log.Handle(context.Background(), r)
}

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
)

// syslogSender sends the lines of the log to a syslog server (RFC 5424), in addition
// to the log itself: over UDP (RFC 5426), over TCP with octet counting (RFC 6587
// §3.4.1), or over TLS (RFC 5425). The log never waits for it: lines wait in memory.
// Lines that do not fit are counted, reported once on standard error, and reported
// to the server when it can be reached again. Lines that were written to TCP before
// the connection broke may be lost without being counted.
type syslogSender struct {
	cfg    config.Log
	now    func() time.Time
	stderr io.Writer
	dial   func(ctx context.Context) (net.Conn, error)
	datagr bool
	host   string

	mu      sync.Mutex
	count   func(lost int) // called for each loss; may be nil
	waiting [][]byte       // whole messages, the oldest first
	octets  int            // in waiting
	lost    int            // since the last report
	problem error          // why the server cannot be reached

	wake   chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
}

const (
	syslogMemory  = 16 << 20         // octets that wait for a server
	syslogTimeout = 10 * time.Second // for a connection, and for one write
	syslogFlush   = 3 * time.Second  // for what waits when the program ends
	syslogRetry   = 5 * time.Second
	// maxDatagram is what fits a UDP datagram over IPv4 (RFC 5426 §3.2).
	maxDatagram  = 65_000
	facilityMail = 2
)

func newSyslogSender(e *env, cfg config.Log) (*syslogSender, error) {
	u, err := url.Parse(cfg.Syslog)
	if err != nil {
		return nil, err
	}
	s := &syslogSender{cfg: cfg, now: e.now, stderr: e.stderr, datagr: u.Scheme == "udp", host: "-",
		wake: make(chan struct{}, 1), done: make(chan struct{})}
	if name, err := os.Hostname(); err == nil {
		s.host = syslogName(name, 255)
	}
	dialer := &net.Dialer{Timeout: syslogTimeout}
	s.dial = func(ctx context.Context) (net.Conn, error) { return dialer.DialContext(ctx, u.Scheme, u.Host) }
	if u.Scheme == "tls" {
		if s.dial, err = syslogTLS(dialer, u, cfg.SyslogCA); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go s.run(ctx)
	return s, nil
}

// syslogTLS checks the server's name and chain (RFC 5425 §5.2).
func syslogTLS(dialer *net.Dialer, u *url.URL, ca string) (func(context.Context) (net.Conn, error), error) {
	conf := &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	if ca != "" {
		roots, _, err := config.Authorities(ca)
		if err != nil {
			return nil, err
		}
		conf.RootCAs = roots
	}
	d := &tls.Dialer{NetDialer: dialer, Config: conf}
	return func(ctx context.Context) (net.Conn, error) { return d.DialContext(ctx, "tcp", u.Host) }, nil
}

// Send takes records to be sent.
func (s *syslogSender) Send(ctx context.Context, records []slog.Record) {
	for _, r := range records {
		s.put(s.message(ctx, r))
	}
}

// message is a record as RFC 5424 §6 has it, with the record's msg as MSGID and the
// line of the log as MSG.
func (s *syslogSender) message(ctx context.Context, r slog.Record) []byte {
	b := []byte(fmt.Sprintf("<%d>1 %s %s reconvene %d %s - ", facilityMail*8+severity(r.Level),
		r.Time.UTC().Format("2006-01-02T15:04:05.000000Z"), s.host, os.Getpid(), syslogName(r.Message, 32)))
	b = append(b, logLine(ctx, s.cfg.Format, r)...)
	if s.datagr && len(b) > maxDatagram {
		b = bytes.ToValidUTF8(b[:maxDatagram], nil)
	}
	return b
}

// severity is the level in the numbers of RFC 5424 §6.2.1.
func severity(l slog.Level) int {
	switch {
	case l >= slog.LevelError:
		return 3
	case l >= slog.LevelWarn:
		return 4
	case l >= slog.LevelInfo:
		return 6
	}
	return 7
}

// syslogName is a field of the header: printable ASCII without blanks, or "-".
func syslogName(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), limit)]
}

// logLine is the line of the log for a record, without its end.
func logLine(ctx context.Context, format config.LogFormat, r slog.Record) []byte {
	var b bytes.Buffer
	_ = relay.NewLogHandler(&b, format, slog.LevelDebug).Handle(ctx, r) // a buffer takes all
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (s *syslogSender) put(message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.octets+len(message) > syslogMemory {
		s.lost++
		if s.count != nil {
			s.count(1)
		}
		return
	}
	s.waiting, s.octets = append(s.waiting, message), s.octets+len(message)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// CountLosses sets who counts the lines that are lost.
func (s *syslogSender) CountLosses(count func(lost int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count = count
}

// Trouble is why the server cannot be reached, or nil.
func (s *syslogSender) Trouble() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.problem == nil {
		return nil
	}
	return fmt.Errorf("the syslog server %s cannot be reached: %w", s.cfg.Syslog, s.problem)
}

// Close sends what waits, for a moment, and ends.
func (s *syslogSender) Close() {
	for end := time.Now().Add(syslogFlush); time.Now().Before(end) && s.Trouble() == nil; time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		n := len(s.waiting)
		s.mu.Unlock()
		if n == 0 {
			break
		}
	}
	s.cancel()
	<-s.done
}

// run sends until ctx ends.
func (s *syslogSender) run(ctx context.Context) {
	defer close(s.done)
	var conn net.Conn
	for {
		if conn = s.drain(ctx, conn); conn != nil {
			select {
			case <-s.wake:
				continue
			case <-ctx.Done():
				conn.Close()
				return
			}
		}
		wait := time.NewTimer(syslogRetry)
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
	}
}

// drain sends all that waits, over a connection that it makes when there is none.
// It returns the connection, nil after a failure.
func (s *syslogSender) drain(ctx context.Context, conn net.Conn) net.Conn {
	for {
		s.mu.Lock()
		var message []byte
		if len(s.waiting) > 0 {
			message = s.waiting[0]
		}
		s.mu.Unlock()
		if message == nil && conn != nil {
			return conn
		}
		fresh := conn == nil
		if fresh {
			var err error
			if conn, err = s.dial(ctx); err != nil {
				s.reportError(err)
				return nil
			}
		}
		err := s.write(conn, message)
		switch {
		case err == nil:
			s.sent(ctx, message)
		case fresh:
			conn.Close()
			s.reportError(err)
			return nil
		default: // the server closed it meanwhile, as it may: once more, over a new one
			conn.Close()
			conn = nil
		}
	}
}

func (s *syslogSender) write(conn net.Conn, message []byte) error {
	if message == nil {
		return nil
	}
	_ = conn.SetWriteDeadline(time.Now().Add(syslogTimeout))
	if !s.datagr {
		message = append([]byte(strconv.Itoa(len(message))+" "), message...) // in one write
	}
	_, err := conn.Write(message)
	return err
}

// sent takes a message off the queue; the first after a loss is followed by the
// number of those that are missing.
func (s *syslogSender) sent(ctx context.Context, message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if message != nil {
		s.waiting, s.octets = s.waiting[1:], s.octets-len(message)
	}
	if s.problem == nil && s.lost == 0 {
		return
	}
	if s.lost > 0 {
		report := s.message(ctx, relay.LogRecovered(s.now(), s.lost, s.problem))
		s.waiting, s.octets = append(s.waiting, report), s.octets+len(report)
	}
	if s.problem != nil {
		// There is nowhere else to say that this cannot be written, either.
		_, _ = fmt.Fprintf(s.stderr, "reconvene: the syslog server %s can be reached again; %d lines were lost\n", s.cfg.Syslog, s.lost)
	}
	s.problem, s.lost = nil, 0
}

// reportError reports once that the server cannot be reached.
func (s *syslogSender) reportError(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.problem == nil {
		// There is nowhere else to say that this cannot be written, either.
		_, _ = fmt.Fprintf(s.stderr, "reconvene: the syslog server %s cannot be reached: %s; lines wait in memory, mail is not affected\n",
			s.cfg.Syslog, visible(err.Error()))
	}
	s.problem = err
}

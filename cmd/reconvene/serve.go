package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

func newServeCmd(e *env) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the relay",
		Long: `Takes mail from Exchange, repairs meetings, and hands everything to the next hop.

Without a configuration file it listens on this machine only and says what it
needs. Changed files (configuration, certificates, users) are picked up without
dropping a session; a bad one is reported in the log and the old one stays.

Signals: SIGTERM or SIGINT (Ctrl-C) stops when running transactions are finished,
a second one stops at once. SIGHUP reads the configuration and opens the log file
again.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			file := configFile(e, file)
			cfg, problems, err := loadConfig(e, file)
			if err != nil {
				return err
			}
			return serve(e, file, cfg, problems.Warnings())
		},
	}
	addConfigFlag(cmd, &file)
	return cmd
}

// service is a running relay with what stands around it.
type service struct {
	e       *env
	file    string
	out     *logOutput
	log     *relay.MailLog
	metrics *relay.Metrics
	ready   *relay.Readiness
	server  *relay.Server
	hosts   relay.AdminHosts
	admin   adminServer
}

// serve runs until a signal or a fault ends it.
func serve(e *env, file string, cfg *config.Config, warnings config.Problems) error {
	out, err := newLogOutput(e.stderr, cfg.Log)
	if err != nil {
		return err
	}
	defer out.Close()
	s := &service{e: e, file: file, out: out, ready: new(relay.Readiness)}
	s.log = relay.NewMailLog(out, e.now)
	s.metrics = relay.NewMetrics(release, remedyIDs())
	s.log.Started(release, file)
	s.warn(warnings)
	if s.server, err = relay.New(relay.Options{Config: cfg, Now: e.now, Log: s.log, Metrics: s.metrics}); err != nil {
		return fmt.Errorf("%w; is another mail server running, or does the port need more rights?", err)
	}
	s.use(cfg)
	s.hosts.Handler = relay.AdminHandler(s.ready, s.metrics)
	s.admin = adminServer{handler: &s.hosts, log: s.log}
	if err := s.admin.listen(cfg.Admin.Address); err != nil {
		s.server.Close()
		return fmt.Errorf("%w; choose another address under [admin], or none: address = \"\"", err)
	}
	defer s.admin.close()
	s.metrics.Reload(true, e.now())
	spare := make([]byte, spareHeap)
	err = s.run(cfg)
	runtime.KeepAlive(spare)
	s.log.Stopped(err)
	return err
}

// spareHeap is memory that is counted and never touched. The garbage collector
// runs when the heap has doubled, and ours, of some 2 MB, does so a hundred
// times a second under load: a tenth of all CPU time. GOGC would do the same for
// a small heap, and multiply a large one. See docs/performance.md.
const spareHeap = 4 << 20

func remedyIDs() []string {
	var ids []string
	for _, r := range remedy.All() {
		ids = append(ids, r.ID)
	}
	return ids
}

// run serves, reloads and waits for signals.
func (s *service) run(cfg *config.Config) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	hangups := make(chan os.Signal, 1)
	if len(hangupSignals) > 0 {
		signal.Notify(hangups, hangupSignals...)
		defer signal.Stop(hangups)
	}
	// Not before the signals are ours: whoever reads this line may send one.
	s.log.ConfigLoaded(s.file)

	ctx, stop := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	defer watching.Wait()
	defer stop()
	reload := make(chan struct{})
	watching.Go(func() {
		config.Watcher{Path: s.file, Environ: s.e.environ, Now: reload, Deliver: s.deliver}.Watch(ctx, cfg)
	})
	watching.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
				if err := s.out.Reopen(); err != nil {
					s.log.ConfigWarning(s.file, err)
				}
				select {
				case reload <- struct{}{}:
				case <-ctx.Done():
					return
				}
			}
		}
	})

	ended := make(chan error, 1)
	go func() { ended <- s.server.Serve(ctx) }()
	select {
	case err := <-ended:
		return err
	case sig := <-signals:
		s.log.Stopping(sig.String())
	}
	s.ready.Stop()
	stop()
	select {
	case err := <-ended:
		return err
	case sig := <-signals:
		s.log.Stopping(sig.String() + ", again: at once")
		s.server.Close()
		<-ended
		return errors.New("stopped before all transactions were finished, as asked; the clients will try again")
	}
}

// use makes a configuration known to what stands around the server.
func (s *service) use(cfg *config.Config) {
	if router, err := relay.NewRouter(cfg); err == nil { // the server has made the same
		s.ready.Use(router.Routes())
	}
	s.hosts.Use(cfg.Hostname, cfg.Admin.Address)
}

// deliver takes what the watcher read.
func (s *service) deliver(cfg *config.Config, problems config.Problems) {
	err := problems.Err()
	if cfg != nil {
		err = s.apply(cfg)
	}
	s.metrics.Reload(err == nil, s.e.now())
	if err != nil {
		s.ready.Reject(err)
		for _, one := range each(err) {
			s.log.ConfigRejected(s.file, one)
		}
		return
	}
	s.warn(problems.Warnings())
	s.log.ConfigLoaded(s.file)
}

// apply puts a configuration in force, or leaves all as it was.
func (s *service) apply(cfg *config.Config) error {
	if err := s.server.Reload(cfg); err != nil {
		return err
	}
	s.use(cfg)
	// Mail flows by the new configuration; what fails from here on is only said.
	for _, err := range []error{s.out.Use(cfg.Log), s.admin.listen(cfg.Admin.Address)} {
		if err != nil {
			s.log.ConfigWarning(s.file, err)
		}
	}
	return nil
}

func (s *service) warn(warnings config.Problems) {
	for _, w := range warnings {
		w.Warning = false // the line says it
		s.log.ConfigWarning(s.file, w)
	}
}

// each takes apart what errors.Join put together.
func each(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

// adminServer is the HTTP server of [admin]. It is used from one goroutine at a
// time.
type adminServer struct {
	handler http.Handler
	log     *relay.MailLog
	address string
	server  *http.Server
}

// listen moves to an address; "" means none.
func (a *adminServer) listen(address string) error {
	if address == a.address {
		return nil
	}
	var server *http.Server
	if address != "" {
		socket, err := net.Listen("tcp", address)
		if err != nil {
			return fmt.Errorf("admin: %w", err)
		}
		server = &http.Server{Handler: a.handler, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
			IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
		go func() { _ = server.Serve(socket) }() // ends when it is closed
		a.log.ListenerUp("admin", socket.Addr().String())
	}
	a.close()
	a.address, a.server = address, server
	return nil
}

func (a *adminServer) close() {
	if a.server != nil {
		a.server.Close()
		a.log.ListenerDown("admin", a.address)
	}
}

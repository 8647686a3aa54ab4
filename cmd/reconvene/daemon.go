package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/queue/control"
	"github.com/reconvene/reconvene/relay/queue/jetstream"
	"github.com/reconvene/reconvene/relay/tlsreport"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// daemon is a running relay with its log, its admin page and the watcher of its
// configuration. startDaemon starts it; Reload, ReopenLog, Stop and Abort may be
// called from any goroutine and return at once; Wait returns when it has ended. It
// does not depend on signals or a service manager: console, systemd and the Windows
// service use these methods.
type daemon struct {
	e       *env
	file    string
	out     *logOutput
	log     *relay.MailLog
	metrics *relay.Metrics
	ready   *relay.Readiness
	server  *relay.Server
	ledger  ledgerHolder
	reports *tlsreport.Collector
	hosts   relay.AdminHosts
	admin   adminServer
	control *control.Server  // nil without a queue
	shared  *jetstream.Store // the queue of several relays; nil: another one, or none
	node    embedded
	certs   certWatch
	sockets *inheritedSockets
	manager manager // called when a configuration was read

	current atomic.Pointer[config.Config] // in use
	serving atomic.Pointer[relay.Server]  // server, once it is there

	ctx    context.Context // ends with Stop
	cancel context.CancelFunc
	reload chan struct{} // asks the watcher to read the configuration
	ended  chan struct{} // closed when err is known

	mu      sync.Mutex
	aborted bool
	err     error

	read *config.Snapshot // of the files when the configuration was read
}

// startDaemon opens the log and the sockets and serves. On an error nothing is
// left open.
func startDaemon(e *env, file string, cfg *config.Config, warnings config.Problems) (*daemon, error) {
	read := config.Watcher{Path: file}.Snapshot(cfg)
	out, err := newLogOutput(e, cfg.Log)
	if err != nil {
		return nil, err
	}
	d := &daemon{e: e, file: file, read: read, out: out, ready: new(relay.Readiness), reload: make(chan struct{}, 1), ended: make(chan struct{})}
	if d.sockets, err = d.manager.sockets(); err != nil {
		out.Close()
		return nil, err
	}
	d.log = relay.NewMailLog(d.logHandler(), e.now)
	d.metrics = relay.NewMetrics(release, remedyIDs())
	d.watchLog()
	d.metrics.Register(ledgerMetrics{&d.ledger})
	d.metrics.Register(queueMetrics{d.queue})
	d.metrics.Register(sharedQueueMetrics{d.sharedStatus})
	d.certs = certWatch{log: d.log, metrics: d.metrics, now: e.now, reload: d.askReload}
	d.ready.Doubts = []func() error{out.Trouble, d.certs.Trouble, d.ledger.Trouble, d.sockets.Trouble, d.spoolTrouble, d.queueTrouble}
	d.log.Started(release, file)
	d.warn(warnings)
	if err := d.open(cfg); err != nil {
		d.log.Stopped(err)
		out.Close()
		return nil, err
	}
	d.metrics.Reload(true, e.now())
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.startControl(cfg)
	go d.run(cfg)
	return d, nil
}

// open opens the sockets.
func (d *daemon) open(cfg *config.Config) error {
	if err := d.node.start(cfg, d.log); err != nil {
		return err
	}
	store, err := openStore(cfg, d.node.option(), func(why string) { d.log.QueueTrouble("the queue in NATS", errors.New(why)) })
	if err != nil {
		d.node.close()
		return err
	}
	d.shared, _ = store.(*jetstream.Store)
	d.openLedger(cfg)
	d.reports = tlsreport.New(tlsreport.Options{Now: d.e.now, Failed: d.log.TLSReportFailed,
		Texts: func(ctx context.Context, name string) ([]string, error) { return d.server.LookupTXT(ctx, name) },
		Send:  func(to string, mail []byte) error { return d.server.SendReport(to, mail) }})
	if d.server, err = relay.New(relay.Options{Config: cfg, Store: store, Listen: d.sockets.Listen, Now: d.e.now, TLSResults: d.reports.Add,
		Log: d.log, Metrics: d.metrics, Sinks: []relay.Sink{&d.ledger}, Delivery: delivery.Options{Memory: d.ledger.Recall, Keep: d.ledger.Keep, Profile: d.ledger.Profile, Forms: &d.ledger}}); err != nil {
		d.ledger.Close()
		closeStore(store)
		d.node.close()
		return withHint(err)
	}
	d.serving.Store(d.server)
	d.ready.Reach = d.server.Reach
	d.use(cfg)
	d.hosts.Handler = relay.AdminHandler(d.ready, d.metrics)
	d.admin = adminServer{handler: &d.hosts, log: d.log}
	if err := d.admin.listen(cfg.Admin.Address); err != nil {
		d.server.Close()
		d.ledger.Close()
		d.node.close()
		return err
	}
	return nil
}

// run serves until Stop or Abort, or until a fault ends it.
func (d *daemon) run(cfg *config.Config) {
	spare := make([]byte, spareHeapOf(cfg))
	var watching sync.WaitGroup
	watching.Go(func() { d.manager.keepAlive(d.ctx, d.alive) })
	watching.Go(func() {
		config.Watcher{Path: d.file, Read: d.read, Environ: d.e.environ, Now: d.reload, Deliver: d.deliver}.Watch(d.ctx, cfg)
	})
	watching.Go(func() { d.out.Retry(d.ctx) })
	watching.Go(func() { d.certs.Watch(d.ctx) })
	watching.Go(d.stopControl)
	watching.Go(func() { d.reports.Run(d.ctx) })
	err := d.server.Serve(d.ctx)
	d.cancel()
	watching.Wait()
	d.reports.Flush(d.ctx) // with what the last transactions have added
	d.admin.close()
	d.ledger.Close()
	d.node.close()
	runtime.KeepAlive(spare)
	d.mu.Lock()
	if d.aborted {
		err = errors.New("stopped before all transactions were finished, as asked; the clients will try again")
	}
	d.err = err
	d.mu.Unlock()
	d.log.Stopped(err)
	d.out.Close()
	close(d.ended)
}

// Reload opens the log file again and reads the configuration, changed or not.
func (d *daemon) Reload() {
	d.manager.reloading()
	d.ReopenLog()
	d.askReload()
}

// askReload makes the watcher read the configuration.
func (d *daemon) askReload() {
	select {
	case d.reload <- struct{}{}:
	default: // one is asked for already
	}
}

// ReopenLog opens the log file again, after it was renamed.
func (d *daemon) ReopenLog() {
	if err := d.out.Reopen(); err != nil {
		d.log.ConfigWarning(d.file, err)
	}
}

// Stop takes no more mail and ends when the running transactions are finished,
// or shutdown_timeout is over. Why is for the log.
func (d *daemon) Stop(why string) {
	d.log.Stopping(why)
	d.manager.stopping()
	d.ready.Stop()
	d.cancel()
}

// Abort ends the running transactions, too; their clients try again.
func (d *daemon) Abort(why string) {
	d.log.Stopping(why)
	d.ready.Stop()
	d.mu.Lock()
	d.aborted = true
	d.mu.Unlock()
	d.server.Close()
}

// alive returns when the server answers: not when it is deadlocked.
func (d *daemon) alive() { d.server.Addr("") }

// Ended is closed when the daemon has ended.
func (d *daemon) Ended() <-chan struct{} { return d.ended }

// Wait waits for the end and returns what was wrong with it.
func (d *daemon) Wait() error {
	<-d.ended
	return d.err
}

// spareHeap is memory that is counted and never touched. The garbage collector
// runs when the heap has doubled, and ours, of some 2 MB, does so a hundred
// times a second under load: a tenth of all CPU time. GOGC would do the same for
// a small heap, and multiply a large one. See docs/performance.md.
const spareHeap = 4 << 20

// storeHeap is the same where there is a queue or a ledger: a message makes up to twice as
// much garbage, and some hundred records wait to be stored. It takes 17 MB of memory more,
// and for a meeting a seventh off the CPU time with a queue, a twentieth with a ledger.
const storeHeap = 20 << 20

// spareHeapOf returns how much is counted with a configuration.
func spareHeapOf(cfg *config.Config) int {
	if cfg.UsesQueue() || cfg.StateDirectory() != "" {
		return storeHeap
	}
	return spareHeap
}

func remedyIDs() []string {
	var ids []string
	for _, r := range remedy.All() {
		ids = append(ids, r.ID)
	}
	return ids
}

// use applies a configuration to the log, the admin page and the other parts around
// the server.
func (d *daemon) use(cfg *config.Config) {
	if router, err := relay.NewRouter(cfg); err == nil { // the server has made the same
		d.ready.Use(router.Routes())
	}
	d.hosts.Use(cfg.Hostname, cfg.Admin.Address)
	d.certs.Use(cfg)
	d.reports.Use(tlsreport.Settings{Folder: cfg.Reports.Directory, Organization: cfg.Hostname, Contact: cfg.Reports.Contact, From: cfg.Reports.From})
	d.warn(d.sockets.Use(cfg))
	d.current.Store(cfg)
	d.warn(cfg.TrySpool())
}

// spoolTrouble is why large messages cannot be kept now, or nil.
func (d *daemon) spoolTrouble() error {
	for _, p := range d.current.Load().TrySpool() {
		p.Warning = false // who asks says it
		return p
	}
	return nil
}

// deliver takes what the watcher read.
func (d *daemon) deliver(cfg *config.Config, problems config.Problems) {
	defer d.manager.ready()
	err := problems.Err()
	if cfg != nil {
		err = d.apply(cfg)
	}
	if errors.Is(err, relay.ErrStopping) { // the file has no error
		return
	}
	d.metrics.Reload(err == nil, d.e.now())
	if err != nil {
		d.ready.Reject(err)
		for _, one := range each(err) {
			d.log.ConfigRejected(d.file, one)
		}
		return
	}
	d.warn(problems.Warnings())
	d.log.ConfigLoaded(d.file)
}

// apply puts a configuration in force, or leaves all as it was.
func (d *daemon) apply(cfg *config.Config) error {
	if err := d.server.Reload(cfg); err != nil {
		return withHint(err)
	}
	d.use(cfg)
	d.openLedger(cfg)
	// Mail flows by the new configuration; what fails from here on is only said.
	for _, err := range []error{d.out.Use(cfg.Log), d.admin.listen(cfg.Admin.Address)} {
		if err != nil {
			d.log.ConfigWarning(d.file, err)
		}
	}
	return nil
}

// withHint returns what to do about an address that cannot be opened.
func withHint(err error) error {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "listen" {
		return err
	}
	_, hint := config.ListenReason(fmt.Sprint(op.Addr), err)
	return fmt.Errorf("%w; %s", err, hint)
}

func (d *daemon) warn(warnings config.Problems) {
	for _, w := range warnings {
		w.Warning = false // the line says it
		d.log.ConfigWarning(d.file, w)
	}
}

// each takes apart what errors.Join put together.
func each(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

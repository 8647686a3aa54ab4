// Package node runs a NATS server with JetStream inside a relay, so that three relays
// are a cluster without other programs.
//
// Only the relay itself uses the server, within the process. A server with peers cannot be
// without a port for clients: it has one of the loopback interface, with a password that
// is made at each start. Its peers connect to one port, with TLS and certificates on both sides unless all of them
// are on this machine. It syncs each write to the disk before it is acknowledged. It
// never adds or removes peers: those of the configuration are the cluster.
package node

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Options is what a node needs.
type Options struct {
	Name      string            // of this server, another one on each relay
	Directory string            // for what it stores
	Listen    string            // host:port for the peers; "" for a server without peers
	Peers     []string          // host:port of all servers of the cluster, this one among them or not
	CA        string            // file: the authorities of the peers' certificates, PEM; "" without TLS
	Cert, Key string            // files: our certificate
	Failed    func(text string) // an error of the server; nil: nobody
}

// Node is a NATS server in this process.
type Node struct {
	srv      *server.Server
	password string
	stop     func()
}

// clusterName is the same on all relays: servers with another one are refused.
const clusterName = "reconvene"

// userName is who may use the server, with the password of its start.
const userName = "reconvene"

// startTimeout is how long the start of the server may take, without its peers.
const startTimeout = 30 * time.Second

// Start starts a server. It does not wait for its peers. Close must be called.
func Start(opt Options) (*Node, error) {
	o := &server.Options{ServerName: opt.Name, Host: "127.0.0.1", Port: server.RANDOM_PORT, Username: userName, Password: rand.Text(),
		JetStream: true, StoreDir: opt.Directory, SyncAlways: true, NoSigs: true}
	if opt.Listen != "" {
		if err := clusterOptions(o, opt); err != nil {
			return nil, fmt.Errorf("the NATS server in this process: %w", err)
		}
	}
	srv, err := server.NewServer(o)
	if err != nil {
		return nil, fmt.Errorf("the NATS server in this process: %w", err)
	}
	fatal := make(chan string, 1)
	srv.SetLoggerV2(logger{opt.Failed, fatal}, false, false, false)
	go srv.Start()
	n := &Node{srv: srv, password: o.Password}
	n.stop = sync.OnceFunc(func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	ready := make(chan bool, 1)
	go func() { ready <- srv.ReadyForConnections(startTimeout) }()
	why := "it was not ready in time"
	select {
	case ok := <-ready:
		if ok {
			return n, nil
		}
	case why = <-fatal:
	}
	n.stop()
	return nil, fmt.Errorf("the NATS server in this process does not start: %s", why)
}

// clusterOptions sets what a server with peers needs.
func clusterOptions(o *server.Options, opt Options) error {
	host, port, err := net.SplitHostPort(opt.Listen)
	if err != nil {
		return err
	}
	o.Cluster = server.ClusterOpts{Name: clusterName, Host: host, NoAdvertise: true, TLSTimeout: 5}
	if o.Cluster.Port, err = strconv.Atoi(port); err != nil {
		return fmt.Errorf("the port of %s: %w", opt.Listen, err)
	}
	for _, p := range opt.Peers {
		o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: p})
	}
	if opt.CA != "" || opt.Cert != "" {
		o.Cluster.TLSConfig, err = tlsConfig(opt)
	}
	return err
}

// tlsConfig requires a certificate of the authority from both sides.
func tlsConfig(opt Options) (*tls.Config, error) {
	pem, err := os.ReadFile(opt.CA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("there is no certificate in " + opt.CA)
	}
	cert, err := tls.LoadX509KeyPair(opt.Cert, opt.Key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, RootCAs: pool, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}, nil
}

// Client returns what lets a connection of the NATS client use this server.
func (n *Node) Client() nats.Option {
	return func(o *nats.Options) error {
		return errors.Join(nats.InProcessServer(n.srv)(o), nats.UserInfo(userName, n.password)(o))
	}
}

// Close stops the server.
func (n *Node) Close() { n.stop() }

// logger passes on errors. What a peer that is away causes is a warning, and the queue
// says what follows from it.
type logger struct {
	failed func(string)
	fatal  chan<- string
}

var _ server.Logger = logger{}

// Noticef implements server.Logger.
func (logger) Noticef(string, ...any) {}

// Debugf implements server.Logger.
func (logger) Debugf(string, ...any) {}

// Tracef implements server.Logger.
func (logger) Tracef(string, ...any) {}

// Warnf implements server.Logger.
func (logger) Warnf(string, ...any) {}

// Errorf implements server.Logger.
func (l logger) Errorf(format string, v ...any) {
	if l.failed != nil {
		l.failed(fmt.Sprintf(format, v...))
	}
}

// Fatalf implements server.Logger. Only the start waits for it: later, the relay goes on
// without the server.
func (l logger) Fatalf(format string, v ...any) {
	select {
	case l.fatal <- fmt.Sprintf(format, v...):
	default:
	}
	l.Errorf(format, v...)
}

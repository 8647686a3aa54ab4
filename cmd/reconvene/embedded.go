package main

import (
	"errors"
	"path/filepath"

	"github.com/nats-io/nats.go"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/cluster/node"
)

// embedded is the NATS server in this process, or none.
type embedded struct{ node *node.Node }

// start starts the server if the configuration wants one.
func (e *embedded) start(cfg *config.Config, log *relay.MailLog) (err error) {
	if !cfg.Cluster.Embedded {
		return nil
	}
	opt := nodeOptions(cfg)
	opt.Failed = func(text string) { log.QueueTrouble("the NATS server in this process", errors.New(text)) }
	e.node, err = node.Start(opt)
	return err
}

// nodeOptions are those of the server in this process.
func nodeOptions(cfg *config.Config) node.Options {
	c := cfg.Cluster
	return node.Options{Name: cfg.Hostname, Directory: filepath.Join(cfg.StateDirectory(), "nats"), Listen: c.Listen, Peers: c.Peers, CA: c.CA, Cert: c.Cert, Key: c.Key}
}

// option is how a connection uses the server; nil when there is none.
func (e *embedded) option() nats.Option {
	if e.node == nil {
		return nil
	}
	return e.node.Client()
}

// close stops the server, after everything that uses it.
func (e *embedded) close() {
	if e.node != nil {
		e.node.Close()
	}
}

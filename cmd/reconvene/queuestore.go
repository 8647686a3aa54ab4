package main

import (
	"fmt"
	"os"

	"github.com/nats-io/nats.go"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/cluster"
	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/directory"
	"github.com/reconvene/reconvene/relay/queue/jetstream"
)

// openStore opens the queue of a configuration; nil when it needs none. A folder that
// is there is used also without a listener that needs it: it may have mail. warn is
// told of what weakens the promise of the queue. via is the NATS server in this process;
// nil is none.
func openStore(cfg *config.Config, via nats.Option, warn func(why string)) (queue.Store, error) {
	folder := cfg.QueueDirectory()
	if cfg.Queue.Engine == config.QueueNATS {
		return openShared(cfg, via, folder, warn)
	}
	if folder == "" {
		return nil, nil
	}
	if !cfg.UsesQueue() {
		if _, err := os.Stat(folder); err != nil {
			return nil, nil
		}
	}
	store, err := directory.Open(folder)
	if err != nil {
		return nil, err
	}
	return store, nil
}

// openShared opens the queue of several relays.
func openShared(cfg *config.Config, via nats.Option, folder string, warn func(why string)) (queue.Store, error) {
	if folder != "" { // for the command "queue"
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
		left := 0
		if err := directory.Read(folder, func(*queue.Message) { left++ }); err == nil && left > 0 {
			warn(fmt.Sprintf(`%d messages are in %s, and are not sent: start once with engine = "directory" until it is empty`, left, folder))
		}
	}
	store, err := jetstream.Open(jetstream.Options{
		Connect: func() (*nats.Conn, error) {
			more := []nats.Option{nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true),
				func(o *nats.Options) error { o.AllowReconnect = true; return nil }}
			if via != nil {
				more = append(more, via)
			}
			return cluster.Connect(cfg.Cluster, cfg.Hostname, more...)
		},
		Relay: cfg.Hostname, Replicas: cfg.Cluster.Replicas, MaxBytes: int64(cfg.Queue.MaxSize), InMemory: int64(cfg.Limits.Memory), Temp: cfg.Limits.Directory, Warn: warn,
	})
	if err != nil {
		return nil, err
	}
	return store, nil
}

// closeStore closes a store that no server has taken; nil is none.
func closeStore(store queue.Store) {
	if store != nil {
		store.Close()
	}
}

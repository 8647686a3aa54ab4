package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/config"
)

// Probed is what the servers and the stream showed. Its JSON form is that of
// "reconvene check --probe --json".
type Probed struct {
	Servers  []ProbedServer `json:"servers"`
	Stream   string         `json:"stream"`
	Replicas int            `json:"replicas,omitempty"` // of the stream; 0: it does not exist
	Current  int            `json:"current"`            // of these, those that are up to date
	Messages uint64         `json:"messages"`
	Notes    []string       `json:"notes,omitempty"` // what is not as it should be
}

// ProbedServer is one NATS server.
type ProbedServer struct {
	Address string  `json:"address"`
	Name    string  `json:"name,omitempty"`
	Version string  `json:"version,omitempty"`
	Error   string  `json:"error,omitempty"`
	TookMS  float64 `json:"took_ms"`
}

// Probe connects to each server, and reads about the stream from the first that answers. It
// changes nothing.
func Probe(ctx context.Context, c config.Cluster, name string) Probed {
	p := Probed{Servers: make([]ProbedServer, len(c.NATS)), Stream: c.Stream}
	connections := make([]*nats.Conn, len(c.NATS))
	var all sync.WaitGroup
	for i := range c.NATS {
		all.Go(func() { p.Servers[i], connections[i] = probeServer(c, i, name) })
	}
	all.Wait()
	var first *nats.Conn
	for _, nc := range connections {
		if nc == nil {
			continue
		}
		defer nc.Close()
		if first == nil {
			first = nc
		}
	}
	if first == nil {
		p.Notes = append(p.Notes, "no server can be used: mail is not affected, but the ledgers of the other relays are not told of it")
		return p
	}
	p.readStream(ctx, first, c.Replicas)
	return p
}

func probeServer(c config.Cluster, i int, name string) (ProbedServer, *nats.Conn) {
	one := c
	one.NATS = c.NATS[i : i+1]
	s := ProbedServer{Address: hosts(one.NATS)}
	began := time.Now()
	nc, err := Connect(one, name)
	s.TookMS = float64(time.Since(began).Microseconds()) / 1000
	if err != nil {
		s.Error = err.Error()
		return s, nil
	}
	s.Name, s.Version = nc.ConnectedServerName(), nc.ConnectedServerVersion()
	return s, nc
}

// readStream reads the state of the stream, which should have that many replicas.
func (p *Probed) readStream(ctx context.Context, nc *nats.Conn, replicas int) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	note := func(format string, args ...any) { p.Notes = append(p.Notes, fmt.Sprintf(format, args...)) }
	js, err := jetstream.New(nc)
	if err == nil {
		var found jetstream.Stream
		if found, err = js.Stream(ctx, p.Stream); err == nil {
			p.count(found.CachedInfo())
		}
	}
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		note("the stream does not exist; the first relay that starts creates it")
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount), errors.Is(err, nats.ErrNoResponders):
		note("JetStream is not enabled: start the servers with nats-server -js, and enable it for the account")
	case err != nil:
		note("the stream cannot be read: %v", err)
	case p.Replicas != replicas:
		note("the stream has replicas %d, [cluster] replicas is %d: an existing stream is not changed; run nats stream edit %s --replicas %d", p.Replicas, replicas, p.Stream, replicas)
	case p.Current < p.Replicas:
		note("only %d of %d replicas are up to date: a NATS server is stopped, or behind", p.Current, p.Replicas)
	}
}

// count counts the replicas that are up to date: the leader, and those that say so.
func (p *Probed) count(info *jetstream.StreamInfo) {
	p.Replicas, p.Messages, p.Current = info.Config.Replicas, info.State.Msgs, 1
	if info.Cluster == nil {
		return
	}
	for _, r := range info.Cluster.Replicas {
		if r.Current && !r.Offline {
			p.Current++
		}
	}
}

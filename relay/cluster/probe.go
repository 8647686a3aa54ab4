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

// ProbeOptions is what Probe needs.
type ProbeOptions struct {
	Config  config.Cluster
	Name    string   // of this relay, as NATS shows its connections
	Streams []Wanted // that the relay uses
	Without string   // what follows when no server can be used
}

// Wanted is a stream that a relay uses.
type Wanted struct {
	Name   string
	Usable func(jetstream.StreamConfig) error // nil: with all settings
}

// Probed is what the servers and the streams showed. Its JSON form is that of
// "reconvene check --probe --json".
type Probed struct {
	Servers []ProbedServer `json:"servers"`
	Streams []ProbedStream `json:"streams,omitempty"`
	Notes   []string       `json:"notes,omitempty"` // what is not as it should be
}

// ProbedServer is one NATS server.
type ProbedServer struct {
	Address string  `json:"address"`
	Name    string  `json:"name,omitempty"`
	Version string  `json:"version,omitempty"`
	Error   string  `json:"error,omitempty"`
	TookMS  float64 `json:"took_ms"`
}

// ProbedStream is one stream.
type ProbedStream struct {
	Name     string   `json:"name"`
	Replicas int      `json:"replicas,omitempty"` // 0: it does not exist
	Current  int      `json:"current"`            // of these, those that are up to date
	Messages uint64   `json:"messages"`
	Notes    []string `json:"notes,omitempty"` // what is not as it should be
}

// Probe connects to each server, and reads about the streams from the first that answers. It
// changes nothing.
func Probe(ctx context.Context, opt ProbeOptions) Probed {
	servers := opt.Config.NATS
	p := Probed{Servers: make([]ProbedServer, len(servers))}
	connections := make([]*nats.Conn, len(servers))
	var all sync.WaitGroup
	for i := range servers {
		all.Go(func() { p.Servers[i], connections[i] = probeServer(opt.Config, i, opt.Name) })
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
		p.Notes = append(p.Notes, "no server can be used: "+opt.Without)
		return p
	}
	for _, w := range opt.Streams {
		one, err := probeStream(ctx, first, w, opt.Config.Replicas)
		if isNotEnabled(err) {
			p.Notes = append(p.Notes, "JetStream is not enabled: start the servers with nats-server -js, and enable it for the account")
			break
		}
		p.Streams = append(p.Streams, one)
	}
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

// isNotEnabled reports that a server has no JetStream.
func isNotEnabled(err error) bool {
	return errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) || errors.Is(err, nats.ErrNoResponders)
}

// probeStream reads the state of a stream, which should have that many replicas.
func probeStream(ctx context.Context, nc *nats.Conn, w Wanted, replicas int) (p ProbedStream, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	p.Name = w.Name
	note := func(format string, args ...any) { p.Notes = append(p.Notes, fmt.Sprintf(format, args...)) }
	js, err := jetstream.New(nc)
	if err != nil {
		return p, err
	}
	found, err := js.Stream(ctx, w.Name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound) && replicas > 1 && nc.ConnectedClusterName() == "":
		note("the stream does not exist, and cannot be created: replicas %d needs as many NATS servers that form a cluster, and this one belongs to none", replicas)
	case errors.Is(err, jetstream.ErrStreamNotFound):
		note("the stream does not exist; the first relay that starts creates it")
	case err != nil:
		note("the stream cannot be read: %v%s", err, Remedy(err))
	}
	if err != nil {
		return p, err
	}
	info := found.CachedInfo()
	p.count(info)
	if w.Usable != nil {
		if err := w.Usable(info.Config); err != nil {
			note("no mail is accepted: %v", err)
		}
	}
	switch {
	case p.Replicas != replicas:
		note("the stream has replicas %d, [cluster] replicas is %d: an existing stream is not changed; run nats stream edit %s --replicas %d", p.Replicas, replicas, p.Name, replicas)
	case p.Current < p.Replicas:
		note("only %d of %d replicas are up to date: a NATS server is stopped, or behind", p.Current, p.Replicas)
	}
	return p, nil
}

// count counts the replicas that are up to date: the leader, and those that say so.
func (p *ProbedStream) count(info *jetstream.StreamInfo) {
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

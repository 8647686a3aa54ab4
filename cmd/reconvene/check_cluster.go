package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/cluster"
	"github.com/reconvene/reconvene/relay/cluster/node"
	"github.com/reconvene/reconvene/relay/queue/jetstream"
)

// probeCluster asks what several relays use together; nil when they share nothing.
func probeCluster(ctx context.Context, cfg *config.Config) *cluster.Probed {
	var p cluster.Probed
	switch {
	case cfg.Cluster.Embedded:
		p = probePeers(ctx, cfg)
	case len(cfg.Cluster.NATS) > 0:
		opt := cluster.ProbeOptions{Config: cfg.Cluster, Name: cfg.Hostname, Without: withoutNATS(cfg)}
		if cfg.StateDirectory() != "" {
			opt.Streams = append(opt.Streams, cluster.Wanted{Name: cfg.Cluster.Stream})
		}
		if cfg.Queue.Engine == config.QueueNATS {
			for _, name := range jetstream.Streams() {
				opt.Streams = append(opt.Streams, cluster.Wanted{Name: name, Usable: jetstream.Usable})
			}
		}
		p = cluster.Probe(ctx, opt)
	default:
		return nil
	}
	return &p
}

// withoutNATS is what follows when NATS cannot be used.
func withoutNATS(cfg *config.Config) string {
	if cfg.Queue.Engine == config.QueueNATS {
		return "clients of the queue are told to try again (451), and nothing in it is sent"
	}
	return "mail is not affected, but the ledgers of the other relays are not told of it"
}

// peerTimeout bounds the conversation with one peer.
const peerTimeout = 5 * time.Second

// probePeers asks the NATS servers inside the relays who they are.
func probePeers(ctx context.Context, cfg *config.Config) cluster.Probed {
	c := cfg.Cluster
	p := cluster.Probed{Servers: make([]cluster.ProbedServer, len(c.Peers))}
	var all sync.WaitGroup
	for i, address := range c.Peers {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, peerTimeout)
			defer cancel()
			began := time.Now()
			peer, err := node.Ask(ctx, address, nodeOptions(cfg))
			p.Servers[i] = cluster.ProbedServer{Address: address, Name: peer.Name, Version: peer.Version, TookMS: float64(time.Since(began).Microseconds()) / 1000}
			if err != nil {
				p.Servers[i].Error = err.Error()
			}
		})
	}
	all.Wait()
	good, names := 0, map[string]string{}
	for _, s := range p.Servers {
		if s.Error != "" {
			continue
		}
		good++
		if other, ok := names[s.Name]; ok {
			p.Notes = append(p.Notes, fmt.Sprintf("%s and %s are both %s: each relay needs a hostname of its own", other, s.Address, s.Name))
		}
		names[s.Name] = s.Address
	}
	if good <= len(c.Peers)/2 {
		p.Notes = append(p.Notes, fmt.Sprintf("%d of %d relays can be reached, and more than half must run: %s", good, len(c.Peers), withoutNATS(cfg)))
	}
	return p
}

// printCluster shows what the servers of NATS and the streams showed.
func printCluster(w io.Writer, p *cluster.Probed) {
	fmt.Fprintf(w, "\n# cluster\n")
	line := func(key, value string) { fmt.Fprintf(w, "#     %-12s %s\n", key, visible(value)) }
	for _, s := range p.Servers {
		fmt.Fprintf(w, "#   %s\n", s.Address)
		if s.Error != "" {
			line("error", s.Error)
		} else {
			line("server", s.Name+", version "+s.Version)
		}
		line("took", fmt.Sprintf("%.0f ms", s.TookMS))
	}
	for _, n := range p.Notes {
		fmt.Fprintf(w, "#   %-14s %s\n", "warning", visible(n))
	}
	for _, s := range p.Streams {
		fmt.Fprintf(w, "#   stream %s\n", visible(s.Name))
		if s.Replicas > 0 {
			line("replicas", fmt.Sprintf("%d, %d up to date", s.Replicas, s.Current))
			line("messages", fmt.Sprint(s.Messages))
		}
		for _, n := range s.Notes {
			line("warning", n)
		}
	}
}

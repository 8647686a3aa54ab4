package main

import (
	"fmt"
	"io"

	"github.com/reconvene/reconvene/relay/cluster"
)

// printCluster shows what the servers of NATS and the stream of the ledgers showed.
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
	fmt.Fprintf(w, "#   stream %s\n", visible(p.Stream))
	if p.Replicas > 0 {
		line("replicas", fmt.Sprintf("%d, %d up to date", p.Replicas, p.Current))
		line("messages", fmt.Sprint(p.Messages))
	}
	for _, n := range p.Notes {
		line("warning", n)
	}
}

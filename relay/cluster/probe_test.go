package cluster_test

import (
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/cluster"
)

// What is wrong with the servers or the stream is said; nothing is changed.
func TestProbe(t *testing.T) {
	nodes := startNATS(t, 3)
	c := config.Cluster{Stream: "TEST", Replicas: 3}
	for _, n := range nodes {
		c.NATS = append(c.NATS, n.url())
	}
	expect := func(what string, replicas, current int, note string) {
		t.Helper()
		var p cluster.Probed
		eventually(t, what, func() bool {
			p = cluster.Probe(t.Context(), c, "relay")
			said := strings.Join(p.Notes, "\n")
			return p.Replicas == replicas && p.Current == current && (note == "" && said == "" || note != "" && strings.Contains(said, note))
		})
		if len(p.Servers) != len(c.NATS) || p.Servers[0].Address == "" {
			t.Errorf("%s: %+v", what, p)
		}
	}
	expect("no stream", 0, 0, "does not exist")
	nc, err := nats.Connect(nodes[0].url())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(replicas int) {
		t.Helper()
		eventually(t, "the stream cannot be changed", func() bool { // while the servers elect a leader, nobody replies
			_, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "TEST", Subjects: []string{"TEST.change"}, Replicas: replicas})
			return err == nil
		})
	}
	edit(3)
	expect("all is well", 3, 3, "")
	nodes[2].kill()
	expect("a server is stopped", 3, 2, "only 2 of 3")
	if p := cluster.Probe(t.Context(), c, "relay"); p.Servers[2].Error == "" || p.Servers[0].Error != "" || p.Servers[0].Version == "" {
		t.Errorf("%+v", p.Servers)
	}
	nodes[2].start(t)
	edit(1)
	expect("too few replicas", 1, 1, "--replicas 3")
}

// A server without JetStream, and none at all.
func TestProbeUnusable(t *testing.T) {
	n := &node{opt: &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true}}
	n.start(t)
	defer n.kill()
	c := config.Cluster{NATS: []string{n.url()}, Stream: "TEST", Replicas: 1}
	if p := cluster.Probe(t.Context(), c, "relay"); len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "JetStream is not enabled") {
		t.Errorf("%+v", p)
	}
	n.kill()
	if p := cluster.Probe(t.Context(), c, "relay"); len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "no server can be used") || p.Servers[0].Error == "" {
		t.Errorf("%+v", p)
	}
}

package cluster_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/cluster"
)

// probe asks for the stream TEST.
func probe(t *testing.T, c config.Cluster) cluster.Probed {
	return cluster.Probe(t.Context(), cluster.ProbeOptions{Config: c, Name: "relay", Streams: []cluster.Wanted{{Name: "TEST", Usable: func(s jetstream.StreamConfig) error {
		if s.MaxAge > 0 {
			return errors.New("messages are lost")
		}
		return nil
	}}}, Without: "nobody knows"})
}

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
			p = probe(t, c)
			s := p.Streams[0]
			said := strings.Join(append(p.Notes, s.Notes...), "\n")
			return s.Replicas == replicas && s.Current == current && (note == "" && said == "" || note != "" && strings.Contains(said, note))
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
	edit := func(replicas int, age time.Duration) {
		t.Helper()
		eventually(t, "the stream cannot be changed", func() bool { // while the servers elect a leader, nobody replies
			_, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "TEST", Subjects: []string{"TEST.change"}, Replicas: replicas, MaxAge: age})
			return err == nil
		})
	}
	edit(3, 0)
	expect("all is well", 3, 3, "")
	nodes[2].kill()
	expect("a server is stopped", 3, 2, "only 2 of 3")
	if p := probe(t, c); p.Servers[2].Error == "" || p.Servers[0].Error != "" || p.Servers[0].Version == "" {
		t.Errorf("%+v", p.Servers)
	}
	nodes[2].start(t)
	edit(1, 0)
	expect("too few replicas", 1, 1, "--replicas 3")
	edit(1, time.Hour)
	expect("settings that lose mail", 1, 1, "no mail is accepted: messages are lost")
}

// A server without JetStream, none at all, and one that cannot have so many replicas.
func TestProbeUnusable(t *testing.T) {
	n := &node{opt: &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true}}
	n.start(t)
	defer n.kill()
	c := config.Cluster{NATS: []string{n.url()}, Stream: "TEST", Replicas: 1}
	if p := probe(t, c); len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "JetStream is not enabled") {
		t.Errorf("%+v", p)
	}
	n.kill()
	if p := probe(t, c); len(p.Notes) != 1 || p.Notes[0] != "no server can be used: nobody knows" || p.Servers[0].Error == "" {
		t.Errorf("%+v", p)
	}
	single := &node{opt: &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true}}
	single.start(t)
	defer single.kill()
	c = config.Cluster{NATS: []string{single.url()}, Stream: "TEST", Replicas: 3}
	if p := probe(t, c); len(p.Streams) != 1 || len(p.Streams[0].Notes) != 1 || !strings.Contains(p.Streams[0].Notes[0], "cannot be created: replicas 3") {
		t.Errorf("%+v", p)
	}
}

package node_test

import (
	"crypto/x509"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/cluster/node"
	"github.com/reconvene/reconvene/relay/smtptest"
)

func local(c *x509.Certificate) {
	c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
}

// create makes a stream with three replicas, and returns why it cannot.
func create(t *testing.T, n *node.Node) error {
	t.Helper()
	nc, err := nats.Connect("", n.Client())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "T", Subjects: []string{"t"}, Replicas: 3})
	if err == nil {
		_, err = js.Publish(t.Context(), "t", nil)
	}
	return err
}

// Three servers with certificates of one authority are a cluster, which survives the
// loss of one; one with the certificate of a stranger does not belong to it.
func TestCluster(t *testing.T) {
	ca, stranger := smtptest.NewCA(t), smtptest.NewCA(t)
	addrs := smtptest.FreeAddrs(t, 3)
	var options []node.Options
	for i, addr := range addrs {
		o := node.Options{Name: fmt.Sprint("n", i), Directory: t.TempDir(), Listen: addr, Peers: addrs, CA: ca.File()}
		o.Cert, o.Key = ca.Pair(ca.Issue(local))
		options = append(options, o)
	}
	start := func(o node.Options) *node.Node {
		t.Helper()
		n, err := node.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.Close)
		return n
	}
	first := start(options[0])
	foreign := options[1]
	foreign.Directory = t.TempDir()
	foreign.Cert, foreign.Key = stranger.Pair(stranger.Issue(local))
	intruder := start(foreign)
	if err := create(t, first); err == nil {
		t.Error("a server with a stranger's certificate belongs to the cluster")
	}
	intruder.Close()
	second := start(options[1])
	start(options[2])
	works := func(n *node.Node) {
		t.Helper()
		for end := time.Now().Add(60 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			err := create(t, n)
			if err == nil {
				return
			}
			if time.Now().After(end) {
				t.Fatal(err)
			}
		}
	}
	works(first)
	if p, err := node.Ask(t.Context(), addrs[0], options[1]); err != nil || p.Name != "n0" || p.Version == "" {
		t.Errorf("a peer is asked: %+v, %v", p, err)
	}
	if p, err := node.Ask(t.Context(), addrs[0], foreign); err == nil {
		t.Errorf("a stranger is answered: %+v", p)
	}
	second.Close()
	if _, err := node.Ask(t.Context(), addrs[1], options[0]); err == nil {
		t.Error("a peer that is stopped answers")
	}
	works(first)
	works(start(options[1]))
}

// What cannot be used is reported at the start.
func TestUnusable(t *testing.T) {
	for name, o := range map[string]node.Options{
		"no port":   {Listen: "127.0.0.1"},
		"no file":   {Listen: "127.0.0.1:1", CA: "none.pem", Cert: "none.pem"},
		"no folder": {Directory: "/dev/null/x"},
	} {
		o.Name = "n"
		if o.Directory == "" {
			o.Directory = t.TempDir()
		}
		if n, err := node.Start(o); err == nil {
			n.Close()
			t.Errorf("%s: it starts", name)
		}
	}
}

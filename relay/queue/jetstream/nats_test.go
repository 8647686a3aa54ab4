package jetstream

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// node is a NATS server of the cluster.
type node struct {
	opt *server.Options
	srv *server.Server
}

func (n *node) start(t testing.TB) {
	t.Helper()
	srv, err := server.NewServer(n.opt.Clone())
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	if !srv.ReadyForConnections(30 * time.Second) {
		t.Fatal("a NATS server does not start")
	}
	n.srv = srv
}

func (n *node) kill() {
	n.srv.Shutdown()
	n.srv.WaitForShutdown()
}

// startNATS starts that many servers with JetStream, and waits until they have a leader.
func startNATS(t testing.TB, count int) []*node {
	t.Helper()
	var nodes []*node
	var routes []*url.URL
	addrs := smtptest.FreeAddrs(t, 2*count)
	for i := range count { // all have to know all of them before the first one starts
		n := &node{opt: &server.Options{ServerName: fmt.Sprint("n", i), Host: "127.0.0.1", Port: portOf(addrs[i]), JetStream: true, SyncAlways: true,
			StoreDir: t.TempDir(), NoLog: true, NoSigs: true}}
		if count > 1 {
			addr := addrs[count+i]
			n.opt.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: portOf(addr)}
			routes = append(routes, &url.URL{Scheme: "nats", Host: addr})
		}
		nodes = append(nodes, n)
	}
	for _, n := range nodes {
		n.opt.Routes = routes
		n.start(t)
		t.Cleanup(n.kill)
	}
	eventually(t, "the servers have no leader", func() bool {
		return count == 1 || slices.ContainsFunc(nodes, func(n *node) bool { return n.srv.JetStreamIsLeader() })
	})
	return nodes
}

func portOf(addr string) int { return int(netip.MustParseAddrPort(addr).Port()) }

// connector returns what connects to any of the servers.
func connector(nodes []*node) func() (*nats.Conn, error) {
	var urls string
	for _, n := range nodes {
		urls += "," + n.srv.ClientURL()
	}
	return func() (*nats.Conn, error) {
		return nats.Connect(urls[1:], nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.RetryOnFailedConnect(true),
			nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	}
}

func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(4 * time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

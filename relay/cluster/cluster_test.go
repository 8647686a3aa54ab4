package cluster_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/cluster"
	"github.com/reconvene/reconvene/relay/ledger"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// node is a NATS server of the cluster.
type node struct {
	opt *server.Options
	srv *server.Server
}

func (n *node) start(t *testing.T) {
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

func (n *node) url() string { return n.srv.ClientURL() }

// startNATS starts that many servers with JetStream, and waits until they have a leader.
func startNATS(t *testing.T, count int) []*node {
	t.Helper()
	var nodes []*node
	var routes []*url.URL
	addrs := smtptest.FreeAddrs(t, 2*count)
	for i := range count { // all have to know all of them before the first one starts
		addr := addrs[count+i]
		routes = append(routes, &url.URL{Scheme: "nats", Host: addr})
		nodes = append(nodes, &node{opt: &server.Options{Host: "127.0.0.1", Port: portOf(addrs[i]), JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true}})
		if count > 1 {
			nodes[len(nodes)-1].opt.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: portOf(addr)}
		}
	}
	for i, n := range nodes {
		n.opt.ServerName = fmt.Sprint("n", i)
		if count > 1 {
			n.opt.Routes = routes
		}
		n.start(t)
		t.Cleanup(func() { n.kill() })
	}
	eventually(t, "the servers have no leader", func() bool {
		return count == 1 || slices.ContainsFunc(nodes, func(n *node) bool { return n.srv.JetStreamIsLeader() })
	})
	return nodes
}

func portOf(addr string) int { return int(netip.MustParseAddrPort(addr).Port()) }

// member is a relay's ledger with its membership.
type member struct {
	dir       string
	addresses config.AddressStyle // "": "plain"
	log       slog.Handler
	ledger    *ledger.Ledger
	member    *cluster.Member
}

func (m *member) join(t *testing.T, nodes []*node) {
	t.Helper()
	cfg := config.Ledger{Texts: true, Addresses: cmp.Or(m.addresses, config.AddressStyle("plain"))}
	l, err := ledger.Open(ledger.Options{Directory: m.dir, Config: cfg, Wait: 30 * time.Second, Share: true})
	if err != nil {
		t.Fatal(err)
	}
	open := func(ctx context.Context) (*ledger.Reader, error) { return ledger.OpenReader(ctx, m.dir, cfg) }
	var urls []string
	for _, n := range nodes {
		urls = append(urls, n.url())
	}
	m.ledger = l
	m.member = cluster.Join(cluster.Options{Config: config.Cluster{NATS: urls, Stream: "TEST", Replicas: len(nodes)}, Name: m.dir, Ledger: l, Reader: open, Log: m.log})
}

func (m *member) leave() {
	m.member.Close()
	m.ledger.Close()
}

// content is what a ledger holds, in an order of its own.
func (m *member) content(t *testing.T) []string {
	t.Helper()
	r, err := ledger.OpenReader(t.Context(), m.dir, config.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	if _, err := r.Export(t.Context(), &out, time.Time{}); err != nil {
		t.Fatal(err)
	}
	list := strings.Split(strings.TrimSpace(out.String()), "\n")
	slices.Sort(list)
	return list
}

func (m *member) waiting(t *testing.T) int64 {
	r, err := ledger.OpenReader(t.Context(), m.dir, config.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n, err := r.Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// record is the nth message of a relay, in a meeting that the relays share.
func record(t *testing.T, from string, n int) *ledger.Record {
	t.Helper()
	text := fmt.Sprintf(`{"id":"%s-%d","time":"2027-03-01T09:00:%02dZ","msgid":"<%[1]s-%[2]d@example.com>","from":"anna@example.com","outcome":"delivered",
"components":[{"component":"VEVENT","uid":"meeting-%d","method":"REQUEST","method_sent":"REQUEST","seq":%[2]d,"seq_sent":%[2]d,"dtstamp":"20270301T0900%02[3]dZ","summary":"Budget","attendees":[{"attendee":"ben@partner.example"}]}],
"recipients":[{"attendee":"ben@partner.example","verdict":"delivered","code":250,"reply":"ok"}]}`, from, n, n%60, n%7)
	var r ledger.Record
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err, text)
	}
	return &r
}

// returned is a notification that a message came back.
func returned(from string, n int) *relay.Event {
	return &relay.Event{ID: "dsn-" + from, Inbound: true, At: time.Date(2027, 3, 2, 9, 0, 0, 0, time.UTC), Report: &relay.StatusReport{
		MessageID: fmt.Sprintf("<%s-%d@example.com>", from, n), Recipients: []relay.RecipientStatus{{Final: "ben@partner.example", Action: "failed", Status: "5.1.1", Diagnostic: "smtp; no such user"}}}}
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

func wantEqual(t *testing.T, members []*member, records int) {
	t.Helper()
	eventually(t, "something is left in an outbox", func() bool {
		return !slices.ContainsFunc(members, func(m *member) bool { return m.waiting(t) > 0 })
	})
	for i, m := range members {
		eventually(t, fmt.Sprintf("member %d has %d messages, want %d", i, len(m.content(t)), records), func() bool { return len(m.content(t)) == records })
	}
	for i, m := range members[1:] { // what comes late may be missing in each of them
		eventually(t, fmt.Sprintf("member %d has another content", i+1), func() bool { return slices.Equal(m.content(t), members[0].content(t)) })
	}
}

// Three relays and three NATS servers: one of each dies under load, comes back, and all
// ledgers are equal at the end. A relay that joins later gets everything.
func TestThreeRelays(t *testing.T) {
	nodes := startNATS(t, 3)
	var members []*member
	for range 3 {
		m := &member{dir: t.TempDir()}
		m.join(t, nodes)
		members = append(members, m)
	}
	const each = 300
	half := make(chan struct{})
	var load, started sync.WaitGroup
	started.Add(3)
	for i, m := range members {
		load.Go(func() {
			for n := range each {
				if n == each/2 {
					started.Done()
					<-half
				}
				m.ledger.Add(record(t, fmt.Sprint("r", i), n))
			}
		})
	}
	started.Wait()
	nodes[0].kill()
	members[2].member.Close() // it is out of the cluster, and goes on taking mail
	close(half)
	load.Wait()
	members[2].ledger.Close()
	nodes[0].start(t)
	members[2].join(t, nodes)
	members[1].ledger.Message(returned("r2", 5)) // r2's message came back to r1
	wantEqual(t, members, 3*each)
	for i, m := range members {
		if n := strings.Count(strings.Join(m.content(t), "\n"), "no such user"); n != 1 {
			t.Errorf("member %d knows of %d messages that came back", i, n)
		}
	}
	late := &member{dir: t.TempDir()}
	late.join(t, nodes)
	members = append(members, late)
	wantEqual(t, members, 3*each)
	for _, m := range members {
		m.leave()
	}
}

// A ledger that was restored from a backup gets back what it lacks, its own records too.
func TestRestoredLedger(t *testing.T) {
	nodes := startNATS(t, 1)
	a, b := &member{dir: t.TempDir()}, &member{dir: t.TempDir()}
	a.join(t, nodes)
	b.join(t, nodes)
	a.ledger.Add(record(t, "a", 0))
	b.ledger.Add(record(t, "b", 0))
	wantEqual(t, []*member{a, b}, 2)
	backup := filepath.Join(t.TempDir(), "backup")
	if err := ledger.Backup(t.Context(), a.dir, backup); err != nil {
		t.Fatal(err)
	}
	for n := range 5 {
		a.ledger.Add(record(t, "a", n+1))
	}
	wantEqual(t, []*member{a, b}, 7)
	a.leave()
	a.dir = t.TempDir()
	for from, to := range map[string]string{backup: ledger.FileName, backup + ".key": "ledger.key"} {
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(a.dir, to), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	a.join(t, nodes)
	wantEqual(t, []*member{a, b}, 7)
	a.leave()
	b.leave()
}

// A record that the stream does not accept is named in the log, and does not hold up those
// after it. Octets that are no UTF-8 are the same everywhere.
func TestRecordThatIsRefused(t *testing.T) {
	nodes := startNATS(t, 1)
	nc, err := nats.Connect(nodes[0].url())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err == nil {
		_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "TEST", Subjects: []string{"TEST.change"}, MaxMsgSize: 4000})
	}
	if err != nil {
		t.Fatal(err)
	}
	var log smtptest.Buffer
	a, b := &member{dir: t.TempDir(), log: slog.NewTextHandler(&log, nil)}, &member{dir: t.TempDir()}
	a.join(t, nodes)
	b.join(t, nodes)
	large := record(t, "large", 1)
	large.Components[0].Summary = strings.Repeat("x", 10_000)
	odd := record(t, "odd", 2)
	odd.Components[0].Summary = "caf\xe9\xe9 \xff"
	for _, r := range []*ledger.Record{large, odd, record(t, "a", 3)} {
		a.ledger.Add(r)
	}
	eventually(t, "the others do not arrive", func() bool { return len(b.content(t)) == 2 && a.waiting(t) == 0 })
	for _, line := range b.content(t) {
		if !slices.Contains(a.content(t), line) {
			t.Errorf("only one has %s", line)
		}
	}
	a.leave()
	b.leave()
	if s := log.String(); strings.Count(s, "cluster-failed id=large-1") != 1 || strings.Contains(s, "cluster-down") || strings.Count(s, "cluster-up") != 1 {
		t.Errorf("the log says %s", s)
	}
}

// Without NATS, or without JetStream, the log says so once, with what to do.
func TestReasons(t *testing.T) {
	bare := startNATS(t, 1)[0]
	bare.kill()
	url := bare.url()
	var log smtptest.Buffer
	m := &member{dir: t.TempDir(), log: slog.NewTextHandler(&log, nil)}
	m.join(t, []*node{bare})
	m.ledger.Add(record(t, "a", 1))
	eventually(t, "nothing is counted", func() bool { return m.member.Counts().Waiting == 1 })
	bare.opt.JetStream = false
	bare.start(t)
	eventually(t, "the second reason is not said", func() bool { return strings.Contains(log.String(), "nats-server -js") })
	m.leave()
	s := log.String()
	if strings.Count(s, "start the NATS servers") != 1 || !strings.Contains(s, strings.TrimPrefix(url, "nats://")) ||
		strings.Count(s, "nats-server -js") != 1 || strings.Contains(s, "cluster-up") {
		t.Errorf("the log says %s", s)
	}
}

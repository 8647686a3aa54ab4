//go:build unix

package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/cluster/node"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// What an administrator sees of a queue in NATS: with two relays, without NATS, and when it is
// back.
func TestQueueInNATSIsWatched(t *testing.T) {
	dir := t.TempDir()
	nats := startNATS(t, dir, 0)
	relays, files := startWatched(t, nats.ClientURL())
	for _, p := range relays {
		p.shows("/metrics", "reconvene_queue_nats_connected 1\n", "reconvene_queue_partitions 24\n", "reconvene_queue_partitions_held 12\n", "reconvene_queue_partitions_free 0\n", "reconvene_queue_cluster_messages 3\n")
	}
	for _, flags := range [][]string{nil, {"--json"}, {"--csv"}} {
		out, errs, _ := printed(append([]string{"queue", "list", "--config", files[1]}, flags...)...)
		if want := "this relay has 12 of the 24 partitions of the queue, and lists their messages; all relays together have 3 messages: ask each"; !strings.Contains(errs, want) || strings.Contains(out, "partitions") {
			t.Errorf("%v: %s%s", flags, out, errs)
		}
	}
	out, errs, _ := printed("check", "--probe", "--config", files[0])
	for _, want := range []string{"stream RECONVENE_LEDGER\n", "stream RECONVENE_QUEUE\n#     replicas     1, 1 up to date\n#     messages     3\n", "stream OBJ_RECONVENE_QUEUE\n#     replicas", "stream KV_RECONVENE_QUEUE_OWNER\n#     replicas"} {
		if !strings.Contains(out, want) {
			t.Errorf("check: no %q in\n%s%s", want, out, errs)
		}
	}
	port := nats.Addr().(*net.TCPAddr).Port
	nats.Shutdown()
	nats.WaitForShutdown()
	watchWithoutNATS(t, relays[0], files[0])
	startNATS(t, dir, port)
	relays[0].shows("/metrics", "reconvene_queue_nats_connected 1\n", "reconvene_queue_partitions_held 12\n", "reconvene_queue_cluster_messages 3\n")
	if _, body := relays[0].get("/readyz"); strings.Contains(body, "the queue in NATS") {
		t.Error(body)
	}
}

// watchWithoutNATS looks at a relay while NATS cannot be reached.
func watchWithoutNATS(t *testing.T, p *program, file string) {
	t.Helper()
	p.shows("/metrics", "reconvene_queue_nats_connected 0\n", "reconvene_queue_partitions_held 0\n")
	if code, body := p.get("/readyz"); code != http.StatusOK || !strings.Contains(body, "warning: the queue in NATS cannot be used") || !strings.Contains(body, "start the NATS servers") {
		t.Errorf("%d %s", code, body)
	}
	if out, errs, code := printed("status", "--check", "--address", p.addr("admin")); code != nagiosWarning || !strings.Contains(out, "the queue in NATS cannot be used") {
		t.Errorf("status: %d %s%s", code, out, errs)
	}
	if out, _, _ := printed("check", "--probe", "--config", file); !strings.Contains(out, "no server can be used: clients of the queue are told to try again") {
		t.Errorf("check without NATS: %s", out)
	}
}

// startWatched starts two relays with a queue in NATS, which has three messages that the next
// hop does not take yet.
func startWatched(t *testing.T, url string) (relays []*program, files []string) {
	t.Helper()
	next := newSink(t, nil)
	go func() {
		for range next.got {
		}
	}()
	later := &gosmtp.SMTPError{Code: 451, Message: "later"}
	next.refuse = []error{later, later, later}
	shortLease(t, url)
	for range 2 {
		file := serveConfig(t, "", next.addr, fmt.Sprintf("[queue]\nengine = \"nats\"\nmax_size = \"100MB\"\nretry_first = \"30m\"\n[state]\ndirectory = %q\n[cluster]\nnats = [%q]\nreplicas = 1\n", shortFolder(t), url))
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, bytes.Replace(text, []byte("[[listener]]\n"), []byte("[[listener]]\nhandoff = \"queue\"\n"), 1), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		files, relays = append(files, file), append(relays, startServe(t, nil, "--config", file))
	}
	c, err := smtp.Dial(relays[0].addr("exchange"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for n := range 3 {
		if err := send(t, c, fmt.Sprintf("Message-ID: <%d@example.com>\r\n", n)+strings.Replace(brokenUpdate, "UID:1@", fmt.Sprintf("UID:%d@", n), 1)); err != nil {
			t.Fatal(err)
		}
	}
	return relays, files
}

// Two relays with the same name are no cluster: the second one is refused by the first.
func TestProbeTellsSameNames(t *testing.T) {
	peers := []string{smtptest.FreeAddr(t), smtptest.FreeAddr(t), smtptest.FreeAddr(t)}
	for _, listen := range peers[:2] {
		n, err := node.Start(node.Options{Name: "same.example.com", Directory: t.TempDir(), Listen: listen, Peers: peers})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.Close)
	}
	p := probePeers(t.Context(), &config.Config{Cluster: config.Cluster{Embedded: true, Peers: peers}})
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "are both same.example.com") || p.Servers[2].Error == "" {
		t.Errorf("%+v", p)
	}
}

// shows waits until a page has all the words.
func (p *program) shows(page string, words ...string) {
	p.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		_, body := p.get(page)
		missing := ""
		for _, w := range words {
			if !strings.Contains(body, w) {
				missing += w
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s lacks\n%sin\n%s", page, missing, body)
		}
	}
}

// printed runs a command without input.
func printed(args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	code = run(&env{args: args, stdin: strings.NewReader(""), stdout: &o, stderr: &e, now: time.Now})
	return o.String(), e.String(), code
}

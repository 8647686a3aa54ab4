//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Three relays with one queue in NATS: one is killed under load. Whatever was answered
// 250 arrives, also what only the dead relay had accepted or was to send.
func TestQueueOfSeveralRelays(t *testing.T) {
	next := newSink(t, nil)
	arrived := countArrivals(next)
	url := startNATS(t, t.TempDir(), 0).ClientURL()
	leases := shortLease(t, url)
	var relays []*program
	var files []string
	for range 3 {
		file := serveConfig(t, "", next.addr, fmt.Sprintf("[queue]\nengine = \"nats\"\nmax_size = \"100MB\"\n[state]\ndirectory = %q\n[cluster]\nnats = [%q]\nreplicas = 1\n", t.TempDir(), url))
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, bytes.Replace(text, []byte("[[listener]]\n"), []byte("[[listener]]\nhandoff = \"queue\"\n"), 1), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		relays = append(relays, startServe(t, nil, "--config", file))
		for end := time.Now().Add(patience); leases() < 24; time.Sleep(50 * time.Millisecond) { // the first one takes all, and gives back some
			if time.Now().After(end) {
				t.Fatal("nobody takes the partitions")
			}
		}
	}
	answered := sendToAll(t, relays, func() { relays[0].signal(syscall.SIGKILL) })
	<-relays[0].done
	if len(answered) < 80 {
		t.Errorf("%d messages were accepted", len(answered))
	}
	arrived.await(t, answered, patience)
	for i, want := range []int{exitProblem, 0} { // the first one is dead
		var out, errs bytes.Buffer
		e := &env{args: []string{"queue", "list", "--config", files[i]}, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now}
		if code := run(e); code != want {
			t.Errorf("queue list of relay %d ended with %d: %s%s", i, code, out.String(), errs.String())
		}
	}
	arrived.mu.Lock()
	defer arrived.mu.Unlock()
	for id, n := range arrived.count {
		if n > 2 {
			t.Errorf("%s arrived %d times", id, n)
		}
	}
}

// arrivals counts the messages that a next hop has got, by Message-ID.
type arrivals struct {
	mu    sync.Mutex
	count map[string]int
}

func countArrivals(next *sink) *arrivals {
	a := &arrivals{count: map[string]int{}}
	go func() {
		for text := range next.got {
			_, id, _ := strings.Cut(text, "Message-ID: ")
			id, _, _ = strings.Cut(id, "\r\n")
			a.mu.Lock()
			a.count[id]++
			a.mu.Unlock()
		}
	}()
	return a
}

// await waits until all messages have arrived that were answered 250.
func (a *arrivals) await(t *testing.T, answered []string, most time.Duration) {
	t.Helper()
	missing := func() (list []string) {
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, id := range answered {
			if a.count[id] == 0 {
				list = append(list, id)
			}
		}
		return list
	}
	for end := time.Now().Add(most); len(missing()) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%v were answered 250 and did not arrive", missing())
		}
	}
}

// shortLease makes the bucket of leases with a short duration, so that the test need
// not wait for half a minute. It returns what counts the partitions that a relay has.
func shortLease(t *testing.T, url string) (count func() int) {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err == nil {
		_, err = js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: "RECONVENE_QUEUE_OWNER", TTL: 3 * time.Second})
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() int {
		stream, err := js.Stream(t.Context(), "KV_RECONVENE_QUEUE_OWNER")
		if err != nil {
			t.Fatal(err)
		}
		info, err := stream.Info(t.Context(), jetstream.WithSubjectFilter("$KV.RECONVENE_QUEUE_OWNER.partition.*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(info.State.Subjects)
	}
}

//go:build unix

package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"net/smtp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/ledger"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// startNATS starts a server with JetStream in a folder; port 0 chooses one.
func startNATS(t *testing.T, dir string, port int) *server.Server {
	t.Helper()
	if port == 0 {
		port = server.RANDOM_PORT
	}
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	if !srv.ReadyForConnections(patience) {
		t.Fatal("the NATS server does not start")
	}
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	return srv
}

// Three relays: one is killed in the middle of the work and started again, and NATS is
// away for a while. All ledgers have what was answered 250, once, and each command answers
// for all.
func TestClusterServe(t *testing.T) {
	next := newSink(t, nil)
	go func() {
		for range next.got {
		}
	}()
	store := t.TempDir()
	port := int(netip.MustParseAddrPort(smtptest.FreeAddr(t)).Port()) // it has to be free when the server comes back
	nats := startNATS(t, store, port)
	var files, dirs []string
	var relays []*program
	for range 3 {
		dir := t.TempDir()
		file := serveConfig(t, "", next.addr, fmt.Sprintf("[state]\ndirectory = %q\n[cluster]\nnats = [%q]\nreplicas = 1\n", dir, nats.ClientURL()))
		files, dirs, relays = append(files, file), append(dirs, dir), append(relays, startServe(t, nil, "--config", file))
	}
	answered := sendToAll(t, relays, func() {
		relays[0].signal(syscall.SIGKILL)
		nats.Shutdown()
		nats.WaitForShutdown()
	})
	<-relays[0].done
	relays[0] = startServe(t, nil, "--config", files[0])
	startNATS(t, store, port)
	texts := make([]string, 3)
	eventuallyEqual := func() bool {
		for i, dir := range dirs {
			texts[i] = exported(t, dir)
		}
		return texts[0] == texts[1] && texts[1] == texts[2] && len(answered) <= strings.Count(texts[0], "\n")
	}
	for end := time.Now().Add(patience); !eventuallyEqual(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the ledgers differ: %d, %d and %d messages, %d were answered", strings.Count(texts[0], "\n"), strings.Count(texts[1], "\n"), strings.Count(texts[2], "\n"), len(answered))
		}
	}
	for _, id := range answered {
		if n := strings.Count(texts[2], `"msgid":"`+id+`"`); n != 1 {
			t.Errorf("%s was answered 250 and is remembered %d times", id, n)
		}
	}
	var out, errs bytes.Buffer
	e := &env{args: []string{"meetings", "list", "--config", files[1]}, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now}
	if code := run(e); code != 0 || strings.Count(out.String(), "\n") == 0 {
		t.Errorf("meetings list ended with %d: %s%s", code, out.String(), errs.String())
	}
}

// sendToAll sends to all relays at the same time, and calls interrupt when each of them has
// answered some. It returns the Message-IDs that were answered 250.
func sendToAll(t *testing.T, relays []*program, interrupt func()) []string {
	t.Helper()
	var mu sync.Mutex
	var answered []string
	var before, all sync.WaitGroup
	before.Add(len(relays))
	for i, p := range relays {
		addr := p.addr("exchange")
		all.Go(func() {
			c, err := smtp.Dial(addr)
			if err != nil {
				t.Error(err)
				before.Done()
				return
			}
			defer c.Close()
			for n := range 40 {
				id := fmt.Sprintf("<%d-%d@example.com>", i, n)
				err := send(t, c, "Message-ID: "+id+"\r\n"+strings.Replace(brokenUpdate, "UID:1@", fmt.Sprintf("UID:%d@", n), 1))
				if n == 20 {
					before.Done()
				}
				if err != nil {
					if n < 20 {
						t.Error(err)
						before.Done()
					}
					return // it was killed
				}
				mu.Lock()
				answered = append(answered, id)
				mu.Unlock()
			}
		})
	}
	before.Wait()
	interrupt()
	all.Wait()
	return answered
}

// exported is what a ledger holds, in an order of its own.
func exported(t *testing.T, dir string) string {
	t.Helper()
	r, err := ledger.OpenReader(t.Context(), dir, config.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	if _, err := r.Export(t.Context(), &out, time.Time{}); err != nil {
		t.Fatal(err)
	}
	lines := slices.Sorted(strings.Lines(out.String()))
	return strings.Join(lines, "")
}

// check --probe shows each NATS server and the stream, in text and in JSON.
func TestProbeShowsCluster(t *testing.T) {
	next := newSink(t, nil)
	nats := startNATS(t, t.TempDir(), 0)
	file := serveConfig(t, "", next.addr, fmt.Sprintf("[state]\ndirectory = %q\n[cluster]\nnats = [%q, \"nats://127.0.0.1:1\"]\nreplicas = 1\n", t.TempDir(), nats.ClientURL()))
	for _, tt := range []struct {
		flags []string
		want  []string
	}{
		{nil, []string{"# cluster\n", "server       " + nats.Name(), "#   127.0.0.1:1\n#     error", "warning      the stream does not exist"}},
		{[]string{"--json"}, []string{`"cluster": {`, `"name": "` + nats.Name(), `"stream": "RECONVENE_LEDGER"`, `"error": "`}},
	} {
		var out, errs bytes.Buffer
		run(&env{args: append([]string{"check", "--probe", "--config", file}, tt.flags...), stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now})
		for _, want := range tt.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v: no %q in\n%s%s", tt.flags, want, out.String(), errs.String())
			}
		}
	}
}

//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"net/smtp"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/ledger"
)

// killRounds is how often the program is killed; RECONVENE_KILLS=50 kills it more
// often.
func killRounds() int {
	if n, err := strconv.Atoi(os.Getenv("RECONVENE_KILLS")); err == nil {
		return n
	}
	return 3
}

// Every message that was answered 250 is remembered, once, although the program
// is killed in the middle of the work.
func TestLedgerSurvivesKill(t *testing.T) {
	next := newSink(t, nil)
	go func() {
		for range next.got {
		}
	}()
	dir := t.TempDir()
	file := serveConfig(t, "", next.addr, fmt.Sprintf("[state]\ndirectory = %q\n", dir))
	var mu sync.Mutex
	answered := map[string]bool{}
	for round := range killRounds() {
		p := startServe(t, nil, "--config", file)
		addr := p.addr("exchange")
		enough := make(chan struct{})
		var clients sync.WaitGroup
		n := 0
		for client := range 4 {
			clients.Go(func() {
				c, err := smtp.Dial(addr)
				if err != nil {
					return
				}
				defer c.Close()
				for i := 0; ; i++ {
					id := fmt.Sprintf("<%d-%d-%d@example.com>", round, client, i)
					if err := send(t, c, "Message-ID: "+id+"\r\n"+brokenUpdate); err != nil {
						return // it was killed
					}
					mu.Lock()
					answered[id] = true
					if n++; n == 30+round {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
		select {
		case <-enough:
		case <-time.After(patience):
			t.Fatal("nothing is delivered")
		}
		p.signal(syscall.SIGKILL)
		clients.Wait()
		<-p.done
	}
	r, err := ledger.OpenReader(context.Background(), dir, config.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	if _, err := r.Export(context.Background(), &out, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for id := range answered {
		if n := strings.Count(out.String(), `"msgid":"`+id+`"`); n != 1 {
			t.Errorf("%s was answered 250 and is remembered %d times", id, n)
		}
	}
	if faults, err := r.Check(context.Background()); err != nil || len(faults) > 0 {
		t.Errorf("%v %v", faults, err)
	}
	t.Logf("%d messages were answered", len(answered))
}

// A second relay with the state folder of another one says so.
func TestServeSharesStateFolder(t *testing.T) {
	next := newSink(t, nil)
	state := fmt.Sprintf("[state]\ndirectory = %q\n", t.TempDir())
	first := startServe(t, nil, "--config", serveConfig(t, "", next.addr, state))
	first.addr("exchange")
	second := startServe(t, nil, "--config", serveConfig(t, "", next.addr, state))
	second.line(1, "msg=config-warning", "state.directory: another Reconvene uses the folder")
	if _, text := second.get("/readyz"); !strings.Contains(text, "another Reconvene uses the folder") {
		t.Errorf("/readyz says %s", text)
	}
}

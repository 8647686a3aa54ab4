//go:build unix

package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/smtp"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// messages is how many messages the crash test of the queue sends;
// RECONVENE_MESSAGES=20000 sends more.
func messages() int {
	if n, err := strconv.Atoi(os.Getenv("RECONVENE_MESSAGES")); err == nil {
		return n
	}
	return 600
}

// idOf returns the ID of a message that arrived, and whether it is as it was sent.
func idOf(body string) (id string, same bool) {
	_, own, _ := strings.Cut(body, "X-Test: ") // behind our Received field
	id, _, _ = strings.Cut(own, "\r\n")
	return id, "X-Test: "+own == testMail(id)
}

// testMail returns the message of an ID, of which every octet follows from it.
func testMail(id string) string {
	sum := sha256.Sum256([]byte(id))
	r := rand.New(rand.NewPCG(uint64(sum[0]), uint64(sum[1])))
	size := 500 + r.IntN(8000)
	if r.IntN(20) == 0 {
		size = 200_000 // too large for the journal of the queue
	}
	var b strings.Builder
	fmt.Fprintf(&b, "X-Test: %s\r\nSubject: test\r\n\r\n", id)
	for b.Len() < size {
		fmt.Fprintf(&b, "%x %d\r\n", sum, b.Len())
	}
	return b.String()
}

// Every message that was answered 250 arrives, unaltered, although the program is
// killed again and again at any moment; and hardly any arrives twice: only those that
// were being sent when it was killed.
func TestQueueSurvivesKill(t *testing.T) {
	const clients, concurrency = 50, 20
	next := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = []string{"PIPELINING", "8BITMIME", "CHUNKING", "SIZE"} })
	file := serveConfig(t, "", next.Addr, fmt.Sprintf("[queue]\ndirectory = %q\nretry_first = \"1s\"\nconcurrency = %d\n[log]\nlevel = \"error\"\n", shortFolder(t), concurrency))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	port := smtptest.FreeAddr(t)
	err = os.WriteFile(file, []byte(strings.Replace(string(text), "address = \"127.0.0.1:0\"", "handoff = \"queue\"\naddress = \""+port+"\"", 1)), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	p := startServe(t, nil, "--config", file)
	ids := make(chan string)
	var mu sync.Mutex
	answered := map[string]bool{}
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			var c *smtp.Client
			for id := range ids {
				for try := 0; ; try++ {
					if c == nil {
						fresh, err := smtp.Dial(port)
						if err != nil {
							time.Sleep(20 * time.Millisecond) // it is being started again
							continue
						}
						c = fresh
					}
					// A message that was not answered gets another ID: it may be stored.
					name := fmt.Sprintf("%s-%d", id, try)
					if send(t, c, testMail(name)) == nil {
						mu.Lock()
						answered[name] = true
						mu.Unlock()
						break
					}
					c.Close()
					c = nil
				}
			}
			if c != nil {
				c.Close()
			}
		})
	}
	kills, all := killRounds(), messages()
	at := map[int]bool{}
	for len(at) < kills {
		at[rand.IntN(all)] = true
	}
	for i := range all {
		ids <- strconv.Itoa(i)
		if at[i] {
			p.signal(syscall.SIGKILL)
			<-p.done
			p = startServe(t, nil, "--config", file)
		}
	}
	close(ids)
	running.Wait()
	seen := map[string]int{}
	var bad []string
	missing := func() (n int) {
		clear(seen)
		bad = nil
		for _, m := range next.Took() {
			id, same := idOf(m.Body)
			if seen[id]++; !same {
				bad = append(bad, id)
			}
		}
		for id := range answered {
			if seen[id] == 0 {
				n++
			}
		}
		return n
	}
	left := missing()
	for end := time.Now().Add(patience); left > 0 && time.Now().Before(end); left = missing() {
		time.Sleep(200 * time.Millisecond)
	}
	twice := 0
	for _, n := range seen {
		twice += n - 1
	}
	if left > 0 || len(bad) > 0 {
		t.Errorf("%d of %d answered messages are missing; altered: %v", left, len(answered), bad)
	}
	if twice > kills*concurrency {
		t.Errorf("%d messages arrived twice, after %d kills with at most %d deliveries at a time", twice, kills, concurrency)
	}
	t.Logf("%d messages answered, %d kills, %d arrived twice", len(answered), kills, twice)
}

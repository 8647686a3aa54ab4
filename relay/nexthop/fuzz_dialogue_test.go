package nexthop

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// scriptedHop is a server that says what a script says, whatever it is asked: the
// first stage as its greeting, and the next one after each command, each body and
// each chunk. It goes when the script is at its end, or when the client waits for
// what does not come.
type scriptedHop struct {
	stages [][]byte

	mu   sync.Mutex
	said map[string][]byte // to each whole body, after its end
}

func (s *scriptedHop) serve(ln net.Listener) {
	for {
		nc, err := ln.Accept()
		if err != nil {
			return
		}
		s.talk(nc)
		nc.Close()
	}
}

// talk goes through the script once for each connection.
func (s *scriptedHop) talk(nc net.Conn) {
	br := bufio.NewReader(nc)
	var chunks []byte
	stages := s.stages
	// next says the next stage, which is the reply to a body when that is whole.
	next := func(body string) (said []byte, ok bool) {
		if len(stages) == 0 {
			return nil, false
		}
		said, stages = stages[0], stages[1:]
		if body != "" {
			s.mu.Lock()
			s.said[body] = said
			s.mu.Unlock()
		}
		_, err := nc.Write(said)
		nc.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		return said, err == nil
	}
	body := ""
	for {
		said, ok := next(body)
		if !ok {
			return
		}
		if body = ""; bytes.HasPrefix(said, []byte("3")) { // whatever follows (RFC 5321 §4.2.1)
			for !strings.HasSuffix(body, "\r\n.\r\n") {
				line, err := br.ReadString('\n')
				if body += line; err != nil {
					return
				}
			}
			body = strings.TrimSuffix(body, ".\r\n")
			continue
		}
		line, err := br.ReadString('\n')
		if err != nil {
			return
		}
		var n int
		if k, _ := fmt.Sscanf(line, "BDAT %d", &n); k == 1 {
			chunk := make([]byte, n)
			if _, err := io.ReadFull(br, chunk); err != nil {
				return
			}
			if chunks = append(chunks, chunk...); strings.HasSuffix(line, " LAST\r\n") {
				body, chunks = string(chunks), nil
			}
		}
	}
}

// FuzzDialogue lets a next hop say anything at any point of two messages. Nothing
// panics, nothing waits for ever, and a message is said to be taken only when the
// next hop said so after the end of that message.
func FuzzDialogue(f *testing.F) {
	const ready = "220 hop\x00250-hop\r\n250-8BITMIME\r\n250 "
	for _, s := range []string{
		"220 hop\x00250 hop\x00250 ok\x00250 ok\x00354 go\x00250 taken\x00250 ok\x00250 ok\x00354 go\x00554 5.6.0 no",
		ready + "PIPELINING\x00250 ok\x00250 ok\x00354 go\x00250 taken\x00250 ok\x00250 ok\x00354 go\x00250 taken",
		ready + "CHUNKING\x00250 ok\x00250 ok\x00250 taken\x00250 ok\x00250 ok\x00452 later",
		ready + "CHUNKING\x00250 ok\x00250 ok\r\n250 stray\x00550 no\x00250 ok\x00250 ok\x00250 ok",
		ready + "SIZE 5\x00250 ok", ready + "PIPELINING\x00250 ok\x00550 no\x00554 none\x00250 ok\x00250 ok\x00354 go\x00421 bye",
		"554 no", "220-a\r\n220 b\x00500 what\x00250 helo\x00250 ok\x00250 ok\x00354 go\r\n250 early\x00250 ok", "220 hop\x00250 hop\x00250 ok\x00250 ok\x00354 go\x00250-half", "220 \x00250 \x00200\x00200 \x00300 \x00200",
	} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, script string, raw bool) {
		hop := &scriptedHop{said: map[string][]byte{}}
		for stage := range strings.SplitSeq(script, "\x00") {
			if !raw && stage != "" && !strings.HasSuffix(stage, "\r\n") {
				stage += "\r\n"
			}
			hop.stages = append(hop.stages, []byte(stage))
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Skip(err)
		}
		var done sync.WaitGroup
		done.Go(func() { hop.serve(ln) })
		n := New(Options{Hostname: "relay.test", Limits: config.Limits{PoolSize: 1, PoolIdle: time.Minute}})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		route := &Route{Name: "*", TLS: "off", Via: []string{ln.Addr().String()}}
		bodies := []string{"Subject: 1\r\n\r\nfirst\r\n", "Subject: 2\r\n\r\nsecond\r\n"}
		taken := map[string]envelope.Verdict{}
		for _, body := range bodies {
			tx := n.Begin(route)
			v := tx.Envelope(ctx, envelope.ReversePath{Path: "a@x.example"}, []envelope.Recipient{{Path: "b@y.example"}}, false)[0]
			if v.OK() {
				if v = tx.Deliver(ctx, smtptest.Text(body)); v.OK() {
					taken[body] = v
				}
			}
			tx.Abort()
			if v.Code < 200 {
				t.Errorf("no verdict: %v", v)
			}
		}
		if ctx.Err() != nil {
			t.Error("it went on for ever")
		}
		cancel()
		n.Close()
		ln.Close()
		done.Wait()
		for body, v := range taken {
			if said, ended := hop.said[body]; !ended || !bytes.HasPrefix(said, []byte("2")) {
				t.Errorf("%q: %v, but the next hop had it whole: %v, and said %q", body, v, ended, said)
			}
		}
	})
}

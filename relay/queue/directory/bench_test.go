package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/queue"
)

// BenchmarkCommit stores and removes small messages from eight clients at a time.
func BenchmarkCommit(b *testing.B) {
	s, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Load(func(*queue.Message) {}); err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 4096)
	var n atomic.Int64
	b.SetParallelism(8)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := fmt.Sprintf("b-%d", n.Add(1))
			w, err := s.Create(id)
			if err != nil {
				b.Fatal(err)
			}
			w.Write(body)
			m := &queue.Message{ID: id, Received: time.Now(), Recipients: []queue.Recipient{{Path: "b@example.net", State: queue.Queued}}}
			if err := w.Commit(m); err != nil {
				b.Fatal(err)
			}
			if err := s.Remove(id); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOpen opens a queue with many messages; RECONVENE_QUEUED=1000000 makes more.
// It reports the memory that is in use for each afterwards.
func BenchmarkOpen(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("RECONVENE_QUEUED"))
	if err != nil {
		n = 5000
	}
	root := b.TempDir()
	for i := range n {
		id := fmt.Sprintf("5a3f2c19-%s", strconv.FormatInt(int64(i), 36))
		m := &queue.Message{Form: queue.FormVersion, ID: id, Received: time.Now(), Sender: queue.Sender{Path: "anna@example.com"}, Size: 4, Conn: "5a3f2c19-1",
			Trace:  "Received: from client.example ([192.0.2.1])\r\n\tby smarthost.example.com with ESMTP id " + id + ";\r\n\tSun, 29 Nov 2026 11:09:56 +0000\r\n",
			Client: "client.example [192.0.2.1]", Listener: "exchange", MessageID: "<" + id + "@example.com>", Subject: "a message that waits",
			Recipients: []queue.Recipient{{Path: "b@example.net", State: queue.Queued}}}
		envelope, err := json.Marshal(m)
		if err == nil {
			err = errors.Join(os.WriteFile(filepath.Join(root, id+".json"), envelope, 0o600), os.WriteFile(filepath.Join(root, id+".eml"), []byte("text"), 0o600))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	syncAll(root)
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		s, err := Open(root)
		if err != nil {
			b.Fatal(err)
		}
		q, err := queue.Open(queue.Options{Store: s, Carrier: nowhere{}})
		if err != nil || q.Len() != n {
			b.Fatalf("%d messages, %v", q.Len(), err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(q)
		s.Close()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "B/message")
}

// syncAll waits until the disk has everything, so that it is not written meanwhile.
func syncAll(root string) {
	_ = exec.Command("sync", "-f", root).Run() // where there is such a program
}

// nowhere is a carrier that is never asked to send.
type nowhere struct{ queue.Carrier }

// Destination implements queue.Carrier.
func (nowhere) Destination(*queue.Message, *queue.Recipient) queue.Destination {
	return queue.Destination{Key: "example.net"}
}

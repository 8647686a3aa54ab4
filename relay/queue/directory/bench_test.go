package directory

import (
	"fmt"
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

package jetstream

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/queue/storetest"
)

// BenchmarkRelays measures messages of 4 KiB from acceptance by 16 clients of each relay
// to the removal after delivery, with servers that sync each write.
func BenchmarkRelays(b *testing.B) {
	for _, servers := range []int{1, 3} {
		for relays := range 3 {
			b.Run(fmt.Sprintf("servers=%d/relays=%d", servers, relays+1), func(b *testing.B) { benchmark(b, servers, relays+1) })
		}
	}
}

func benchmark(b *testing.B, servers, count int) {
	nodes, w := startNATS(b, servers), newWorld()
	var relays []*relay
	for i := range count {
		relays = append(relays, start(b, fmt.Sprint("r", i), w, nodes, 30*time.Second))
		relays[i].pad = strings.Repeat("0123456789abcde\n", 256)
	}
	eventually(b, "the partitions are not shared", func() bool {
		for _, r := range relays {
			if r.has() != partitionCount/count {
				return false
			}
		}
		return true
	})
	const clients = 16
	var load sync.WaitGroup
	b.ResetTimer()
	for i, r := range relays {
		for c := range clients {
			load.Go(func() {
				for n := i*clients + c; n < b.N; n += count * clients {
					if err := r.accept(fmt.Sprint("b", n), "", "b@example.net"); err != nil {
						b.Error(err)
					}
				}
			})
		}
	}
	load.Wait()
	accepted := b.Elapsed()
	eventually(b, "not everything arrives", func() bool { return w.count() == b.N })
	b.ReportMetric(float64(b.N)/accepted.Seconds(), "accepted/s")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "delivered/s")
	b.StopTimer()
	eventually(b, "something is left", func() bool { return len(storetest.Load(b, relays[0].store)) == 0 })
}

package relay

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// BenchmarkCost shows how the cost of a message grows with its size, with its
// recipients, with what its calendar holds, and with the connections that send at
// the same time. Sender and next hop are in the same process and count.
func BenchmarkCost(b *testing.B) {
	text := []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("text ", 15)+"\r\n", 52))
	for _, kb := range []int{4, 64, 128, 1 << 10, 5 << 10, 25 << 10} {
		m := append(bytes.Clone(text), bytes.Repeat([]byte(strings.Repeat("QUJD", 19)+"\r\n"), kb<<10/78)...)
		b.Run(fmt.Sprintf("size/%dKB", kb), func(b *testing.B) { cost(b, 1, 1, m) })
	}
	for _, n := range []int{1, 10, 100, 500} {
		b.Run(fmt.Sprintf("recipients/%d", n), func(b *testing.B) { cost(b, 1, n, text) })
	}
	for _, n := range []int{1, 8, 64, 512} {
		b.Run(fmt.Sprintf("connections/%d", n), func(b *testing.B) { cost(b, n, 1, text) })
	}
	for _, n := range []int{10, 100, 1000} {
		attendee := "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"B\":MAILTO:b@rcpt.example\r\n"
		m := []byte("From: boss@sender.example\r\n" + strings.TrimPrefix(strings.Replace(lateMeeting, "SEQUENCE:0", strings.Repeat(attendee, n)+"SEQUENCE:0", 1), "--b\r\n"))
		b.Run(fmt.Sprintf("attendees/%d", n), func(b *testing.B) { cost(b, 1, 1, m) })
	}
}

// cost sends b.N messages by so many clients.
func cost(b *testing.B, clients, rcpts int, m []byte) {
	addr := loadRig(b)
	ready := make(chan *loader, clients)
	for range clients {
		l, err := newLoader(addr)
		if err != nil {
			b.Fatal(err)
		}
		defer l.nc.Close()
		ready <- l
	}
	b.SetBytes(int64(len(m)))
	var all sync.WaitGroup
	for b.Loop() {
		l := <-ready
		all.Go(func() {
			if err := l.sendTo(rcpts, "rcpt.example", m); err != nil {
				b.Error(err)
			}
			ready <- l
		})
	}
	all.Wait()
}

package relay

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
)

var (
	soakTime = flag.Duration("soak", 0, "run TestSoak for so long")
	soakOut  = flag.String("soak.out", "soak", "where TestSoak writes: this name with .tsv and .svg")
)

// loadHop is a next hop that takes everything and keeps nothing.
func loadHop(tb testing.TB, answerAfter time.Duration) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { ln.Close() })
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go loadHopSession(nc, answerAfter)
		}
	}()
	return ln.Addr().String()
}

func loadHopSession(nc net.Conn, answerAfter time.Duration) {
	defer nc.Close()
	br := bufio.NewReaderSize(nc, 64<<10)
	out := []byte("220 sink ESMTP\r\n")
	for {
		if br.Buffered() == 0 {
			if _, err := nc.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
		line, err := br.ReadSlice('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(string(line[:min(4, len(line))])); verb {
		case "EHLO":
			out = append(out, "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 100000000\r\n"...)
		case "DATA":
			nc.Write(append(out, "354 go ahead\r\n"...))
			for start := true; ; {
				line, err := br.ReadSlice('\n')
				if err != nil && err != bufio.ErrBufferFull {
					return
				}
				if start && string(line) == ".\r\n" {
					break
				}
				start = err == nil
			}
			time.Sleep(answerAfter)
			out = append(out[:0], "250 2.0.0 taken\r\n"...)
		case "QUIT":
			return
		default:
			out = append(out, "250 2.0.0 OK\r\n"...)
		}
	}
}

// loadRig is a server before a fast next hop, and of a slow one for
// slow.example.
func loadRig(tb testing.TB) string {
	cfg := testConfig(tb)
	cfg.Routes = []config.Route{{Domains: []string{"slow.example"}, Via: []string{loadHop(tb, 5*time.Second)}, TLS: "off", Profile: "auto"},
		{Via: []string{loadHop(tb, 0)}, TLS: "off", Profile: "auto"}}
	cfg.Limits.Connections, cfg.Limits.ConnectionsPerClient, cfg.Limits.PoolSize, cfg.Limits.PoolUses = 10_000, 10_000, 64, 1000
	cfg.Limits.Recipients = 1000
	cfg.Limits.CommandTimeout, cfg.Limits.DataTimeout, cfg.Limits.Memory = time.Hour, time.Hour, 1<<20
	cfg.Listeners[0].MaxSize = 50 << 20
	srv, err := New(Options{Config: cfg, Log: NewMailLog(NewLogHandler(io.Discard, "text", nil), nil)})
	if err != nil {
		tb.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(context.Background()) }()
	tb.Cleanup(func() { srv.Close(); <-served })
	return srv.Addr("plain").String()
}

// loader is a client that sends one message after the other.
type loader struct {
	nc net.Conn
	br *bufio.Reader
}

func newLoader(addr string) (*loader, error) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	l := &loader{nc: nc, br: bufio.NewReader(nc)}
	if err := l.want("220"); err != nil {
		return nil, err
	}
	io.WriteString(nc, "EHLO load.example\r\n")
	return l, l.want("250")
}

func (l *loader) want(code string) error {
	want, err := strconv.Atoi(code)
	if err == nil {
		_, _, err = textproto.NewReader(l.br).ReadResponse(want)
	}
	return err
}

// send sends one message, which ends with CRLF and has no dot at a line's start.
func (l *loader) send(domain string, m []byte) error { return l.sendTo(1, domain, m) }

func (l *loader) sendTo(rcpts int, domain string, m []byte) error {
	io.WriteString(l.nc, "MAIL FROM:<a@sender.example>\r\n"+strings.Repeat("RCPT TO:<b@"+domain+">\r\n", rcpts)+"DATA\r\n")
	for _, code := range append(slices.Repeat([]string{"250"}, 1+rcpts), "354") {
		if err := l.want(code); err != nil {
			return err
		}
	}
	parts := net.Buffers{m, []byte(".\r\n")}
	if _, err := parts.WriteTo(l.nc); err != nil {
		return err
	}
	return l.want("250")
}

// office is nine tenths plain mail of 4 to 64 KB, 5 % attachments of 1 to 5 MB,
// 5 % meetings.
func office(tb testing.TB) [][]byte {
	meeting, err := os.ReadFile("../testdata/meetings/01-exchange2003-update/in.eml")
	if err != nil {
		tb.Fatal(err)
	}
	plain := func(size int) []byte {
		return append([]byte("Subject: x\r\n\r\n"), bytes.Repeat([]byte(strings.Repeat("text ", 15)+"\r\n"), size/77)...)
	}
	attachment := func(size int) []byte {
		return []byte(large(strings.Repeat(base64Lines, size/len(base64Lines))))
	}
	var mix [][]byte
	for size, n := range map[int]int{4 << 10: 25, 8 << 10: 25, 16 << 10: 20, 32 << 10: 12, 64 << 10: 8} {
		mix = append(mix, slices.Repeat([][]byte{plain(size)}, n)...)
	}
	mix = append(mix, attachment(1<<20), attachment(1<<20), attachment(2<<20), attachment(2<<20), attachment(5<<20))
	return append(mix, slices.Repeat([][]byte{meeting}, 5)...)
}

// percentile sorts.
func percentile(times []time.Duration, p int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[min(len(times)-1, len(times)*p/100)]
}

// BenchmarkNeighbours shows what honest clients notice of 2,000 idle connections,
// of 200 clients that send one octet a second, and of 50 that wait for a next hop
// which answers after five seconds.
func BenchmarkNeighbours(b *testing.B) {
	for _, disturbed := range []bool{false, true} {
		b.Run(map[bool]string{false: "alone", true: "disturbed"}[disturbed], func(b *testing.B) {
			addr := loadRig(b)
			if disturbed {
				disturb(b, addr)
			}
			m := []byte("Subject: x\r\n\r\n" + strings.Repeat("text\r\n", 700))
			l, err := newLoader(addr)
			if err != nil {
				b.Fatal(err)
			}
			defer l.nc.Close()
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				if err := l.send("rcpt.example", m); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
			}
			b.ReportMetric(float64(percentile(times, 50).Microseconds()), "p50-µs")
			b.ReportMetric(float64(percentile(times, 99).Microseconds()), "p99-µs")
		})
	}
}

// disturb surrounds honest clients with others until the benchmark ends.
func disturb(b *testing.B, addr string) {
	over := make(chan struct{})
	var all sync.WaitGroup
	b.Cleanup(func() { close(over); all.Wait() })
	open := func() *loader {
		l, err := newLoader(addr)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { l.nc.Close() })
		return l
	}
	for range 2000 {
		open()
	}
	for range 200 {
		l := open()
		all.Go(func() {
			io.WriteString(l.nc, "MAIL FROM:<a@sender.example>\r\nRCPT TO:<b@rcpt.example>\r\nDATA\r\n")
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for {
				select {
				case <-over:
					return
				case <-tick.C:
					io.WriteString(l.nc, "x")
				}
			}
		})
	}
	for range 50 {
		l := open()
		all.Go(func() {
			go func() { <-over; l.nc.Close() }()
			for l.send("slow.example", []byte("Subject: x\r\n\r\n")) == nil {
			}
		})
	}
}

// TestSoak sends the office mix at half of the highest rate for as long as -soak
// says, and writes what the process needs to a table and a plot:
//
//	go test ./relay -run TestSoak -soak 1h -soak.out /var/tmp/soak -timeout 2h
//
// Sender and next hop are in the same process and count.
func TestSoak(t *testing.T) {
	if *soakTime == 0 {
		t.Skip("-soak is not set")
	}
	s := &soak{t: t, addr: loadRig(t), mix: office(t)}
	s.run(5*time.Second, 0)
	rate := float64(s.done.Load()) / 5 / 2
	s.done.Store(0)
	table, err := os.Create(*soakOut + ".tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	fmt.Fprintln(table, "second\tmessages/s\tp50 ms\tp99 ms\theap MB\tresident MB\tdescriptors\tgoroutines")
	over := make(chan struct{})
	var sampler sync.WaitGroup
	sampler.Go(func() { s.sample(table, over) })
	s.run(*soakTime, rate)
	close(over)
	sampler.Wait()
	if err := os.WriteFile(*soakOut+".svg", s.plot(), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d messages at %.0f a second, %d lost", s.done.Load(), rate, s.failed.Load())
	if s.failed.Load() > 0 {
		t.Error("some messages were not taken")
	}
}

type soak struct {
	t            *testing.T
	addr         string
	mix          [][]byte
	done, failed atomic.Int64

	mu    sync.Mutex
	times []time.Duration
	rows  [][]float64
}

// run sends for a while with eight clients; rate 0 is as fast as it goes.
func (s *soak) run(long time.Duration, rate float64) {
	var all sync.WaitGroup
	end := time.Now().Add(long)
	for n := range 8 {
		all.Go(func() {
			l, err := newLoader(s.addr)
			if err != nil {
				s.failed.Add(1)
				return
			}
			defer l.nc.Close()
			next := time.Now()
			for i := n * 13; time.Now().Before(end); i += 37 { // 37 goes round the whole mix
				if rate > 0 {
					next = next.Add(time.Duration(8 / rate * float64(time.Second)))
					time.Sleep(time.Until(next))
				}
				start := time.Now()
				if err := l.send("rcpt.example", s.mix[i%len(s.mix)]); err != nil {
					s.failed.Add(1)
					s.t.Error(err)
					return
				}
				s.done.Add(1)
				s.mu.Lock()
				s.times = append(s.times, time.Since(start))
				s.mu.Unlock()
			}
		})
	}
	all.Wait()
}

// sample writes a line every ten seconds.
func (s *soak) sample(table io.Writer, over chan struct{}) {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	begun, before := time.Now(), int64(0)
	for {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		s.mu.Lock()
		times := s.times
		s.times = nil
		s.mu.Unlock()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fds, _ := filepath.Glob("/proc/self/fd/*")
		done := s.done.Load()
		row := []float64{time.Since(begun).Seconds(), float64(done-before) / 10, ms(percentile(times, 50)), ms(percentile(times, 99)),
			float64(m.HeapAlloc) / 1e6, resident(), float64(len(fds)), float64(runtime.NumGoroutine())}
		before = done
		s.rows = append(s.rows, row)
		for i, v := range row {
			fmt.Fprintf(table, "%s%.*f", [...]string{"", "\t"}[min(i, 1)], min(i%7, 1), v)
		}
		fmt.Fprintln(table)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// resident is the memory of the process in MB, 0 where /proc does not say.
func resident() float64 {
	b, _ := os.ReadFile("/proc/self/statm")
	if f := strings.Fields(string(b)); len(f) > 1 {
		pages, _ := strconv.ParseFloat(f[1], 64)
		return pages * float64(os.Getpagesize()) / 1e6
	}
	return 0
}

// plot draws each column in a strip of its own, from zero to its maximum.
func (s *soak) plot() []byte {
	names := []string{"messages/s", "p50 ms", "p99 ms", "heap MB", "resident MB", "descriptors", "goroutines"}
	const width, height = 800, 70
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n", width+20, (height+30)*len(names))
	for i, name := range names {
		top, high := float64(i*(height+30)+20), 0.0
		for _, row := range s.rows {
			high = max(high, row[i+1])
		}
		fmt.Fprintf(&b, `<text x="10" y="%.0f">%s, 0 to %.1f</text><polyline fill="none" stroke="#06c" points="`, top-4, name, high)
		for n, row := range s.rows {
			fmt.Fprintf(&b, "%.1f,%.1f ", 10+float64(n)*width/float64(max(len(s.rows)-1, 1)), top+height*(1-row[i+1]/max(high, 1e-9)))
		}
		b.WriteString("\"/>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

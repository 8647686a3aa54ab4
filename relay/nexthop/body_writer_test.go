package nexthop

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// stuff runs the scanner over body in pieces of n octets.
func stuff(body []byte, n int) ([]byte, error) {
	var s dotScanner
	var out []byte
	emit := func(p []byte) error { out = append(out, p...); return nil }
	for len(body) > 0 {
		k := min(n, len(body))
		if err := s.scan(body[:k], emit); err != nil {
			return nil, err
		}
		body = body[k:]
	}
	end, err := s.end()
	return append(out, end...), err
}

// However the octets come, the same goes out.
func TestDotStuffing(t *testing.T) {
	long := strings.Repeat("x", maxTextLine)
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", ".\r\n"},
		{"dot", ".\r\n", "..\r\n.\r\n"},
		{"dots", "..\r\n.a\r\na.\r\n", "...\r\n..a\r\na.\r\n.\r\n"},
		{"no line end", "a", "a\r\n.\r\n"},
		{"dot without line end", ".", "..\r\n.\r\n"},
		{"empty lines", "\r\n\r\n", "\r\n\r\n.\r\n"},
		{"998 and a dot", long[1:] + ".\r\n", long[1:] + ".\r\n.\r\n"},
		{"998 by the stuffed dot", "." + long[3:] + ".\r\n", ".." + long[3:] + ".\r\n.\r\n"},
		{"999 by the stuffed dot", "." + long[2:] + ".\r\n", ""},
		{"999 by the stuffed dot, no line end", "." + long[2:] + ".", ""},
		{"999 without a dot", long + "x\r\n", long + "x\r\n.\r\n"},
		{"999 with a dot", long + ".\r\n", ""},
		{"998 with a dot, 999 with the stuffed one", "." + long[2:] + ".\r\n", ""},
		{"997 with a dot, 998 with the stuffed one", "." + long[3:] + ".\r\n", "." + "." + long[3:] + ".\r\n.\r\n"},
		{"LF", "a\n", ""},
		{"LF first", "\n", ""},
		{"CR", "a\rb\r\n", ""},
		{"CR CR LF", "a\r\r\n", ""},
		{"CR at the end", "a\r", ""},
		{"CRLF LF", "a\r\n\n", ""},
		{"NUL", "a\x00\r\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, n := range []int{1, 2, 3, 1 << 20} {
				got, err := stuff([]byte(tt.in), n)
				var content *contentError
				if refused := errors.As(err, &content); refused != (tt.want == "") || !refused && string(got) != tt.want {
					t.Errorf("in pieces of %d: %q, %v; want %q", n, got, err, tt.want)
				}
			}
		})
	}
}

// Nothing that is refused leaves, nor anything after it: what was emitted is the
// beginning of an innocent message, wherever the pieces end.
func TestNothingRefusedLeaves(t *testing.T) {
	innocent := "Subject: x\r\n\r\n.dot\r\n"
	for _, bad := range []string{"\r.\r", "\r.\r\n", "x\r", "\r\r\n", "\n", "\n.\r\n", "\r\n\n", "\x00", "\r\n.\x00\r\n", strings.Repeat("y", 998) + ".\r\n"} {
		for _, behind := range []string{"", "\r\n.dot\r\n.dot\r\n", strings.Repeat("z", 70) + "\r\n.\r\nMAIL FROM:<ceo@example.com>\r\n.\r\n"} {
			body := innocent + bad + behind
			for n := 1; n <= len(body); n++ {
				var s dotScanner
				var out []byte
				var err error
				for rest := []byte(body); len(rest) > 0 && err == nil; {
					k := min(n, len(rest))
					err = s.scan(rest[:k], func(p []byte) error { out = append(out, p...); return nil })
					rest = rest[k:]
				}
				if err == nil {
					_, err = s.end()
				}
				if err == nil {
					t.Fatalf("%q in pieces of %d was not refused", body, n)
				}
				plain := bytes.ReplaceAll(out, []byte("\r\n"), nil)
				if bytes.ContainsAny(plain, "\r\n\x00") || bytes.Contains(out, []byte("\r\n.\r\n")) {
					t.Fatalf("%q in pieces of %d: %q left", body, n, out)
				}
			}
		}
	}
}

// What goes out by DATA ends once, whoever reads it: strictly, or taking bare CR
// and LF for line ends and dropping NUL. And it is the message.
func FuzzDotStuffing(f *testing.F) {
	for _, seed := range []string{"", ".\r\n", "a\r\n.\r\nb\r\n", "a\n.\nb", "a\r.\rb", "\r\n.\r", "\x00.\r\n", "..", "a\r\n\x00.\x00\r\n"} {
		f.Add([]byte(seed), byte(1))
		f.Add([]byte(seed), byte(200))
	}
	f.Fuzz(func(t *testing.T, body []byte, n byte) {
		out, err := stuff(body, int(n)+1)
		if whole, wholeErr := stuff(body, len(body)+1); (err == nil) != (wholeErr == nil) || !bytes.Equal(out, whole) && err == nil {
			t.Fatalf("pieces of %d differ: %q and %q", int(n)+1, out, whole)
		}
		if err != nil {
			return
		}
		for name, end := range map[string]func([]byte) []byte{
			"strict": func(b []byte) []byte { return b },
			"no NUL": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{0}, nil) },
			"bare LF": func(b []byte) []byte {
				return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
			},
			"bare CR": func(b []byte) []byte {
				return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\r")), []byte("\r"), []byte("\r\n"))
			},
			"any line": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r\r\n"), []byte("\r\n")) },
		} {
			seen := append([]byte("\r\n"), end(out)...)
			if first := bytes.Index(seen, []byte("\r\n.\r\n")); first != len(seen)-5 {
				t.Fatalf("%s: ends at %d of %d in %q", name, first, len(seen)-5, out)
			}
		}
		var back []byte
		for _, line := range bytes.SplitAfter(bytes.TrimSuffix(out, []byte(".\r\n")), []byte("\r\n")) {
			back = append(back, bytes.TrimPrefix(line, []byte("."))...)
		}
		if !bytes.Equal(back, body) && !bytes.Equal(back, append(bytes.Clone(body), "\r\n"...)) {
			t.Fatalf("%q became %q", body, back)
		}
	})
}

func BenchmarkDotStuff(b *testing.B) {
	body := bytes.Repeat([]byte(strings.Repeat("x", 76)+"\r\n"), 1<<20/78)
	emit := func([]byte) error { return nil }
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var s dotScanner
		if err := s.scan(body, emit); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkPeer answers as fast as it can, so that the engine is what is
// measured.
func benchmarkPeer(b *testing.B, chunking bool) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { ln.Close() })
	ehlo := "250-hop.test\r\n250-8BITMIME\r\n250 PIPELINING\r\n"
	if chunking {
		ehlo = "250-hop.test\r\n250-CHUNKING\r\n250 PIPELINING\r\n"
	}
	serve := func(nc net.Conn) {
		defer nc.Close()
		buf := make([]byte, 256<<10)
		io.WriteString(nc, "220 hop.test\r\n")
		for {
			n, err := nc.Read(buf)
			if err != nil {
				return
			}
			in := buf[:n]
			switch {
			case bytes.HasPrefix(in, []byte("EHLO")):
				io.WriteString(nc, ehlo)
			case bytes.HasSuffix(in, []byte("\r\nDATA\r\n")):
				io.WriteString(nc, "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n")
			case bytes.HasPrefix(in, []byte("MAIL")):
				io.WriteString(nc, "250 2.1.0 ok\r\n250 2.1.5 ok\r\n")
			case bytes.HasSuffix(in, []byte("\r\n.\r\n")), chunking && bytes.HasSuffix(in, []byte("end\r\n")):
				io.WriteString(nc, "250 2.6.0 queued\r\n")
			}
		}
	}
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go serve(nc)
		}
	}()
	return ln.Addr().String()
}

func BenchmarkTransaction(b *testing.B) {
	for _, mode := range []string{"DATA", "BDAT"} {
		b.Run(mode, func(b *testing.B) {
			h := newEngine(b)
			h.route.Via = []string{benchmarkPeer(b, mode == "BDAT")}
			h.opt.Dial = (&net.Dialer{}).DialContext
			msg := smtptest.Text(strings.Repeat(strings.Repeat("x", 76)+"\r\n", 4096/78) + "end\r\n")
			rcpts := to("you@hop.test")
			b.ReportAllocs()
			for b.Loop() {
				tx := h.Begin(h.route)
				if v := tx.Envelope(b.Context(), sender, rcpts, true); !v[0].OK() {
					b.Fatal(v[0])
				}
				if v := tx.Deliver(b.Context(), msg); !v.OK() {
					b.Fatal(v)
				}
			}
		})
	}
}

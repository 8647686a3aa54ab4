package relay

import (
	"bytes"
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
)

// memoryConn is a client that has sent everything and reads everything.
type memoryConn struct {
	in    []byte
	piece int // octets for one Read; 0: as many as fit
	read  int
	out   bytes.Buffer
}

func (c *memoryConn) Read(b []byte) (int, error) {
	if c.read == len(c.in) {
		return 0, io.EOF
	}
	if c.piece > 0 && len(b) > c.piece {
		b = b[:c.piece]
	}
	n := copy(b, c.in[c.read:])
	c.read += n
	return n, nil
}

func (c *memoryConn) Write(b []byte) (int, error)      { return c.out.Write(b) }
func (c *memoryConn) Close() error                     { return nil }
func (c *memoryConn) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 25} }
func (c *memoryConn) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9} }
func (c *memoryConn) SetDeadline(time.Time) error      { return nil }
func (c *memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }

// delivery is a message and where in the input it ended.
type delivery struct {
	body    string
	end     int
	chunked bool
	whole   bool // the last chunk was announced as such and came complete
}

// fuzzHop notes deliveries.
type fuzzHop struct {
	fakeHop
	conn *memoryConn
	gate *gate
	got  []delivery
}

func (f *fuzzHop) Deliver(ctx context.Context, msg envelope.Body) envelope.Verdict {
	v := f.fakeHop.Deliver(ctx, msg)
	d := delivery{body: withoutReceived(f.messages[len(f.messages)-1]), end: f.conn.read - f.gate.in.buffered()}
	if f.gate.chunk != nil {
		d.chunked, d.whole = true, f.gate.chunk.last && f.gate.chunk.left == 0
	}
	f.got = append(f.got, d)
	return v
}

// runSession speaks one session from memory.
func runSession(srv *Server, input []byte, piece int) (got []delivery, replies string) {
	conn := &memoryConn{in: input, piece: piece}
	next := &fuzzHop{conn: conn}
	setup := *srv.setup.Load()
	setup.begin = func(*nexthop.Visit, *nexthop.Route) hop { return next }
	own := &Server{opt: srv.opt, prefix: "fuzz-", ctx: srv.ctx}
	own.setup.Store(&setup)
	c := own.newClient(conn, srv.listeners[0].door.Load())
	c.gate.opt.maxErrors = 1000
	c.gate.opt.watchDelay = time.Hour // the input ends: a slow machine would take the client for gone
	next.gate = c.gate
	c.serve()
	return next.got, conn.out.String()
}

// slowBody decodes a body octet by octet, the slow and obvious way.
func slowBody(in []byte) (body string, n int, ok bool) {
	var b strings.Builder
	for {
		line := in[n:]
		i := bytes.Index(line, []byte("\r\n"))
		if i < 0 {
			return "", 0, false
		}
		line = line[:i+2]
		n += len(line)
		if string(line) == ".\r\n" {
			return b.String(), n, true
		}
		b.Write(bytes.TrimPrefix(line, []byte(".")))
	}
}

// properlyEnded says whether a delivery is what the client sent behind one of
// its DATA lines.
func properlyEnded(input []byte, d delivery) bool {
	for start := 0; start < d.end; {
		i := bytes.IndexByte(input[start:], '\n')
		if i < 0 {
			return false
		}
		line := strings.ToUpper(strings.Trim(string(input[start:start+i+1]), " \t\r\n"))
		start += i + 1
		if line != "DATA" {
			continue
		}
		if body, n, ok := slowBody(input[start:]); ok && start+n == d.end && body == d.body {
			return true
		}
	}
	return false
}

// codes keeps the first digit of each line.
func codes(replies string) string {
	var b strings.Builder
	for line := range strings.Lines(replies) {
		b.WriteString(line[:1])
	}
	return b.String()
}

// FuzzGate: whatever a client sends, and however it is cut into pieces, nothing
// panics, nothing is delivered that was not properly ended, and the session goes
// the same way.
func FuzzGate(f *testing.F) {
	envelope := "EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
	for _, seed := range []string{
		envelope + "DATA\r\nx\r\n.\r\nQUIT\r\n",
		envelope + "DATA\r\nx\n.\n.\r\r\n.\r\n..\r\n.\r\n",
		envelope + "RCPT TO:<e@other.example>\r\nRCPT TO:<\"q> x\"@d.example> NOTIFY=NEVER\r\nDATA\r\n.\r\n",
		envelope + "BDAT 3\r\nabcBDAT 2 LAST\r\nde" + envelope[8:] + "DATA\r\nx\r\n.\r\n",
		envelope + "BDAT 3\r\nabcRSET\r\n" + envelope[8:] + "BDAT 4 LAST\r\nab",
		envelope + "BDAT 4 LAST\r\nab\r\nBDAT x\r\nNOOP\r\n",
		"BDAT 4\r\nEHLODATA\r\nHELO x\r\nSTARTTLS\r\nNOOP\r\n",
		"EHLO a\r\nMAIL FROM:<> SMTPUTF8\r\nMAIL FROM:<x@y>\r\nRCPT TO:<postmaster>\r\nRCPT TO:<\xc3\xa9@x>\r\nDATA\r\n..\r\n...\r\n.\r\n",
		"EHLO a\nNO\x00OP\r\nAUTH PLAIN\r\n*\r\nVRFY\r\n" + strings.Repeat("x", 3000),
	} {
		f.Add([]byte(seed), uint16(1))
		f.Add([]byte(seed), uint16(7))
	}
	srv, err := New(Options{Config: testConfig(f)})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { srv.Close() })
	f.Fuzz(func(t *testing.T, input []byte, piece uint16) {
		got, replies := runSession(srv, input, 0)
		for _, d := range got {
			if d.chunked && !d.whole || !d.chunked && !properlyEnded(input, d) {
				t.Errorf("delivered %q, which ends at %d", d.body, d.end)
			}
		}
		cut, cutReplies := runSession(srv, input, int(piece%100)+1)
		if !slices.Equal(got, cut) {
			t.Errorf("deliveries differ in pieces of %d:\n%+v\n%+v", piece%100+1, got, cut)
		}
		// go-smtp finds one of several malformed parameters, not always the same.
		if codes(replies) != codes(cutReplies) {
			t.Errorf("replies differ in pieces of %d:\n%q\n%q", piece%100+1, replies, cutReplies)
		}
	})
}

package smtpd

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// delivery is a message and where in the input it ended.
type delivery struct {
	body    string
	end     int
	chunked bool
	whole   bool // the last chunk was announced as such and came complete
}

// recorder is a handler that takes everything and notes what it was given.
type recorder struct {
	conn *Conn
	in   *smtptest.Input
	got  []delivery
}

var accepted = envelope.Verdict{Code: 250, Enhanced: [3]int{2, 0, 0}, Text: []string{"accepted"}}

func (r *recorder) Mail(envelope.ReversePath, []LeftOut) envelope.Verdict { return accepted }

func (r *recorder) Rcpt(rcpts []Recipient, _ bool) []envelope.Verdict {
	return slices.Repeat([]envelope.Verdict{accepted}, len(rcpts))
}

func (r *recorder) Refused(string, string, envelope.Verdict) {}

func (r *recorder) Data(body io.WriterTo) envelope.Verdict {
	var b bytes.Buffer
	if n, err := body.WriteTo(&b); err != nil || n != int64(b.Len()) {
		return envelope.Verdict{Cause: err}
	}
	d := delivery{body: b.String(), end: r.in.Taken - r.conn.in.buffered()}
	if r.conn.chunk != nil {
		d.chunked, d.whole = true, r.conn.chunk.last && r.conn.chunk.left == 0
	}
	r.got = append(r.got, d)
	return accepted
}

func (r *recorder) OutOfStep() envelope.Verdict {
	return envelope.Refuse(451, [3]int{4, 3, 0}, "out of step")
}

func (r *recorder) Reset(string) {}

func (r *recorder) Logon(string, string) envelope.Verdict {
	return envelope.Refuse(535, [3]int{5, 7, 8}, "no")
}

// converse speaks one conversation from memory.
func converse(input []byte, piece int) (got []delivery, replies string) {
	in := &smtptest.Input{In: input, Piece: piece}
	c := New(in, Options{Hostname: "relay.example", MaxSize: 1 << 20, MaxErrors: 1000, MaxRecipients: 10, Users: true, InsecureAuth: true,
		CommandTimeout: time.Hour, DataTimeout: time.Hour, MessageTimeout: time.Hour,
		MonitorDelay: time.Hour}) // the input ends: a slow machine would take the client for gone
	r := &recorder{conn: c, in: in}
	c.Converse(func() Handler { return r })
	c.Close()
	return r.got, in.Out.String()
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

// properlyEnded reports whether a delivery is what the client sent behind one of
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

// FuzzConversation: whatever a client sends, and however it is cut into pieces, nothing
// panics, nothing is delivered that was not properly ended, and the session goes
// the same way.
func FuzzConversation(f *testing.F) {
	start := "EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
	for _, seed := range []string{
		start + "DATA\r\nx\r\n.\r\nQUIT\r\n",
		start + "DATA\r\nx\n.\n.\r\r\n.\r\n..\r\n.\r\n",
		start + "RCPT TO:<e@other.example>\r\nRCPT TO:<\"q> x\"@d.example> NOTIFY=NEVER\r\nDATA\r\n.\r\n",
		start + "BDAT 3\r\nabcBDAT 2 LAST\r\nde" + start[8:] + "DATA\r\nx\r\n.\r\n",
		start + "BDAT 3\r\nabcRSET\r\n" + start[8:] + "BDAT 4 LAST\r\nab",
		start + "BDAT 4 LAST\r\nab\r\nBDAT x\r\nNOOP\r\n",
		"BDAT 4\r\nEHLODATA\r\nHELO x\r\nSTARTTLS\r\nNOOP\r\n",
		"EHLO a\r\nMAIL FROM:<> SMTPUTF8\r\nMAIL FROM:<x@y>\r\nRCPT TO:<postmaster>\r\nRCPT TO:<\xc3\xa9@x>\r\nDATA\r\n..\r\n...\r\n.\r\n",
		"EHLO a\nNO\x00OP\r\nAUTH PLAIN\r\n*\r\nVRFY\r\n" + strings.Repeat("x", 3000),
	} {
		f.Add([]byte(seed), uint16(1))
		f.Add([]byte(seed), uint16(7))
	}
	f.Fuzz(func(t *testing.T, input []byte, piece uint16) {
		got, replies := converse(input, 0)
		for _, d := range got {
			if d.chunked && !d.whole || !d.chunked && !properlyEnded(input, d) {
				t.Errorf("delivered %q, which ends at %d", d.body, d.end)
			}
		}
		cut, cutReplies := converse(input, int(piece%100)+1)
		if !slices.Equal(got, cut) {
			t.Errorf("deliveries differ in pieces of %d:\n%+v\n%+v", piece%100+1, got, cut)
		}
		// go-smtp finds one of several malformed parameters, not always the same.
		if codes(replies) != codes(cutReplies) {
			t.Errorf("replies differ in pieces of %d:\n%q\n%q", piece%100+1, replies, cutReplies)
		}
	})
}

package relay

import (
	"crypto/tls"
	"errors"
	"io"
	"iter"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// gate is the guarded connection between a client and go-smtp. It owns every
// octet in both directions: go-smtp gets one complete, checked command line for
// each Read and never sees a body; its replies are read back, and the gate
// writes what the client gets.
//
// What go-smtp is not asked to do, because of what it does with it: STARTTLS
// (the gate does the handshake and the session starts anew behind it), BDAT
// (go-smtp sees DATA; the chunks go to the session), unknown verbs, line limits,
// deadlines and the number of errors.
//
// A read error is final: after a time-out or an end of the connection no octet
// that comes later is ever taken for a command (faults S2 and S7).
//
// One goroutine uses a gate at a time, go-smtp's. retire, cut and the watcher
// are the exceptions and say so.
type gate struct {
	opt    gateOptions
	socket net.Conn
	conn   net.Conn // the socket, or TLS on top of it
	tls    *tls.ConnectionState

	until time.Time // the last command of a client that has not authenticated; zero: no such

	in    input
	out   []byte // replies that were not written yet
	reply replyReader

	phase     phase
	greeted   bool
	hello     string // what the client calls itself, cleaned; "" before EHLO or HELO
	extended  bool   // it said EHLO
	cmd       command
	held      string            // a command that ended a BDAT sequence, to be run next
	chunk     *chunk            // the current BDAT chunk
	bodyRead  bool              // copyBody has come to an end
	drain     int64             // octets of a refused chunk that are still to come
	swallow   bool              // go-smtp's next reply is not for the client
	verdict   *envelope.Verdict // what to answer in place of go-smtp's next reply
	blame     bool              // the verdict is about an error of the client
	errors    int               // of the client since the last message it delivered
	lastError string            // the last reply of 5xx
	said      envelope.Verdict  // the last that was not go-smtp's
	err       error             // why nothing is read any more; sticky
	watcher   *watcher          // of the last wait for the next hop, see watch

	mu       sync.Mutex // guards what follows
	retiring bool       // no further transaction
	idle     bool       // waiting for a command, outside of a transaction
	busy     bool       // a transaction is open
}

// gateOptions does not change during a connection.
type gateOptions struct {
	hostname       string
	hide           []string      // EHLO keywords that are not offered
	offersDSN      func() bool   // asked at each EHLO; nil: yes
	tls            *tls.Config   // nil: no STARTTLS
	auth           bool          // there are users who may log on
	maxSize        int64         // of a message; 0: no limit
	maxRecipients  int           // of a message, as EHLO says it; 0: no limit. The session keeps it
	maxErrors      int           // before the client is sent away; 0: no limit
	commandTimeout time.Duration // for a whole command line
	dataTimeout    time.Duration // between two reads of a body
	messageTimeout time.Duration // for a whole body
	watchDelay     time.Duration // before we look whether a client is still there

	// refused is told of each command that is answered without go-smtp; may be nil.
	refused func(command, envelope.Verdict)
}

// phase says what go-smtp is doing.
type phase int

const (
	phaseGreeting phase = iota // its first reply is the greeting
	phaseCommand               // it reads command lines
	phaseAuth                  // it reads the answer to a challenge
	phaseBody                  // its session's Data runs
	phaseFinal                 // the body is over; the next reply is the verdict
)

// Limits of a line, with the line end (RFC 5321 §4.5.3.1.4 asks for 512 and more
// for extensions; RFC 4954 §4 for 12,288 with AUTH).
const (
	maxCommandLine = 2048
	maxAuthLine    = 12288
)

var (
	errClientGone = errors.New("the client disconnected")
	errStopped    = errors.New("the server was stopped")
	errQuit       = errors.New("quit")
	errUpgrade    = errors.New("the session continues over TLS")
	errRetired    = errors.New("the server is shutting down")
	errErrors     = errors.New("too many errors")
	errLongLine   = errors.New("command line too long")
	errBadChunk   = errors.New("malformed BDAT")
	errUnread     = errors.New("the session did not read the message")
	errTimeout    = errors.New("the client did not send anything in time")
)

func newGate(conn net.Conn, opt gateOptions) *gate {
	return &gate{opt: opt, socket: conn, conn: conn}
}

// next returns the line that go-smtp reads now.
func (g *gate) next() (string, error) {
	if g.err != nil {
		return "", g.err
	}
	switch g.phase {
	case phaseBody:
		// Session.Data is over. What go-smtp reads here is the end of an
		// empty body: the real one never passes through it. When nobody has
		// taken that one, it must not be taken for commands.
		if !g.bodyRead {
			return "", g.fail(errUnread)
		}
		g.phase = phaseFinal
		return ".\r\n", nil
	case phaseAuth:
		return g.authLine()
	}
	return g.nextCommand()
}

// nextCommand returns the next command that is for go-smtp. All others are
// answered here.
func (g *gate) nextCommand() (string, error) {
	for {
		if err := g.discard(); err != nil {
			return "", err
		}
		line, err := g.commandLine()
		if err != nil {
			return "", err
		}
		cmd, bad := parseCommand(line)
		g.cmd = cmd
		if bad.Code != 0 {
			if g.opt.refused != nil {
				g.opt.refused(cmd, bad)
			}
			g.answer(bad)
			continue
		}
		switch cmd.verb {
		case "STARTTLS":
			if err := g.startTLS(); err != nil {
				return "", err
			}
		case "BDAT":
			if err := g.parseChunk(); err != nil {
				return "", err
			}
			return "DATA\r\n", nil
		case "AUTH":
			if !g.opt.auth {
				g.answer(envelope.Refuse(502, [3]int{5, 5, 1}, "AUTH is not available on this listener: it has no users")) // RFC 5321 §4.2.4
				continue
			}
			if g.isBusy() {
				g.answer(envelope.Refuse(503, [3]int{5, 5, 1}, "AUTH is not possible during a mail transaction")) // RFC 4954 §4
				continue
			}
			return cmd.forward(), nil
		default:
			return cmd.forward(), nil
		}
	}
}

// commandLine returns the next line that could be a command, without its end.
func (g *gate) commandLine() (string, error) {
	if g.held != "" {
		line := g.held
		g.held = ""
		return line, nil
	}
	g.setIdle(true)
	defer g.setIdle(false)
	for {
		if g.mustRetire() {
			return "", g.fail(errRetired)
		}
		line, err := g.line()
		if err != nil {
			return "", err
		}
		body, crlf := strings.CutSuffix(line, "\r\n")
		switch {
		case !crlf:
			// Policy: a command ends with CRLF. A bare LF is how one
			// command hides in another (RFC 5321 §2.3.8).
			g.cmd = command{}
			g.answer(envelope.Refuse(500, [3]int{5, 5, 2}, "a command line must end with CRLF, not with a bare LF"))
		case !checkLine([]byte(body)):
			g.cmd = command{}
			g.answer(envelope.Refuse(500, [3]int{5, 5, 2}, "control character in the command line"))
		default:
			return body, nil
		}
		if g.err != nil {
			return "", g.err
		}
	}
}

// line returns the next line with its end, CRLF or LF. The client has
// commandTimeout for the whole of it.
func (g *gate) line() (string, error) {
	if g.err != nil {
		return "", g.err
	}
	deadline := time.Now().Add(g.opt.commandTimeout)
	if !g.until.IsZero() && g.until.Before(deadline) {
		deadline = g.until
	}
	for {
		line, ok := g.in.line(g.lineLimit())
		if ok {
			return line, nil
		}
		if g.in.buffered() >= g.lineLimit() {
			g.answer(envelope.Refuse(500, [3]int{5, 5, 6}, "line too long"))
			return "", g.fail(errLongLine)
		}
		if err := g.fill(deadline); err != nil {
			return "", err
		}
	}
}

func (g *gate) lineLimit() int {
	if g.phase == phaseAuth || g.in.hasPrefixFold("AUTH ") {
		return maxAuthLine
	}
	return maxCommandLine
}

// authLine returns an answer to a challenge: base64, "=" or "*". Anything else
// is left to go-smtp's decoder to refuse, but for what is not text.
func (g *gate) authLine() (string, error) {
	line, err := g.line()
	if err != nil {
		return "", err
	}
	body, crlf := strings.CutSuffix(line, "\r\n")
	if !crlf || !checkLine([]byte(body)) {
		return "*\r\n", nil
	}
	return line, nil
}

// waiting gives the complete command lines behind the current one that the
// client has sent already. They stay in the buffer.
func (g *gate) waiting() iter.Seq[string] { return g.in.lines(maxCommandLine) }

// fill waits for more input until the deadline. What was answered so far is
// written before (RFC 2920 §3.2: replies may be grouped, but never held back
// while we wait).
func (g *gate) fill(deadline time.Time) error {
	if g.err != nil {
		return g.err
	}
	if err := g.flush(); err != nil {
		return err
	}
	if err := g.arm(deadline); err != nil {
		return g.fail(err)
	}
	err := g.in.fill(g.conn)
	if err == nil {
		return nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = errTimeout
		if g.mustRetire() { // the deadline was retire's
			err = errRetired
		}
	}
	if err == io.EOF {
		err = errClientGone // not io.EOF, which many a reader swallows
	}
	return g.fail(err)
}

// startTLS answers STARTTLS. When the client may go ahead the session ends with
// errUpgrade, and the connection goes on over TLS with a new one: nothing that
// was said before counts any more (RFC 3207 §4.2), and nothing that was sent in
// plain text behind the command is kept.
func (g *gate) startTLS() error {
	switch {
	case g.tls != nil:
		g.answer(envelope.Refuse(503, [3]int{5, 5, 1}, "TLS is already active"))
	case g.opt.tls == nil:
		g.answer(envelope.Refuse(502, [3]int{5, 5, 1}, "STARTTLS is not offered here"))
	case g.cmd.arg != "":
		g.answer(envelope.Refuse(501, [3]int{5, 5, 4}, "STARTTLS has no argument"))
	default:
		g.say(envelope.Verdict{Code: 220, Enhanced: [3]int{2, 0, 0}, Text: []string{"ready to start TLS"}})
		if err := g.flush(); err != nil {
			return err
		}
		g.in.reset()
		return g.fail(errUpgrade)
	}
	return nil
}

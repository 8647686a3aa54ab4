package smtpd

import (
	"cmp"
	"crypto/tls"
	"errors"
	"iter"
	"net"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Conn is the conversation with a client. It handles every octet in both directions:
// go-smtp gets one complete, checked command line for each Read and never a body;
// its replies are parsed, and Conn writes what the client gets.
//
// Conn does not leave these to go-smtp, whose behaviour differs from what is needed:
// STARTTLS (Conn does the handshake and a new conversation begins), BDAT (go-smtp is
// given DATA; the chunks go to the handler), unknown verbs, line limits, deadlines
// and the number of errors.
//
// A read error is final: after a time-out or an end of the connection no later octet
// is read as a command.
//
// A Conn is used by one goroutine at a time, that of Converse. Retire, Cut and the
// monitor are the exceptions.
type Conn struct {
	wire
	replies replyReader

	phase    phase
	greeted  bool
	hello    string // the argument of EHLO or HELO, cleaned; "" before it
	extended bool   // it said EHLO
	cmd      command
	held     string            // a command that ended a BDAT sequence, to be executed next
	chunk    *chunk            // the current BDAT chunk
	bodyRead bool              // copyBody has come to an end
	drain    int64             // octets of a refused chunk that are still to be read
	swallow  bool              // go-smtp's next reply is not for the client
	handler  Handler           // nil before EHLO
	handled  *envelope.Verdict // the handler's, which the client gets in place of go-smtp's next reply
	blame    bool              // it is about an error of the client
	errors   int               // of the client since the last message it delivered
	monitor  *monitor          // of the last wait, see Monitor
}

// Options is what a conversation needs. They do not change during it, except for the
// time limits that Trust sets.
type Options struct {
	Hostname       string
	Hide           []string      // EHLO keywords that are not offered
	OffersDSN      func() bool   // called at each EHLO; nil: yes
	Stores         bool          // mail is stored: DELIVERBY and MT-PRIORITY are offered
	TLS            *tls.Config   // nil: no STARTTLS
	Users          bool          // users can log on
	InsecureAuth   bool          // AUTH is offered without TLS, too
	MaxSize        int64         // of a message; 0: no limit
	MaxRecipients  int           // of a message, announced in the reply to EHLO; 0: no limit. The handler enforces it
	MaxErrors      int           // after which the connection is closed; 0: no limit
	CommandTimeout time.Duration // for a whole command line
	DataTimeout    time.Duration // between two reads of a body
	MessageTimeout time.Duration // for a whole body
	Until          time.Time     // the end of the connection, unless Trust is called before; zero: no limit
	MonitorDelay   time.Duration // before Monitor checks whether the client is still connected
	Fault          func(string)  // is called for internal errors of the handler; may be nil
}

// phase is what go-smtp is doing.
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

// ErrUpgrade is returned by Converse after STARTTLS.
var ErrUpgrade = errors.New("the session continues over TLS")

var (
	errQuit     = errors.New("quit")
	errRetired  = errors.New("the server is shutting down")
	errErrors   = errors.New("too many errors")
	errLongLine = errors.New("command line too long")
	errBadChunk = errors.New("malformed BDAT")
	errUnread   = errors.New("the session did not read the message")
	errTimeout  = errors.New("the client did not send anything in time")
)

// New makes a conversation on a connection. It neither reads nor writes.
func New(conn net.Conn, opt Options) *Conn {
	return &Conn{wire: wire{opt: opt, socket: conn, conn: conn}}
}

// Hello returns the client's EHLO or HELO argument, cleaned, and whether it was
// EHLO; "" before either.
func (c *Conn) Hello() (name string, extended bool) { return c.hello, c.extended }

// next returns the line that go-smtp reads next.
func (c *Conn) next() (string, error) {
	if c.err != nil {
		return "", c.err
	}
	switch c.phase {
	case phaseBody:
		// Session.Data has returned. go-smtp reads the end of an empty body here,
		// since it never gets the real one. If the real body was not read, it must
		// not be read as commands.
		if !c.bodyRead {
			return "", c.fail(errUnread)
		}
		c.phase = phaseFinal
		return ".\r\n", nil
	case phaseAuth:
		return c.authLine()
	}
	return c.nextCommand()
}

// nextCommand returns the next command that is for go-smtp. It answers all others.
func (c *Conn) nextCommand() (string, error) {
	for {
		if err := c.discard(); err != nil {
			return "", err
		}
		line, err := c.commandLine()
		if err != nil {
			return "", err
		}
		cmd, bad := parseCommand(line)
		c.cmd = cmd
		if bad.Code == 0 {
			bad = c.allow(&cmd)
		}
		if bad.Code != 0 {
			if c.handler != nil && (cmd.verb == "MAIL" || cmd.verb == "RCPT") {
				c.handler.Refused(cmd.verb, cmp.Or(cmd.path, cmd.arg), bad)
			}
			c.answer(bad)
			continue
		}
		switch cmd.verb {
		case "STARTTLS":
			if err := c.startTLS(); err != nil {
				return "", err
			}
		case "BDAT":
			if err := c.parseChunk(); err != nil {
				return "", err
			}
			return "DATA\r\n", nil
		case "AUTH":
			if !c.opt.Users {
				c.answer(envelope.Refuse(502, [3]int{5, 5, 1}, "AUTH is not available on this listener: it has no users")) // RFC 5321 §4.2.4
				continue
			}
			if c.isBusy() {
				c.answer(envelope.Refuse(503, [3]int{5, 5, 1}, "AUTH is not possible during a mail transaction")) // RFC 4954 §4
				continue
			}
			return cmd.forward(), nil
		default:
			return cmd.forward(), nil
		}
	}
}

// commandLine returns the next line that may be a command, without its end.
func (c *Conn) commandLine() (string, error) {
	if c.held != "" {
		line := c.held
		c.held = ""
		return line, nil
	}
	c.setIdle(true)
	defer c.setIdle(false)
	for {
		if c.mustRetire() {
			return "", c.fail(errRetired)
		}
		line, err := c.line()
		if err != nil {
			return "", err
		}
		body, crlf := strings.CutSuffix(line, "\r\n")
		switch {
		case !crlf:
			// Policy: a command ends with CRLF. A bare LF can hide one command in
			// another (RFC 5321 §2.3.8).
			c.cmd = command{}
			c.answer(envelope.Refuse(500, [3]int{5, 5, 2}, "a command line must end with CRLF, not with a bare LF"))
		case !checkLine([]byte(body)):
			c.cmd = command{}
			c.answer(envelope.Refuse(500, [3]int{5, 5, 2}, "control character in the command line"))
		default:
			return body, nil
		}
		if c.err != nil {
			return "", c.err
		}
	}
}

// line returns the next line with its end, CRLF or LF. The client has the command
// timeout for all of it.
func (c *Conn) line() (string, error) {
	if c.err != nil {
		return "", c.err
	}
	deadline := c.within(c.opt.CommandTimeout)
	for {
		line, ok := c.in.line(c.lineLimit())
		if ok {
			return line, nil
		}
		if c.in.buffered() >= c.lineLimit() {
			c.answer(envelope.Refuse(500, [3]int{5, 5, 6}, "line too long"))
			return "", c.fail(errLongLine)
		}
		if err := c.fill(deadline); err != nil {
			return "", err
		}
	}
}

func (c *Conn) lineLimit() int {
	if c.phase == phaseAuth || c.in.hasPrefixFold("AUTH ") {
		return maxAuthLine
	}
	return maxCommandLine
}

// authLine returns an answer to a challenge: base64, "=" or "*". go-smtp's decoder
// refuses anything else, except what is not text.
func (c *Conn) authLine() (string, error) {
	line, err := c.line()
	if err != nil {
		return "", err
	}
	body, crlf := strings.CutSuffix(line, "\r\n")
	if !crlf || !checkLine([]byte(body)) {
		return "*\r\n", nil
	}
	return line, nil
}

// waiting returns the complete command lines that the client has pipelined after the
// current one. They stay in the buffer.
func (c *Conn) waiting() iter.Seq[string] { return c.in.lines(maxCommandLine) }

// startTLS answers STARTTLS. When TLS is to begin, the conversation ends with
// ErrUpgrade, and the connection continues over TLS with a new one: earlier state is
// discarded (RFC 3207 §4.2), and so is input that was sent in plain text after the
// command.
func (c *Conn) startTLS() error {
	switch {
	case c.tls != nil:
		c.answer(envelope.Refuse(503, [3]int{5, 5, 1}, "TLS is already active"))
	case c.opt.TLS == nil:
		c.answer(envelope.Refuse(502, [3]int{5, 5, 1}, "STARTTLS is not offered here"))
	case c.cmd.arg != "":
		c.answer(envelope.Refuse(501, [3]int{5, 5, 4}, "STARTTLS has no argument"))
	default:
		c.writeVerdict(envelope.Verdict{Code: 220, Enhanced: [3]int{2, 0, 0}, Text: []string{"ready to start TLS"}})
		if err := c.flush(); err != nil {
			return err
		}
		c.in.reset()
		return c.fail(ErrUpgrade)
	}
	return nil
}

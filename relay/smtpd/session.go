package smtpd

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/reconvene/reconvene/relay/envelope"
)

// session implements go-smtp's session by the handler. What it returns to go-smtp
// only changes go-smtp's state; the client gets the handler's verdict.
type session struct {
	c        *Conn
	handler  Handler
	queued   []queuedVerdict
	maxAhead int // how many recipients after one are parsed in advance; 0: all
}

// queuedVerdict is the verdict on a recipient that the handler handled together with
// an earlier one; it is the reply when that command is processed.
type queuedVerdict struct {
	line    string
	verdict envelope.Verdict
}

var (
	_ smtp.Session     = (*session)(nil)
	_ smtp.AuthSession = (*session)(nil)
)

// Converse serves the client until the connection ends or continues over TLS, and
// returns why it ended: ErrUpgrade in the second case. handler is called for a new
// handler at the first EHLO.
//
// Each call uses a go-smtp server of its own, so that no state of go-smtp is shared
// between connections or kept after STARTTLS.
func (c *Conn) Converse(handler func() Handler) error {
	e := newEngineConn(c)
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		c.handler = handler()
		return &session{c: c, handler: c.handler}, nil
	}))
	srv.Domain = c.opt.Hostname
	srv.MaxLineLength = 0 // Conn enforces the limit
	srv.MaxMessageBytes = c.opt.MaxSize
	srv.MaxRecipients = 0 // the handler enforces the limit, so that each recipient is recorded
	srv.EnableSMTPUTF8 = true
	srv.EnableDSN = true
	srv.AllowInsecureAuth = c.tls != nil || c.opt.InsecureAuth
	srv.ErrorLog = engineLog{c}
	if c.tls == nil {
		srv.TLSConfig = c.opt.TLS // makes it advertise STARTTLS; it never sees the command
	}
	srv.Serve(&soleListener{conn: e})
	srv.Shutdown(context.Background()) // waits for its goroutine
	return c.err
}

// reply sets the reply to the current command.
func (s *session) reply(v envelope.Verdict) error {
	s.c.handled = &v
	if v.OK() {
		return nil
	}
	return smtpError(v)
}

// Mail implements smtp.Session.
func (s *session) Mail(string, *smtp.MailOptions) error {
	v := s.handler.Mail(s.c.cmd.reversePath(), s.c.cmd.leftOut)
	if v.OK() {
		s.c.setBusy(true)
	} else {
		s.c.blame = true
	}
	return s.reply(v)
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(string, *smtp.RcptOptions) error {
	if len(s.queued) > 0 {
		next := s.queued[0]
		s.queued = s.queued[1:]
		if next.line != s.c.cmd.line {
			s.queued = nil
			return s.reply(s.handler.OutOfStep())
		}
		return s.reply(next.verdict)
	}
	rcpts := []Recipient{s.c.cmd.recipient()}
	behind, lines, data := s.pipelined()
	verdicts := s.handler.Rcpt(append(rcpts, behind...), data)
	if len(verdicts) == 0 || len(verdicts) > len(lines)+1 {
		return s.reply(s.handler.OutOfStep())
	}
	s.maxAhead *= 2
	if len(verdicts) <= len(lines) { // the following ones will be parsed again
		s.maxAhead = len(verdicts)
	}
	for i, v := range verdicts[1:] {
		s.queued = append(s.queued, queuedVerdict{lines[i], v})
	}
	return s.reply(verdicts[0])
}

// pipelined returns the recipients that the client has pipelined after the current
// one, as long as their commands are well-formed: then go-smtp, which gets only the
// verb, is certain to accept them. data reports that DATA or BDAT follows them
// immediately.
func (s *session) pipelined() (rcpts []Recipient, lines []string, data bool) {
	for line := range s.c.waiting() {
		if s.maxAhead > 0 && len(rcpts) == s.maxAhead {
			break
		}
		cmd, bad := parseCommand(line)
		if bad.Code == 0 && (cmd.verb == "DATA" && cmd.arg == "" || cmd.verb == "BDAT") {
			return rcpts, lines, true
		}
		if bad.Code != 0 || cmd.verb != "RCPT" {
			break
		}
		rcpts, lines = append(rcpts, cmd.recipient()), append(lines, line)
	}
	return rcpts, lines, false
}

// Data implements smtp.Session. go-smtp's reader is empty: the body comes from Conn.
func (s *session) Data(io.Reader) error {
	if len(s.queued) > 0 {
		s.queued = nil
		s.handler.OutOfStep()
	}
	v := s.handler.Data(body{s.c})
	if v.Code == 0 {
		return unanswered{cmp.Or(v.Cause, ErrGone)}
	}
	if v.OK() {
		s.c.errors = 0
	}
	return s.reply(v)
}

// Reset implements smtp.Session.
func (s *session) Reset() {
	verb := ""
	if s.c.err == nil || errors.Is(s.c.err, errQuit) || errors.Is(s.c.err, ErrUpgrade) {
		if slices.Contains([]string{"RSET", "QUIT", "EHLO", "HELO", "STARTTLS"}, s.c.cmd.verb) {
			verb = s.c.cmd.verb
		}
	}
	s.queued, s.maxAhead = nil, 0
	s.handler.Reset(verb)
	s.c.setBusy(false)
}

// Logout implements smtp.Session.
func (s *session) Logout() error {
	s.Reset()
	return nil
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if !s.c.opt.Users {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if !s.c.opt.Users {
		return nil, s.reply(envelope.Refuse(502, [3]int{5, 5, 1}, "authentication is not offered here"))
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return s.logon(user, password) }), nil
	case sasl.Login:
		return &loginServer{authenticate: s.logon}, nil
	}
	return nil, s.reply(envelope.Refuse(504, [3]int{5, 5, 4}, "this authentication mechanism is not offered"))
}

func (s *session) logon(user, password string) error {
	v := s.handler.Logon(user, password)
	if v.OK() {
		return nil // go-smtp says so
	}
	s.c.blame = v.Code == 535
	return s.reply(v)
}

// loginServer is AUTH LOGIN, the mechanism that Exchange's basic authentication
// uses: user name and password in answer to two prompts.
type loginServer struct {
	user         *string
	authenticate func(user, password string) error
}

// Next implements sasl.Server.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil && l.user == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password:"), false, nil
	}
	return nil, true, l.authenticate(*l.user, string(response))
}

var _ sasl.Server = (*loginServer)(nil)

// body is the message that the client is sending.
type body struct{ c *Conn }

// WriteTo implements io.WriterTo.
func (b body) WriteTo(w io.Writer) (int64, error) {
	n, err := b.c.copyBody(w)
	if err != nil && (b.c.err != nil || errors.Is(err, errReset)) {
		err = unanswered{err}
	}
	return n, err
}

// smtpError is the verdict in go-smtp's form.
func smtpError(v envelope.Verdict) *smtp.SMTPError {
	e := &smtp.SMTPError{Code: v.Code, EnhancedCode: smtp.NoEnhancedCode, Message: strings.Join(v.Text, "\n")}
	if v.Enhanced != [3]int{} {
		e.EnhancedCode = smtp.EnhancedCode(v.Enhanced)
	}
	return e
}

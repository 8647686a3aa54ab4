package smtpd

import (
	"errors"
	"io"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Handler handles the mail of one conversation: from EHLO to its end or to STARTTLS.
// Its methods are called one at a time. A returned verdict is the client's reply.
type Handler interface {
	// Mail starts a transaction, unless the verdict refuses it.
	Mail(from envelope.ReversePath, leftOut []LeftOut) envelope.Verdict
	// Rcpt handles the first of the recipients, and as many of the following ones as
	// it wants: the client has pipelined their commands, and they are not passed
	// again. data reports that DATA or BDAT follows immediately. It returns one
	// verdict for each recipient that it handled, at least one.
	Rcpt(rcpts []Recipient, data bool) []envelope.Verdict
	// Refused is called for a MAIL or RCPT command (verb) that was refused for its
	// syntax.
	Refused(verb, address string, v envelope.Verdict)
	// Data reads the message and returns the verdict on it. The body can be read
	// once, to its end. When the writer returns an error, WriteTo returns that error
	// after the client has sent the rest. An error that is ErrGone means that no
	// reply is possible: the verdict has code 0 then.
	Data(body io.WriterTo) envelope.Verdict
	// OutOfStep ends a transaction whose recipients at the next hop are no longer
	// those that the client has named.
	OutOfStep() envelope.Verdict
	// Reset ends the transaction, if one is open. verb is the command by which the
	// client ended it, "" when there was none or the client disconnected.
	Reset(verb string)
	// Logon checks a password: 235 when it is correct; 535 counts as an error of the
	// client.
	Logon(user, password string) envelope.Verdict
}

// Recipient is the argument of RCPT.
type Recipient struct {
	envelope.Recipient
	LeftOut []LeftOut
}

// LeftOut is a parameter that was not understood and is not forwarded, and why.
type LeftOut struct{ Param, Why string }

// ErrGone is the error of a body whose client has closed the connection. Errors of
// bodies that end early for another reason wrap it.
var ErrGone = errors.New("the client disconnected")

// unanswered is an error of a body to which no reply is possible.
type unanswered struct{ error }

// Is reports whether target is ErrGone.
func (unanswered) Is(target error) bool { return target == ErrGone }

// Unwrap returns the reason.
func (u unanswered) Unwrap() error { return u.error }

package smtpd

import (
	"errors"
	"io"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Handler answers for the mail of one conversation: from EHLO to its end or to
// STARTTLS. Its methods are called one at a time. A verdict is what the client gets
// as its reply.
type Handler interface {
	// Mail starts a transaction, unless the verdict refuses it.
	Mail(from envelope.ReversePath, leftOut []LeftOut) envelope.Verdict
	// Rcpt answers for the first of the recipients and for as many of those behind
	// it as it takes along: the client has sent their commands already, and they are
	// not offered again. data says that DATA or BDAT comes right behind the last one.
	// It returns at least one verdict.
	Rcpt(rcpts []Recipient, data bool) []envelope.Verdict
	// Refused is told of a MAIL or RCPT command (verb) that was refused for its form.
	Refused(verb, address string, v envelope.Verdict)
	// Data reads the message and answers for it. The body can be read once, to its
	// end; an error of the writer is returned when the client has sent the rest, and
	// one that is ErrGone when nobody waits for an answer: the verdict has code 0 then.
	Data(body io.WriterTo) envelope.Verdict
	// OutOfStep gives a transaction up whose recipients are no longer those that the
	// client has named.
	OutOfStep() envelope.Verdict
	// Reset ends the transaction, if there is one that is open. verb is the command by
	// which the client did so, "" when it did not or has gone.
	Reset(verb string)
	// Logon checks a password: 235 when it is right, and 535 counts as an error of the
	// client.
	Logon(user, password string) envelope.Verdict
}

// Recipient is what RCPT says.
type Recipient struct {
	envelope.Recipient
	LeftOut []LeftOut
}

// LeftOut is a parameter that was not understood and does not go on, and why.
type LeftOut struct{ Param, Why string }

// ErrGone is the error of a body whose client has closed the connection. Errors of
// bodies that end early for another reason wrap it.
var ErrGone = errors.New("the client disconnected")

// unanswered is an error of a body after which nobody waits for an answer.
type unanswered struct{ error }

// Is reports whether target is ErrGone.
func (unanswered) Is(target error) bool { return target == ErrGone }

// Unwrap returns the reason.
func (u unanswered) Unwrap() error { return u.error }

package relay

import "io"

// ReversePath is MAIL FROM with its parameters (RFC 5321 §4.1.1.2).
type ReversePath struct {
	Path  string // as the client wrote it between the brackets, checked; "" is the null reverse-path
	Size  int64  // SIZE=, 0 when not given
	Body  string // "7BIT", "8BITMIME" or ""
	UTF8  bool   // SMTPUTF8
	Ret   string // "FULL" or "HDRS" in any case, "" when not given (RFC 3461 §4.3)
	EnvID string // as xtext, "" when not given
}

// Recipient is RCPT TO with its parameters.
type Recipient struct {
	Path   string // as the client wrote it between the brackets, checked
	Notify string // NEVER, or some of SUCCESS, FAILURE, DELAY, as given (RFC 3461 §4.1)
	ORcpt  string // "rfc822;…" as xtext, "" when not given; with raw UTF-8 only for the type utf-8
}

// Outgoing is a message as it will be sent. WriteTo gives CRLF lines without
// dot-stuffing and can be called more than once.
type Outgoing interface {
	io.WriterTo
	Size() int64    // octets that WriteTo gives
	EightBit() bool // has octets above 127
}

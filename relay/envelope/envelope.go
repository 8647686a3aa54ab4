package envelope

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// ReversePath is MAIL FROM with its parameters (RFC 5321 §4.1.1.2).
type ReversePath struct {
	Path  string // as the client wrote it between the brackets, checked; "" is the null reverse-path
	Size  int64  // SIZE=, 0 when not given
	Body  string // "7BIT", "8BITMIME" or ""
	UTF8  bool   // SMTPUTF8
	Ret   string // "FULL" or "HDRS" in any case, "" when not given (RFC 3461 §4.3)
	EnvID string // as xtext, "" when not given

	ALabels    bool // addresses may be sent in ASCII, with the A-labels of their domain, where SMTPUTF8 is not offered
	RequireTLS bool // REQUIRETLS (RFC 8689)

	// What a client asks of a listener that stores mail.
	By          time.Duration // BY (RFC 2852), from the command on; 0 when not given, negative when the time is over
	ByReturn    bool          // its mode is R: return the message when the time is over
	Priority    int           // MT-PRIORITY (RFC 6710)
	OptionalTLS bool          // the message has the field "TLS-Required: No" (RFC 8689)
}

// Recipient is RCPT TO with its parameters.
type Recipient struct {
	Path   string // as the client wrote it between the brackets, checked
	Notify string // NEVER, or some of SUCCESS, FAILURE, DELAY, as given (RFC 3461 §4.1)
	ORcpt  string // "rfc822;…" as xtext, "" when not given; with raw UTF-8 only for the type utf-8
}

// Body is a message as it is sent. WriteTo writes lines that end with CRLF, without
// dot-stuffing, and can be called more than once.
type Body interface {
	io.WriterTo
	Size() int64    // octets that WriteTo writes
	EightBit() bool // has octets above 127
}

// ASCIIOriginal returns an original recipient without octets above 127: the
// utf-8-addr-xtext of RFC 6533 §3, for a transaction without SMTPUTF8.
func ASCIIOriginal(v string) string {
	if IsASCII(v) {
		return v
	}
	var b strings.Builder
	for _, r := range v {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, `\x{%X}`, r)
	}
	return b.String()
}

// DecodeXtext decodes xtext (RFC 3461 §4): "+" and two hexadecimal digits are one
// octet. What is not valid xtext is returned unchanged.
func DecodeXtext(s string) string {
	if strings.IndexByte(s, '+') < 0 {
		return s
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "+")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		octet, err := strconv.ParseUint(after[:min(2, len(after))], 16, 8)
		if err != nil || len(after) < 2 {
			b.WriteByte('+')
			s = after
			continue
		}
		b.WriteByte(byte(octet))
		s = after[2:]
	}
}

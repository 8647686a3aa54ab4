package smtpd

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/relay/envelope"
)

// replyReader assembles replies from go-smtp's writes.
type replyReader struct {
	rest  []byte   // an unfinished line
	lines []string // of an unfinished reply: the text after code and separator
}

// write takes a piece of go-smtp's output and calls replied for each complete reply.
// The lines are valid during the call.
func (r *replyReader) write(b []byte, replied func(code int, lines []string)) {
	r.rest = append(r.rest, b...)
	for {
		i := bytes.Index(r.rest, []byte("\r\n"))
		if i < 0 {
			return
		}
		line := string(r.rest[:i])
		r.rest = append(r.rest[:0], r.rest[i+2:]...)
		if len(line) < 3 {
			continue // go-smtp writes no such line
		}
		code, _ := strconv.Atoi(line[:3])
		more := len(line) > 3 && line[3] == '-'
		r.lines = append(r.lines, line[min(4, len(line)):])
		if !more {
			lines := r.lines
			r.lines = lines[:0]
			replied(code, lines)
		}
	}
}

// replied decides what the client gets for a reply of go-smtp.
func (c *Conn) replied(code int, lines []string) {
	was := c.phase
	c.phase = phaseCommand
	if c.swallow {
		c.swallow, c.handled, c.chunk = false, nil, nil
		return
	}
	if v := c.handled; v != nil {
		blame := c.blame
		c.handled, c.blame, c.chunk = nil, false, nil
		c.writeVerdict(*v)
		if blame {
			c.countError(v.Code)
		}
		return
	}
	switch {
	case was == phaseGreeting:
		if !c.greeted { // after STARTTLS there is no second one
			c.greeted = true
			c.write(220, []string{c.opt.Hostname + " ESMTP Reconvene"})
		}
	case code == 354:
		c.phase, c.bodyRead = phaseBody, false
		if c.chunk == nil {
			c.write(code, []string{"end the message with <CR><LF>.<CR><LF>"})
		}
	case code == 334:
		c.phase = phaseAuth
		c.write(code, lines)
	default:
		c.refuseChunk()
		c.write(c.adjust(code, lines))
		c.countError(code)
	}
}

// adjust corrects replies of go-smtp where RFC 5321 requires something else.
func (c *Conn) adjust(code int, lines []string) (int, []string) {
	verb := c.cmd.verb
	switch {
	case code == 250 && (verb == "EHLO" || verb == "HELO"):
		// RFC 5321 §4.1.1.1: the first word is our name.
		c.hello, c.extended = cleanHello(c.cmd.arg), verb == "EHLO"
		lines[0] = c.opt.Hostname + " greets " + c.hello
		if c.extended && c.opt.MaxRecipients > 0 {
			lines = append(lines, fmt.Sprintf("LIMITS RCPTMAX=%d", c.opt.MaxRecipients)) // RFC 9422
		}
		if c.extended && c.offersRequireTLS() {
			lines = append(lines, requireTLS)
		}
		if c.extended && c.opt.Stores {
			lines = append(lines, "DELIVERBY", "MT-PRIORITY")
		}
		lines = slices.DeleteFunc(lines, func(keyword string) bool {
			return slices.Contains(c.opt.Hide, keyword) || keyword == "DSN" && c.opt.OffersDSN != nil && !c.opt.OffersDSN()
		})
	case code == 502 && (verb == "MAIL" || verb == "RCPT" || verb == "DATA" || verb == "BDAT" || verb == "AUTH"):
		code = 503 // bad sequence of commands; 502 is for verbs that do not exist
	case code == 221:
		lines = []string{"2.0.0 " + c.opt.Hostname + " closing connection"}
	}
	return code, lines
}

// answer replies to a command that go-smtp does not get, and counts an error.
func (c *Conn) answer(v envelope.Verdict) {
	c.writeVerdict(v)
	c.countError(v.Code)
}

// countError counts the client's errors. Too many without a message delivered
// between them end the connection.
func (c *Conn) countError(code int) {
	if code < 500 {
		return
	}
	if c.errors++; c.opt.MaxErrors > 0 && c.errors >= c.opt.MaxErrors {
		c.fail(errErrors)
	}
}

// maxReplyText keeps a reply line within 512 octets (RFC 5321 §4.5.3.1.5).
const maxReplyText = 490

// printable makes a text safe for a reply line.
func printable(s string) string {
	if len(s) > maxReplyText {
		s = s[:maxReplyText]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

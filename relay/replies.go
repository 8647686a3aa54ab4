package relay

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/reconvene/reconvene/relay/envelope"
)

// replyReader puts go-smtp's writes together to replies.
type replyReader struct {
	rest  []byte   // an unfinished line
	lines []string // of an unfinished reply: the text behind code and separator
}

// write takes a piece of go-smtp's output and hands on each complete reply. The
// lines are valid during the call.
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
func (g *gate) replied(code int, lines []string) {
	was := g.phase
	g.phase = phaseCommand
	if g.swallow {
		g.swallow, g.verdict, g.chunk = false, nil, nil
		return
	}
	if v := g.verdict; v != nil {
		blame := g.blame
		g.verdict, g.blame, g.chunk = nil, false, nil
		g.say(*v)
		if blame {
			g.count(v.Code)
		}
		return
	}
	switch {
	case was == phaseGreeting:
		if !g.greeted { // after STARTTLS there is no second one
			g.greeted = true
			g.write(220, []string{g.opt.hostname + " ESMTP Reconvene"})
		}
	case code == 354:
		g.phase, g.bodyRead = phaseBody, false
		if g.chunk == nil {
			g.write(code, []string{"end the message with <CR><LF>.<CR><LF>"})
		}
	case code == 334:
		g.phase = phaseAuth
		g.write(code, lines)
	default:
		g.refuseChunk()
		g.write(g.adjust(code, lines))
		g.count(code)
	}
}

// adjust corrects what go-smtp says where RFC 5321 asks for something else.
func (g *gate) adjust(code int, lines []string) (int, []string) {
	verb := g.cmd.verb
	switch {
	case code == 250 && (verb == "EHLO" || verb == "HELO"):
		// RFC 5321 §4.1.1.1: the first word is our name.
		g.hello, g.extended = cleanHello(g.cmd.arg), verb == "EHLO"
		lines[0] = g.opt.hostname + " greets " + g.hello
		if g.extended && g.opt.maxRecipients > 0 {
			lines = append(lines, fmt.Sprintf("LIMITS RCPTMAX=%d", g.opt.maxRecipients)) // RFC 9422
		}
		lines = slices.DeleteFunc(lines, func(keyword string) bool {
			return slices.Contains(g.opt.hide, keyword) || keyword == "DSN" && g.opt.offersDSN != nil && !g.opt.offersDSN()
		})
	case code == 502 && (verb == "MAIL" || verb == "RCPT" || verb == "DATA" || verb == "BDAT" || verb == "AUTH"):
		code = 503 // bad sequence of commands; 502 is for verbs that do not exist
	case code == 221:
		lines = []string{"2.0.0 " + g.opt.hostname + " closing connection"}
	}
	return code, lines
}

// answer says a verdict on a command that go-smtp does not see, and counts it
// when it is an error.
func (g *gate) answer(v envelope.Verdict) {
	g.say(v)
	g.count(v.Code)
}

// count counts the client's errors. Too many, without a message delivered
// between them, end the connection.
func (g *gate) count(code int) {
	if code < 500 {
		return
	}
	if g.errors++; g.opt.maxErrors > 0 && g.errors >= g.opt.maxErrors {
		g.fail(errErrors)
	}
}

// say puts a verdict into the output: the enhanced code on each line (RFC 2034
// §4), no character that a stranger could end the line with.
func (g *gate) say(v envelope.Verdict) {
	g.said = v
	if len(v.Text) == 0 {
		g.writeLine(v.Code, true, v.Enhanced, "")
	}
	for i, text := range v.Text {
		g.writeLine(v.Code, i == len(v.Text)-1, v.Enhanced, printable(text))
	}
}

// write puts a reply into the output. It is sent when the input is used up.
func (g *gate) write(code int, lines []string) {
	for i, text := range lines {
		g.writeLine(code, i == len(lines)-1, [3]int{}, text)
	}
}

// writeLine puts one line of a reply into the output.
func (g *gate) writeLine(code int, last bool, enhanced [3]int, text string) {
	if g.err != nil {
		return
	}
	if last && code >= 500 {
		g.lastError = strings.TrimSpace(envelope.Verdict{Code: code, Enhanced: enhanced, Text: []string{text}}.Error())
	}
	separator := byte('-')
	if last {
		separator = ' '
	}
	g.out = append(strconv.AppendInt(g.out, int64(code), 10), separator)
	if enhanced != [3]int{} {
		g.out = envelope.AppendEnhanced(g.out, enhanced)
		if text != "" {
			g.out = append(g.out, ' ')
		}
	}
	g.out = append(g.out, text...)
	g.out = append(g.out, '\r', '\n')
	if len(g.out) > bigInput {
		g.flush()
	}
}

// flush writes the output. A client that does not read loses the connection.
func (g *gate) flush() error {
	if len(g.out) == 0 || g.err != nil {
		return g.err
	}
	g.conn.SetWriteDeadline(time.Now().Add(g.opt.commandTimeout))
	_, err := g.conn.Write(g.out)
	g.out = g.out[:0]
	if err != nil {
		g.err = fmt.Errorf("writing a reply: %w", err)
	}
	return g.err
}

// maxReplyText keeps a reply line within 512 octets (RFC 5321 §4.5.3.1.5).
const maxReplyText = 490

// printable makes a text fit for a reply line.
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

// smtpError is the verdict in go-smtp's form.
func smtpError(v envelope.Verdict) *smtp.SMTPError {
	e := &smtp.SMTPError{Code: v.Code, EnhancedCode: smtp.NoEnhancedCode, Message: strings.Join(v.Text, "\n")}
	if v.Enhanced != [3]int{} {
		e.EnhancedCode = smtp.EnhancedCode(v.Enhanced)
	}
	return e
}

package smtpd

import (
	"strings"

	"github.com/reconvene/reconvene/relay/envelope"
)

// command is one command line, parsed as far as Conn and its handler need.
type command struct {
	line    string // as the client sent it, without the line end
	verb    string // upper case
	arg     string
	path    string // MAIL and RCPT: as the client wrote it; checked unless the command is refused
	params  []param
	leftOut []LeftOut // parameters that were not understood and are not forwarded
}

// anyMailbox replaces every address in what go-smtp reads; go-smtp only counts
// recipients, and the handler gets paths from the command itself.
const anyMailbox = "<x@x.invalid>"

// checkLine reports whether a command line, without its end, has only permitted
// characters: no NUL, no control characters, no bare CR. A horizontal tab is white
// space.
func checkLine(line []byte) bool {
	for _, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// parseCommand parses a command line that checkLine has accepted. The verdict has
// code 0 when the line is correct.
func parseCommand(line string) (command, envelope.Verdict) {
	c := command{line: line}
	trimmed := strings.Trim(strings.ReplaceAll(line, "\t", " "), " ")
	c.verb, c.arg, _ = strings.Cut(trimmed, " ")
	c.verb, c.arg = strings.ToUpper(c.verb), strings.TrimLeft(c.arg, " ")
	switch c.verb {
	case "MAIL":
		return c, c.parsePath("FROM:")
	case "RCPT":
		return c, c.parsePath("TO:")
	case "EHLO", "HELO", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP", "STARTTLS", "AUTH":
		return c, envelope.Verdict{}
	}
	return c, envelope.Refuse(500, [3]int{5, 5, 1}, "command not recognized")
}

func (c *command) parsePath(keyword string) envelope.Verdict {
	bad := [3]int{5, 1, 3} // RFC 3463 §3.2: bad destination mailbox address syntax
	if c.verb == "MAIL" {
		bad = [3]int{5, 1, 7}
	}
	path, params, err := cutPath(c.arg, keyword)
	if err != nil {
		return envelope.Refuse(501, bad, "%s", err.Error())
	}
	c.path = path
	switch {
	case path == "" && c.verb == "MAIL":
	case strings.EqualFold(path, "postmaster") && c.verb == "RCPT": // RFC 5321 §4.5.1
	default:
		if err := envelope.CheckMailbox(path); err != nil {
			return envelope.Refuse(501, bad, "%s", err.Error())
		}
	}
	return c.parseParams(params)
}

// forward returns the line that go-smtp gets: normalised, with every address
// replaced by one that it can parse, and without parameters.
func (c *command) forward() string {
	var b strings.Builder
	b.Grow(len(c.line) + len(anyMailbox) + len("\r\n"))
	b.WriteString(c.verb)
	switch {
	case c.verb == "MAIL" && c.path == "":
		b.WriteString(" FROM:<>")
	case c.verb == "MAIL":
		b.WriteString(" FROM:" + anyMailbox)
	case c.verb == "RCPT":
		b.WriteString(" TO:" + anyMailbox)
	case c.verb == "EHLO" || c.verb == "HELO":
		b.WriteString(" " + cleanHello(c.arg))
	case c.arg != "":
		b.WriteString(" " + c.arg)
	}
	b.WriteString("\r\n")
	return b.String()
}

package relay

import (
	"slices"
	"strconv"
	"strings"
)

// command is one command line, parsed as far as the gate and the session need.
type command struct {
	line   string // as the client sent it, without the line end
	verb   string // upper case
	arg    string
	path   string // MAIL and RCPT: checked, as the client wrote it
	params []param
}

// param is one parameter of MAIL or RCPT; the keyword in upper case.
type param struct{ keyword, value string }

// anyMailbox stands for every address towards go-smtp, which only counts them:
// the session takes paths from the command itself.
const anyMailbox = "<x@x.invalid>"

// checkLine refuses what never belongs into a command line, apart from the line
// end: NUL, control characters, bare CR. A horizontal tab is white space.
func checkLine(line []byte) bool {
	for _, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// parseCommand reads a command line that checkLine has passed. The verdict says
// what is wrong; its code is 0 when nothing is.
func parseCommand(line string) (command, Verdict) {
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
		return c, Verdict{}
	}
	return c, refuse(500, [3]int{5, 5, 1}, "command not recognized")
}

func (c *command) parsePath(keyword string) Verdict {
	bad := [3]int{5, 1, 3} // RFC 3463 §3.2: bad destination mailbox address syntax
	if c.verb == "MAIL" {
		bad = [3]int{5, 1, 7}
	}
	path, params, err := cutPath(c.arg, keyword)
	if err != nil {
		return refuse(501, bad, "%s", err.Error())
	}
	switch {
	case path == "" && c.verb == "MAIL":
	case strings.EqualFold(path, "postmaster") && c.verb == "RCPT": // RFC 5321 §4.5.1
	default:
		if err := checkMailbox(path); err != nil {
			return refuse(501, bad, "%s", err.Error())
		}
	}
	c.path = path
	return c.parseParams(params)
}

// parseParams reads esmtp-params (RFC 5321 §4.1.2). The values are checked by
// go-smtp.
func (c *command) parseParams(s string) Verdict {
	if s == "" {
		return Verdict{}
	}
	bad := refuse(501, [3]int{5, 5, 4}, "malformed parameter of %s", c.verb)
	known := map[string][]string{
		"MAIL": {"SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH"},
		"RCPT": {"NOTIFY", "ORCPT"},
	}
	seen := map[string]bool{}
	for _, word := range strings.Fields(s) {
		keyword, value, hasValue := strings.Cut(word, "=")
		keyword = strings.ToUpper(keyword)
		if keyword == "" || hasValue && value == "" || strings.Contains(value, "=") || seen[keyword] {
			return bad
		}
		if strings.ContainsFunc(keyword, func(r rune) bool { return !isAlnum(r) && r != '-' }) {
			return bad
		}
		if !slices.Contains(known[c.verb], keyword) {
			return refuse(555, [3]int{5, 5, 4}, "parameter %s of %s is not offered here", keyword, c.verb) // RFC 5321 §4.1.1.11
		}
		seen[keyword] = true
		c.params = append(c.params, param{keyword, value})
	}
	return Verdict{}
}

func (c *command) param(keyword string) (value string, found bool) {
	for _, p := range c.params {
		if p.keyword == keyword {
			return p.value, true
		}
	}
	return "", false
}

// forward is the line that go-smtp gets: normalised, with every address replaced
// by one that it parses.
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
	for _, p := range c.params {
		b.WriteByte(' ')
		b.WriteString(p.keyword)
		switch {
		case p.keyword == "SIZE" && len(p.value) > 9:
			b.WriteString("=" + strings.Repeat("9", 9)) // go-smtp calls more than 32 bits malformed
		case p.value != "":
			b.WriteByte('=')
			b.WriteString(p.value)
		}
	}
	b.WriteString("\r\n")
	return b.String()
}

// reversePath is what MAIL says, once go-smtp has checked the parameters. AUTH=
// is not passed on: the next hop does not trust us with identities (RFC 4954 §5).
func (c *command) reversePath() ReversePath {
	p := ReversePath{Path: c.path}
	if v, ok := c.param("SIZE"); ok {
		p.Size, _ = strconv.ParseInt(v, 10, 64)
	}
	if v, ok := c.param("BODY"); ok {
		p.Body = strings.ToUpper(v)
	}
	_, p.UTF8 = c.param("SMTPUTF8")
	if v, ok := c.param("RET"); ok {
		p.Ret = strings.ToUpper(v)
	}
	p.EnvID, _ = c.param("ENVID")
	return p
}

// recipient is what RCPT says.
func (c *command) recipient() Recipient {
	r := Recipient{Path: c.path}
	if v, ok := c.param("NOTIFY"); ok {
		r.Notify = strings.Split(strings.ToUpper(v), ",")
	}
	r.ORcpt, _ = c.param("ORCPT")
	return r
}

// plainRecipient says whether the line is an RCPT that go-smtp is certain to
// accept, so that it may be sent ahead of its turn. When in doubt it says no.
func (c *command) plainRecipient() bool {
	if c.verb != "RCPT" {
		return false
	}
	for _, p := range c.params {
		switch p.keyword {
		case "NOTIFY":
			if v := strings.ToUpper(p.value); v != "NEVER" && !plainNotify(v) {
				return false
			}
		case "ORCPT":
			kind, address, _ := strings.Cut(p.value, ";")
			if !strings.EqualFold(kind, "rfc822") || address == "" || !isASCII(address) || strings.Contains(address, "+") {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func plainNotify(v string) bool {
	seen := map[string]bool{}
	for _, word := range strings.Split(v, ",") {
		if word != "SUCCESS" && word != "FAILURE" && word != "DELAY" || seen[word] {
			return false
		}
		seen[word] = true
	}
	return true
}

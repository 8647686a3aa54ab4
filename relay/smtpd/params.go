package smtpd

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/reconvene/reconvene/relay/envelope"
)

// param is one parameter of MAIL or RCPT; the keyword in upper case, the value as
// sent.
type param struct{ keyword, value string }

// paramRule defines how the parameter of a known keyword is treated.
type paramRule struct {
	// fault returns what is wrong with a value; "" when it is correct.
	fault func(value string) string
	// dsn marks the parameters of RFC 3461. They are requests to the receiving
	// system: what is well-formed is forwarded unchanged, and what is not is left
	// out, since mail must not bounce for it.
	dsn bool
}

// paramRules returns the parameters that a verb may have. All others are refused
// with 555 (RFC 5321 §4.1.1.11), including those of extensions that we do not offer
// (HOLDFOR, …; MT-PRIORITY and BY where mail is not stored): each is an instruction
// that nobody would carry out. AUTH is an exception: it is accepted with every value, because
// clients send it although it is not offered, and never forwarded (RFC 4954 §5).
func paramRules(verb string) map[string]paramRule {
	if verb == "RCPT" {
		return map[string]paramRule{"NOTIFY": {notifyFault, true}, "ORCPT": {originalRecipientFault, true}}
	}
	return map[string]paramRule{
		"SIZE": {sizeFault, false}, "BODY": {bodyFault, false}, "SMTPUTF8": {flagFault, false}, "AUTH": {emptyFault, false},
		"REQUIRETLS": {flagFault, false}, "BY": {byFault, false}, "MT-PRIORITY": {priorityFault, false}, "RET": {returnFault, true}, "ENVID": {xtextFault, true},
	}
}

// parseParams parses esmtp-params (RFC 5321 §4.1.2). go-smtp gets none of them.
func (c *command) parseParams(s string) envelope.Verdict {
	if s == "" {
		return envelope.Verdict{}
	}
	rules := paramRules(c.verb)
	for word := range strings.SplitSeq(s, " ") {
		if word == "" {
			continue
		}
		keyword, value, _ := strings.Cut(word, "=")
		keyword = strings.ToUpper(keyword)
		if keyword == "" || strings.ContainsFunc(keyword, func(r rune) bool { return !envelope.IsAlnum(r) && r != '-' }) {
			return envelope.Refuse(501, [3]int{5, 5, 4}, "malformed parameter of %s", c.verb)
		}
		rule, known := rules[keyword]
		if !known {
			return envelope.Refuse(555, [3]int{5, 5, 4}, "parameter %s of %s is not offered here", keyword, c.verb)
		}
		fault := rule.fault(value)
		if fault == "" && word == keyword+"=" {
			fault = "has no value after ="
		}
		if _, seen := c.param(keyword); seen {
			fault = "is given twice"
		}
		switch {
		case fault == "":
			c.params = append(c.params, param{keyword, value})
		case rule.dsn:
			c.leftOut = append(c.leftOut, LeftOut{word, "malformed (RFC 3461 §4): " + keyword + " " + fault})
		case keyword == "BODY" && strings.EqualFold(value, "BINARYMIME"):
			return envelope.Refuse(504, [3]int{5, 5, 4}, "BINARYMIME is not offered here")
		default:
			return envelope.Refuse(501, [3]int{5, 5, 4}, "parameter %s of %s %s", keyword, c.verb, fault)
		}
	}
	return envelope.Verdict{}
}

// param returns the value of a parameter.
func (c *command) param(keyword string) (value string, found bool) {
	for _, p := range c.params {
		if p.keyword == keyword {
			return p.value, true
		}
	}
	return "", false
}

// reversePath returns the arguments of MAIL.
func (c *command) reversePath() envelope.ReversePath {
	p := envelope.ReversePath{Path: c.path}
	if v, ok := c.param("SIZE"); ok {
		var err error
		if p.Size, err = strconv.ParseInt(v, 10, 64); err != nil {
			p.Size = math.MaxInt64 // 20 digits may be more than that (RFC 1870 §4)
		}
	}
	if v, ok := c.param("BODY"); ok {
		p.Body = strings.ToUpper(v)
	}
	_, p.UTF8 = c.param("SMTPUTF8")
	_, p.RequireTLS = c.param(requireTLS)
	if v, ok := c.param("BY"); ok {
		p.By, p.ByReturn, _ = parseBy(v)
	}
	if v, ok := c.param("MT-PRIORITY"); ok {
		p.Priority, _ = strconv.Atoi(v)
	}
	p.Ret, _ = c.param("RET")
	p.EnvID, _ = c.param("ENVID")
	return p
}

// recipient returns the arguments of RCPT.
func (c *command) recipient() Recipient {
	r := Recipient{Recipient: envelope.Recipient{Path: c.path}, LeftOut: c.leftOut}
	r.Notify, _ = c.param("NOTIFY")
	r.ORcpt, _ = c.param("ORCPT")
	return r
}

// requireTLS is the extension of RFC 8689.
const requireTLS = "REQUIRETLS"

// offersRequireTLS reports whether the client may ask for REQUIRETLS: only over TLS.
func (c *Conn) offersRequireTLS() bool {
	return c.tls != nil && !slices.Contains(c.opt.Hide, requireTLS)
}

// allow refuses a parameter that is not offered on this connection.
func (c *Conn) allow(cmd *command) envelope.Verdict {
	if _, asked := cmd.param(requireTLS); asked && !c.offersRequireTLS() {
		return envelope.Refuse(555, [3]int{5, 5, 4}, "parameter REQUIRETLS of MAIL is not offered here")
	}
	for _, keyword := range []string{"BY", "MT-PRIORITY"} {
		if _, asked := cmd.param(keyword); asked && !c.opt.Stores {
			return envelope.Refuse(555, [3]int{5, 5, 4}, "parameter %s of MAIL is not offered here", keyword)
		}
	}
	return envelope.Verdict{}
}

// parseBy parses by-value (RFC 2852 §4): seconds and a mode. A trace modifier is not
// offered.
func parseBy(v string) (d time.Duration, back, ok bool) {
	number, mode, found := strings.Cut(v, ";")
	digits := strings.TrimLeft(number, "+-")
	if !found || len(number)-len(digits) > 1 || digits == "" || len(digits) > 9 || strings.Trim(digits, "0123456789") != "" {
		return 0, false, false
	}
	n, err := strconv.Atoi(number)
	back = strings.EqualFold(mode, "R")
	if err != nil || !back && !strings.EqualFold(mode, "N") || back && n <= 0 {
		return 0, false, false
	}
	if n == 0 {
		return -1, false, true // the time is over, and 0 would mean that none was given
	}
	return time.Duration(n) * time.Second, back, true
}

func byFault(v string) string {
	if _, _, ok := parseBy(v); !ok {
		return "is not a number of seconds, a semicolon, and R (above 0) or N"
	}
	return ""
}

// priorityFault checks priority-value (RFC 6710 §4).
func priorityFault(v string) string {
	n, err := strconv.Atoi(v)
	if err != nil || n < -9 || n > 9 || strings.HasPrefix(v, "+") {
		return "is not a number from -9 to 9"
	}
	return ""
}

// sizeFault checks size-value (RFC 1870 §3).
func sizeFault(v string) string {
	if v == "" || len(v) > 20 || strings.Trim(v, "0123456789") != "" {
		return "is not a number of octets"
	}
	return ""
}

// bodyFault checks body-value (RFC 6152 §2).
func bodyFault(v string) string {
	if !strings.EqualFold(v, "7BIT") && !strings.EqualFold(v, "8BITMIME") {
		return "is neither 7BIT nor 8BITMIME"
	}
	return ""
}

func flagFault(v string) string {
	if v != "" {
		return "does not take a value"
	}
	return ""
}

func emptyFault(v string) string {
	if v == "" {
		return "has no value"
	}
	return ""
}

// returnFault checks ret-value (RFC 3461 §4.3).
func returnFault(v string) string {
	if !strings.EqualFold(v, "FULL") && !strings.EqualFold(v, "HDRS") {
		return "is neither FULL nor HDRS"
	}
	return ""
}

// notifyFault checks notify-esmtp-value (RFC 3461 §4.1).
func notifyFault(v string) string {
	if strings.EqualFold(v, "NEVER") {
		return ""
	}
	for word := range strings.SplitSeq(v, ",") {
		switch strings.ToUpper(word) {
		case "SUCCESS", "FAILURE", "DELAY":
		default:
			return "is neither NEVER nor a list of SUCCESS, FAILURE and DELAY"
		}
	}
	return ""
}

// xtextFault checks xtext (RFC 3461 §4). Lower-case hexadecimal digits are accepted:
// senders write them and receivers read them.
func xtextFault(v string) string {
	if v == "" {
		return "has no value"
	}
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '+':
			if i+2 >= len(v) || !isHex(v[i+1]) || !isHex(v[i+2]) {
				return "has a + without two hexadecimal digits after it"
			}
			i += 2
		case c <= ' ' || c > '~' || c == '=':
			return fmt.Sprintf("has %q, which is not xtext", v[i:i+runeLength(v[i:])])
		}
	}
	return ""
}

func runeLength(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// originalRecipientFault checks original-recipient-address (RFC 3461 §4.2): any atom
// is an address type, known or not. For the type utf-8, octets that are not ASCII
// are allowed (RFC 6533 §3).
func originalRecipientFault(v string) string {
	kind, address, found := strings.Cut(v, ";")
	switch {
	case !found || !isAtom(kind):
		return "does not begin with an address type and a semicolon"
	case address == "":
		return "" // xtext may be empty
	case strings.EqualFold(kind, "utf-8") && !envelope.IsASCII(address):
		return unitextFault(address)
	}
	return xtextFault(address)
}

// isAtom reports whether s is an atom (RFC 822 §3.3).
func isAtom(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\".[]`, r)
	})
}

// unitextFault checks utf-8-addr-unitext (RFC 6533 §3).
func unitextFault(s string) string {
	if !utf8.ValidString(s) {
		return "is not UTF-8"
	}
	for i, r := range s {
		switch {
		case r == '\\' && !embeddedRune(s[i:]):
			return `has a \ that does not begin \x{…}`
		case r <= ' ' || r == '+' || r == '=' || r == 0x7f || r >= utf8.RuneSelf && !envelope.IsUnicode(r):
			return fmt.Sprintf("has %q, which is not allowed in a utf-8 address", r)
		}
	}
	return ""
}

// embeddedRune reports whether s begins with an EmbeddedUnicodeChar: \x{F6}.
func embeddedRune(s string) bool {
	digits, found := strings.CutPrefix(s, `\x{`)
	end := strings.IndexByte(digits, '}')
	return found && end >= 2 && end <= 6 && strings.Trim(digits[:end], "0123456789abcdefABCDEF") == ""
}

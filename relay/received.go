package relay

import (
	"crypto/tls"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"
)

// trace is the trace information of a Received field (RFC 5321 §4.4).
type trace struct {
	hello    string // what the client called itself, cleaned
	client   netip.Addr
	hostname string // ours
	extended bool   // EHLO rather than HELO
	utf8     bool   // SMTPUTF8 (RFC 6531 §4.3)
	tls      *tls.ConnectionState
	auth     bool
	id       string
	rcpt     string // the only recipient, or ""
	at       time.Time
}

// protocol returns the "with" clause (RFC 3848, RFC 6531 §4.3).
func (t *trace) protocol() string {
	if !t.extended {
		return "SMTP"
	}
	p := "ESMTP"
	if t.utf8 {
		p = "UTF8SMTP"
	}
	if t.tls != nil {
		p += "S"
	}
	if t.auth {
		p += "A"
	}
	return p
}

// field returns the field with its CRLF.
func (t *trace) field() string {
	b := make([]byte, 0, 512)
	add := func(words ...string) {
		for _, w := range words {
			b = append(b, w...)
		}
	}
	add("Received: from ", helloDomain(t.hello), " (", literal(t.client), ")\r\n\tby ", t.hostname, " with ", t.protocol(), " id ", t.id)
	if rcpt := forClause(t.rcpt); rcpt != "" {
		add("\r\n\tfor <", rcpt, ">")
	}
	if t.tls != nil {
		// RFC 8314 §4.3 has the clause for the cipher suite; the version is a comment.
		add("\r\n\ttls ", tls.CipherSuiteName(t.tls.CipherSuite), " (", tls.VersionName(t.tls.Version), ")")
	}
	add(";\r\n\t")
	b = t.at.AppendFormat(b, "Mon, 2 Jan 2006 15:04:05 -0700")
	add("\r\n")
	return string(b)
}

// maxForPath is the longest path in a "for" clause. A path has at most 256 octets
// (RFC 5321 §4.5.3.1.3); a longer one is forwarded, since the next hop may accept
// it, but our field keeps its lines short (RFC 5322 §2.1.1).
const maxForPath = 256

// forClause returns the recipient for the "for" clause, "" when it would make the
// field too long or contain what no reader of a header expects there.
func forClause(rcpt string) string {
	if len(rcpt) > maxForPath || !utf8.ValidString(rcpt) || strings.ContainsFunc(rcpt, func(r rune) bool { return !logged(r) }) {
		return ""
	}
	return rcpt
}

// helloDomain returns the EHLO argument in the form of the grammar: a domain or an
// address literal.
func helloDomain(s string) string {
	if s == "" || strings.ContainsRune(s, '?') || s[0] != '[' && strings.ContainsAny(s, ":[]") {
		return "unknown"
	}
	return s
}

// literal is the address-literal of RFC 5321 §4.1.3.
func literal(a netip.Addr) string {
	switch {
	case !a.IsValid():
		return "[]"
	case a.Is4():
		return "[" + a.String() + "]"
	}
	return "[IPv6:" + a.WithZone("").String() + "]"
}

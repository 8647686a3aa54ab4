package dkim

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// maxAuthors is how many different domains of authors are looked at.
const maxAuthors = 20

// authorDomains returns the different domains in the From fields of a header
// section, in lower case and as A-labels, and the number of those fields.
func authorDomains(header []byte) (domains []string, fields int) {
	for _, f := range split(header) {
		name, body, _ := bytes.Cut(f, []byte(":"))
		if !isField(name, "From") {
			continue
		}
		fields++
		for _, mailbox := range mailboxes(string(body)) {
			if d := domainOf(mailbox); d != "" && len(domains) < maxAuthors && !slices.Contains(domains, d) {
				domains = append(domains, d)
			}
		}
	}
	return domains, fields
}

// signatures reports whether a header section has a DKIM-Signature, and one of a
// domain.
func signatures(header []byte, domain string) (has, own bool) {
	for _, f := range split(header) {
		name, body, _ := bytes.Cut(f, []byte(":"))
		if !isField(name, "DKIM-Signature") {
			continue
		}
		has = true
		for tag := range strings.SplitSeq(string(body), ";") {
			key, value, _ := strings.Cut(tag, "=")
			own = own || strings.TrimSpace(key) == "d" && strings.EqualFold(strings.TrimSpace(value), domain)
		}
	}
	return has, own
}

// mailboxes splits an address list (RFC 5322 §3.4) at its commas and returns the
// address of each mailbox: what is in angle brackets, else all of it. Comments and
// quoted strings are left out: a comma or a bracket in them separates nothing.
func mailboxes(list string) []string {
	var r mailboxReader
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '(':
			i = commentEnd(list, i)
		case '"':
			i = quoteEnd(list, i)
		default:
			r.octet(list[i])
		}
	}
	r.end()
	return r.found
}

// mailboxReader receives an address list without comments and quoted strings.
type mailboxReader struct {
	plain, angle strings.Builder // outside and inside of angle brackets
	inside       bool
	bracketed    bool // there were brackets
	found        []string
}

func (r *mailboxReader) octet(c byte) {
	switch {
	case c == '<':
		r.angle.Reset()
		r.inside, r.bracketed = true, true
	case c == '>' && r.inside:
		r.inside = false
	case c == ',' && !r.inside || c == ';':
		r.end()
	case c == ':' && !r.inside: // the name of a group
		r.plain.Reset()
	case r.inside:
		r.angle.WriteByte(c)
	default:
		r.plain.WriteByte(c)
	}
}

// end ends a mailbox.
func (r *mailboxReader) end() {
	address := r.plain.String()
	if r.bracketed {
		address = r.angle.String()
	}
	*r = mailboxReader{found: append(r.found, strings.TrimSpace(address))}
}

// commentEnd returns the offset of the parenthesis that ends the comment at i; the end
// of the text when there is none.
func commentEnd(s string, i int) int {
	for depth := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// quoteEnd returns the offset of the quote that ends the quoted-string at i; the end
// of the text when there is none.
func quoteEnd(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(s)
}

// maxDomain bounds what is converted to A-labels, in octets; RFC 5321 §4.5.3.1.2 has
// 255. The time that it takes grows with the square of the length.
const maxDomain = 1024

// domainOf returns the domain of an address in the form in which domains are
// compared; "" when there is none.
func domainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return ""
	}
	domain := strings.TrimSuffix(strings.ToLower(strings.Join(strings.Fields(address[at+1:]), "")), ".")
	if len(domain) > maxDomain {
		return ""
	}
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		return ascii
	}
	return domain
}

package dkim

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

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
			if d := domainOf(mailbox); d != "" && !slices.Contains(domains, d) {
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
// quoted strings outside of the brackets are left out: a comma or a bracket in them
// separates nothing.
func mailboxes(list string) (found []string) {
	var angle, plain strings.Builder
	inside, closed, depth := false, false, 0
	end := func() {
		address := plain.String()
		if closed || inside {
			address = angle.String()
		}
		found = append(found, strings.TrimSpace(address))
		angle.Reset()
		plain.Reset()
		inside, closed = false, false
	}
	for i := 0; i < len(list); i++ {
		c := list[i]
		switch {
		case depth > 0:
			switch c {
			case '\\':
				i++
			case '(':
				depth++
			case ')':
				depth--
			}
		case c == '(':
			depth++
		case c == '"':
			i = quoteEnd(list, i)
		case c == '<':
			angle.Reset()
			inside = true
		case c == '>' && inside:
			inside, closed = false, true
		case c == ',' && !inside || c == ';':
			end()
		case c == ':' && !inside: // the name of a group
			plain.Reset()
		case inside:
			angle.WriteByte(c)
		default:
			plain.WriteByte(c)
		}
	}
	end()
	return found
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

// domainOf returns the domain of an address in the form in which domains are
// compared; "" when there is none.
func domainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return ""
	}
	domain := strings.TrimSuffix(strings.ToLower(strings.Join(strings.Fields(address[at+1:]), "")), ".")
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		return ascii
	}
	return domain
}

package remedy

import (
	"net/url"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

const mailtoScheme = "mailto:"

// mailbox returns the address of a mailto URI (RFC 6068 §2).
func mailbox(uri string) (addr string, ok bool) {
	uri = strings.TrimSpace(uri)
	if len(uri) <= len(mailtoScheme) || !strings.EqualFold(uri[:len(mailtoScheme)], mailtoScheme) {
		return "", false
	}
	return strings.TrimSpace(uri[len(mailtoScheme):]), true
}

func isMailto(uri string) bool { _, ok := mailbox(uri); return ok }

// sameMailbox reports whether a calendar user address is meant to be that mail
// address, however it is spelt: with blanks, quotes, a name or angle brackets,
// the scheme twice or not at all, escapes, or headers (RFC 6068 §2). It is for
// questions whose answer must not hang on a defect that another remedy mends.
func sameMailbox(uri, addr string) bool {
	return addr != "" && strings.EqualFold(plainMailbox(uri), plainMailbox(addr))
}

func plainMailbox(uri string) string {
	addr, ok := mailbox(uri)
	if !ok {
		addr = uri
	}
	if bareAddress(addr) && addr[0] != '\'' && addr[len(addr)-1] != '\'' {
		return addr // nearly always
	}
	const around = " \t\u00a0\"'"
	s := strings.Trim(uri, around)
	for len(s) >= len(mailtoScheme) && strings.EqualFold(s[:len(mailtoScheme)], mailtoScheme) {
		s = strings.Trim(s[len(mailtoScheme):], around)
	}
	if _, in, ok := strings.Cut(s, "<"); ok {
		s, _, _ = strings.Cut(in, ">")
	}
	s, _, _ = strings.Cut(s, "?")
	if plain, err := url.PathUnescape(s); err == nil {
		s = plain
	}
	return strings.Trim(s, around)
}

// names reports whether a person's property is about that mail address: in its
// value or in a parameter that holds one (RFC 5545 §3.2.4, §3.2.5, §3.2.11,
// §3.2.18; RFC 7986 §6.2).
func names(l *ical.Line, addr string) bool {
	if sameMailbox(l.Value(), addr) {
		return true
	}
	if strings.IndexByte(addr, '@') >= 0 && !strings.ContainsAny(head(l), "@%") {
		return false
	}
	for _, p := range l.Params() {
		switch p.Name {
		case "EMAIL", "SENT-BY", "MEMBER", "DELEGATED-TO", "DELEGATED-FROM":
			for _, v := range p.Values {
				if sameMailbox(v, addr) {
					return true
				}
			}
		}
	}
	return false
}

// mailtoURI writes an address as a mailto URI. It fails for an address that
// is no bareAddress.
func mailtoURI(addr string) (uri string, ok bool) {
	if !bareAddress(addr) {
		return "", false
	}
	return mailtoScheme + addr, true
}

// bareAddress reports whether an address can stand in a mailto URI without escapes
// (RFC 6068 §2), which hardly any calendar reads.
func bareAddress(addr string) bool {
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || at == len(addr)-1 {
		return false
	}
	for i := 0; i < len(addr); i++ {
		c := addr[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '.' {
			continue
		}
		switch c {
		case '"', '%', '?', '#', '<', '>', '(', ')', '[', ']', '\\', ',', ';', ':', '/':
			return false
		default:
			if c <= ' ' || c >= 0x7f {
				return false
			}
		}
	}
	return true
}

// only returns the one address that the mail goes to, by its header fields and
// by its envelope; ok is false when there is none or more than one.
func (m *Mail) only() (addr string, ok bool) {
	same := true
	m.eachRecipient(func(a string) {
		if addr == "" {
			addr = a
		}
		same = same && strings.EqualFold(addr, a)
	})
	return addr, addr != "" && same
}

// onlyOfUs returns the one address of the envelope when the mail is addressed
// to it alone, whoever gets copies. On the way in the envelope names those of
// its recipients who are ours.
func (m *Mail) onlyOfUs() (addr string, ok bool) {
	if len(m.Recipients) != 1 || len(m.To) != 1 {
		return "", false
	}
	return m.To[0].Address, strings.EqualFold(m.To[0].Address, m.Recipients[0])
}

// eachRecipient calls f for the addresses of To, Cc and the envelope.
func (m *Mail) eachRecipient(f func(addr string)) {
	for _, a := range m.To {
		f(a.Address)
	}
	for _, a := range m.Cc {
		f(a.Address)
	}
	for _, a := range m.Recipients {
		f(a)
	}
}

// author returns the one address of the From field, "" without exactly one.
func (m *Mail) author() string {
	if len(m.From) != 1 {
		return ""
	}
	return m.From[0].Address
}

// clone copies a property; the copy is written in canonical form.
func clone(l *ical.Line) *ical.Line {
	return ical.NewLine(l.WrittenName(), l.Value(), l.Params()...)
}

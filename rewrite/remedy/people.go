package remedy

import (
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
	return uri[len(mailtoScheme):], true
}

// mailtoURI writes an address as a mailto URI. It fails for an address that
// is no bareAddress.
func mailtoURI(addr string) (uri string, ok bool) {
	if !bareAddress(addr) {
		return "", false
	}
	return mailtoScheme + addr, true
}

// bareAddress says whether an address can stand in a mailto URI without escapes
// (RFC 6068 §2), which hardly any calendar reads.
func bareAddress(addr string) bool {
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || at == len(addr)-1 {
		return false
	}
	for i := 0; i < len(addr); i++ {
		if c := addr[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"%?#<>()[]\\,;:/", c) >= 0 {
			return false
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

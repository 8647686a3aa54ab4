package rewrite

import (
	"bytes"
	"fmt"
	"io"
	stdmime "mime"
	"net/mail"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/charset"
	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// readFields parses the header fields of the message. A field that cannot be parsed
// is skipped: remedies use these fields as hints only.
func readFields(msg *message, recipients []string) (m remedy.Mail, err error) {
	h, err := mime.ReadHeader(msg.src, msg.tree.Root())
	if err != nil {
		return m, err
	}
	dec := &stdmime.WordDecoder{CharsetReader: charsetReader}
	addresses := &mail.AddressParser{WordDecoder: dec}
	m.Recipients = recipients
	var room [len("message-id")]byte // for the longest name that is read
	for f := range h.Fields() {
		if len(f.Name) > len(room) {
			continue
		}
		text := func() string { return unfold(string(bytes.TrimSpace(f.Body))) }
		switch string(appendLower(room[:0], f.Name)) {
		case "from":
			m.From = append(m.From, addressList(addresses, text())...)
		case "sender":
			if list := addressList(addresses, text()); len(list) > 0 && m.Sender == nil {
				m.Sender = list[0]
			}
		case "to":
			m.To = append(m.To, addressList(addresses, text())...)
		case "cc":
			m.Cc = append(m.Cc, addressList(addresses, text())...)
		case "date":
			if t, err := parseDate(text()); err == nil && m.Date.IsZero() {
				m.Date = t
			}
		case "subject":
			if s, err := dec.DecodeHeader(text()); err == nil && m.Subject == "" {
				m.Subject = s
			}
		case "message-id":
			m.MessageID = text()
		case "list-id":
			if m.List == "" {
				m.List = text()
			}
		case "x-mimeole", "x-mailer", "user-agent":
			if m.Mailer == "" {
				m.Mailer = text()
			}
		}
	}
	return m, nil
}

// parseDate parses a Date field. The usual form is tried first: net/mail tries it
// after many other forms, and makes an error for each.
func parseDate(s string) (time.Time, error) {
	if t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", s); err == nil {
		return t, nil
	}
	return mail.ParseDate(s)
}

// maxAddressField bounds what is parsed of one address field.
const maxAddressField = 64 << 10

// addressList reads an address field; when one address is broken, those that
// can be read alone.
func addressList(p *mail.AddressParser, s string) []*mail.Address {
	if len(s) > maxAddressField {
		return nil
	}
	if list, err := p.ParseList(s); err == nil {
		return list
	}
	var out []*mail.Address
	for _, one := range splitOutsideQuotes(s) {
		if a, err := p.Parse(strings.TrimSpace(one)); err == nil {
			out = append(out, a)
		}
	}
	return out
}

// splitOutsideQuotes splits at commas that are not in a quoted-string. A quote
// that is not closed hides the rest.
func splitOutsideQuotes(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ',' && !quoted
	})
}

// appendLower appends a field name in lower case.
func appendLower(b, name []byte) []byte {
	for _, c := range name {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		b = append(b, c)
	}
	return b
}

var unfolder = strings.NewReplacer("\r\n", "", "\n", "")

func unfold(s string) string {
	if strings.IndexByte(s, '\n') < 0 {
		return s
	}
	return unfolder.Replace(s)
}

func charsetReader(name string, r io.Reader) (io.Reader, error) {
	enc := charset.Lookup(name)
	if enc == nil {
		return nil, fmt.Errorf("unknown character set %q", name)
	}
	return enc.NewDecoder().Reader(r), nil
}

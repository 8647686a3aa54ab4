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

// readMail reads what the message's own header fields say. A field that cannot
// be read is passed over: remedies use these fields as hints only.
func (w *work) readMail() error {
	h, err := mime.ReadHeader(w.src, w.tree.Root())
	if err != nil {
		return err
	}
	dec := &stdmime.WordDecoder{CharsetReader: charsetReader}
	addresses := &mail.AddressParser{WordDecoder: dec}
	m := &w.mail
	m.Recipients = w.o.Recipients
	var room [len("message-id")]byte // for the longest name that is of interest
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
	return nil
}

// parseDate reads a Date field. What nearly all mail has is tried first:
// net/mail comes to it behind many other forms, each with an error made for it.
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

// handsOff says why the whole message must not be changed, "" when it may be.
func (w *work) handsOff() string {
	if w.o.DKIM == KeepDKIM && w.tree.Signature != "" {
		return "dkim: a repair would break the " + w.tree.Signature
	}
	if w.o.DKIM == KeepDKIM || w.o.AuthServID != "" { // a signature of a person, which no server verifies
		for _, p := range w.tree.Parts {
			if !p.Enclosed && p.Detached() && (p.Parent == nil || p.Parent.Sealed == "") {
				return "signed: a detached signature in part " + p.Path()
			}
		}
	}
	senders := []string{strings.Trim(w.o.Sender, "<>")}
	for _, a := range w.mail.From {
		senders = append(senders, a.Address)
	}
	for _, entry := range w.o.SkipFrom {
		for _, s := range senders {
			if s != "" && matchSender(entry, s) {
				return "skip_from: " + entry
			}
		}
	}
	return ""
}

// matchSender says whether an address is meant by an entry: an address, a
// domain, or "*." and a domain for everything below it.
func matchSender(entry, address string) bool {
	if at := strings.LastIndexByte(entry, '@'); at > 0 {
		return strings.EqualFold(entry, address)
	}
	entry = strings.ToLower(strings.TrimPrefix(entry, "@"))
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	if below, ok := strings.CutPrefix(entry, "*"); ok {
		return strings.HasSuffix(domain, below)
	}
	return entry == domain && entry != ""
}

// traceField is the X-Reconvene field on top of a changed mail. A mbox "From "
// line stays the first one.
func (w *work) traceField() mime.Edit {
	at := int64(0)
	if h, err := mime.ReadHeader(w.src, w.tree.Root()); err == nil && strings.HasPrefix(string(h.Octets), "From ") {
		at = int64(strings.IndexByte(string(h.Octets), '\n') + 1)
	}
	var b strings.Builder
	b.WriteString("X-Reconvene:")
	width := b.Len()
	made := w.report.Applied()
	if w.o.Fallback != FallbackNone {
		made = append(made, "form-"+string(w.o.Fallback))
	}
	for i, id := range made {
		if i > 0 {
			b.WriteByte(',')
			width++
		}
		if width+len(id)+2 > 78 {
			b.WriteString(w.tree.EOL)
			width = 0
		}
		b.WriteString(" " + id)
		width += len(id) + 1
	}
	b.WriteString(w.tree.EOL)
	return mime.Edit{Start: at, End: at, Text: []byte(b.String())}
}

// partHeader is what remedies see of a part's header fields.
func partHeader(p *mime.Part) remedy.PartHeader {
	ph := remedy.PartHeader{
		MediaType:   p.MediaType,
		Method:      p.Params.Get("method"),
		Charset:     p.Params.Get("charset"),
		Component:   p.Params.Get("component"),
		Name:        p.Filename,
		Disposition: p.Disposition,
		ContentID:   p.ContentID,
		Encoding:    p.Encoding,
		Alternative: p.Parent != nil && p.Parent.MediaType == "multipart/alternative",
	}
	if p.WrittenType != "" {
		ph.MediaType = p.WrittenType
	}
	if p.Text() {
		ph.Quoted = p.QuotedNeedlessly("charset")
	} else {
		// only text/* has a charset; RFC 5545 §3.1.4 makes it UTF-8
		ph.Charset = "utf-8"
	}
	return ph
}

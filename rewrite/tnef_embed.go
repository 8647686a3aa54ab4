package rewrite

import (
	stdmime "mime"
	"net/mail"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// Properties that head an attached message ([MS-OXPROPS]).
const (
	pidSubject      = 0x0037
	pidSubmitTime   = 0x0039
	pidSentName     = 0x0042
	pidSentType     = 0x0064
	pidSentAddress  = 0x0065
	pidSentSMTP     = 0x5D02
	pidRcptType     = 0x0C15
	pidSenderName   = 0x0C1A
	pidSenderType   = 0x0C1E
	pidSenderAddr   = 0x0C1F
	pidSenderSMTP   = 0x5D01
	pidDeliveryTime = 0x0E06
	pidMessageID    = 0x1035
	pidDisplayName  = 0x3001
	pidAddressType  = 0x3002
	pidAddress      = 0x3003
	pidSMTPAddress  = 0x39FE
)

// embeddedEntity returns an attached message as message/rfc822. An item of
// which a mail could show nothing (a contact without a note) stays TNEF, so
// that Outlook can still read it.
func embeddedEntity(a *tnef.Attachment) entity {
	m := a.Embedded
	meeting, err := m.Meeting(tnef.Outer{})
	if err != nil && !readable(m) {
		return entity{
			mediaType: "application/ms-tnef", params: []param{{"name", "winmail.dat"}}, encoding: "base64",
			disposition: "attachment", filename: "winmail.dat", data: tnef.Write(m),
		}
	}
	var calendar []entity
	if err == nil {
		calendar = []entity{textEntity("text/calendar", meeting.Calendar, param{"method", meeting.Method})}
	}
	return entity{
		mediaType: "message/rfc822", disposition: "attachment",
		message: &letter{fields: letterFields(m), body: content(m, calendar, showAll)},
	}
}

// readable reports whether there is something in an item that a mail can show: it
// is a mail, or a task, contact or note with text or files.
func readable(m *tnef.Message) bool {
	if isNote(m.Class) {
		return true
	}
	text, html := m.Body()
	return !isSecure(m.Class) && (strings.TrimSpace(text) != "" || len(html) > 0 || len(m.Attachments) > 0)
}

// isNote reports whether a message class is that of ordinary mail.
func isNote(class string) bool {
	class = strings.ToUpper(strings.TrimSpace(class))
	for _, note := range []string{"IPM.NOTE", "IPM.MICROSOFT MAIL.NOTE"} {
		if rest, ok := strings.CutPrefix(class, note); ok && (rest == "" || rest[0] == '.') {
			return !isSecure(class)
		}
	}
	return class == "" || class == "IPM"
}

// sealedBy returns what makes the content of a stream signed or encrypted: its class,
// or a file of it that is the sealed content itself, whatever the class says
// ([MS-OXOSMIME] §2.2). "" is nothing.
func sealedBy(m *tnef.Message) string {
	if isSecure(m.Class) {
		return m.Class
	}
	for i := range m.Attachments {
		a := &m.Attachments[i]
		kind, _, _ := strings.Cut(strings.ToLower(a.Type), ";")
		kind = strings.TrimSpace(kind)
		switch kind {
		case "multipart/signed", "multipart/encrypted", "application/pgp-encrypted", "application/pgp-signature":
			return kind
		}
		if strings.HasPrefix(kind, "application/pkcs7-") || strings.HasPrefix(kind, "application/x-pkcs7-") {
			return kind
		}
		if name := strings.ToLower(a.Name); name == "smime.p7m" || name == "smime.p7s" {
			return name
		}
	}
	return ""
}

// isSecure reports whether a message class is that of signed or encrypted mail
// ([MS-OXOSMIME]).
func isSecure(class string) bool { return strings.Contains(strings.ToUpper(class), ".SMIME") }

// letterFields are the header fields of an attached message.
func letterFields(m *tnef.Message) []string {
	var out []string
	add := func(name, text string) {
		if text != "" {
			out = append(out, name+": "+text)
		}
	}
	p := m.Props
	add("From", person(p, pidSentName, pidSentType, pidSentAddress, pidSentSMTP))
	sender := person(p, pidSenderName, pidSenderType, pidSenderAddr, pidSenderSMTP)
	switch {
	case len(out) == 0:
		add("From", sender)
	case "From: "+sender != out[0]:
		add("Sender", sender)
	}
	for _, at := range []uint16{pidSubmitTime, pidDeliveryTime} {
		if t, ok := p.Get(at).Time(); ok {
			add("Date", t.UTC().Format(time.RFC1123Z))
			break
		}
	}
	add("To", people(m.Recipients, 1))
	add("Cc", people(m.Recipients, 2))
	subject, _ := p.Get(pidSubject).Text()
	add("Subject", words(subject))
	if id, _ := p.Get(pidMessageID).Text(); strings.HasPrefix(id, "<") && contentID(strings.Trim(id, "<>")) != "" {
		add("Message-ID", id)
	}
	return out
}

// maxPeople bounds the addresses of one field.
const maxPeople = 1000

// people lists the recipients of a kind (1 To, 2 Cc), folded.
func people(rows []tnef.Props, kind int64) string {
	var out []string
	for _, row := range rows {
		if k, _ := row.Get(pidRcptType).Int(); k == kind && len(out) < maxPeople {
			if who := person(row, pidDisplayName, pidAddressType, pidAddress, pidSMTPAddress); who != "" {
				out = append(out, who)
			}
		}
	}
	return strings.Join(out, ",\r\n\t")
}

// person is somebody as an address field shows them: with the Internet address
// where there is one. An address of Exchange's own (type EX) means nothing
// outside; then the name stands alone.
func person(p tnef.Props, name, kind, address, smtp uint16) string {
	display, _ := p.Get(name).Text()
	mailbox, _ := p.Get(smtp).Text()
	if mailbox == "" {
		if k, _ := p.Get(kind).Text(); k == "" || strings.EqualFold(k, "SMTP") {
			mailbox, _ = p.Get(address).Text()
		}
	}
	who := mail.Address{Name: clipped(display)}
	if a, err := mail.ParseAddress("<" + mailbox + ">"); err == nil && len(mailbox) <= 320 && mime.ASCII([]byte(mailbox)) {
		who.Address = a.Address
		return folded(who.String())
	}
	if who.Name == "" {
		return ""
	}
	// an empty group says a name without an address (RFC 6854)
	return folded(strings.TrimSuffix(who.String(), " <@>")) + ":;"
}

// words writes a text so that it fits into a header field (RFC 2047).
func words(s string) string {
	return folded(stdmime.QEncoding.Encode("utf-8", clipped(s)))
}

// folded puts each encoded word on a line of its own.
func folded(s string) string { return strings.ReplaceAll(s, "?= =?", "?=\r\n =?") }

// clipped is a text on one line and of a length that a field can take.
func clipped(s string) string {
	s = string(textLines(s))
	s = strings.Join(strings.Fields(s), " ")
	return strings.ToValidUTF8(s[:min(len(s), 400)], "")
}

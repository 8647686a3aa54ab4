package tnef

import (
	"errors"
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// person is somebody with an address of the internet.
type person struct{ name, address string }

// Kinds of recipients, flags and answers of a recipient row.
const (
	recipientTo  = 1
	recipientCc  = 2
	recipientBcc = 3 // resources; and whom nobody may see

	rowOrganizer = 0x02
	rowDeleted   = 0x20 // from this occurrence
)

var trackStatus = map[int64]string{2: "TENTATIVE", 3: "ACCEPTED", 4: "DECLINED"}

// attendee is a person with a part in the meeting.
type attendee struct {
	person
	kind     int64
	partstat string
}

// people finds organizer and attendees.
func (b *builder) people() error {
	represented := personIn(b, pidTagSentName, pidTagSentType, pidTagSentAddress, pidTagSentSMTP)
	if represented.address == "" {
		represented = outerPerson(b.o.From)
	}
	sender := personIn(b, pidTagSenderName, pidTagSenderType, pidTagSenderAddress, pidTagSenderSMTP)
	if sender.address == "" {
		sender = outerPerson(b.o.Sender)
	}
	if sender.address == "" {
		sender = outerPerson(b.o.From)
	}
	if represented.address == "" {
		return errors.New("it does not name the sender")
	}
	if strings.EqualFold(sender.address, represented.address) {
		sender = person{}
	}
	b.sentBy = sender.address
	if b.class.partstat == "" {
		b.organizer = represented
		return invited(b)
	}
	b.attendees = []attendee{{represented, recipientTo, b.class.partstat}}
	b.organizer = personIn(b, pidTagReceivedName, pidTagReceivedType, pidTagReceivedAddress, pidTagReceivedSMTP)
	if b.organizer.address == "" && len(b.o.To) > 0 {
		b.organizer = outerPerson(b.o.To[0])
	}
	if b.organizer.address == "" {
		return errors.New("it does not name the organizer to whom it responds")
	}
	return nil
}

// personIn reads the four properties in which MAPI keeps a person. The
// address of a person inside Exchange is an X.500 name, of no use outside.
func personIn(b *builder, name, kind, email, smtp uint16) person {
	return personOf(b.m.Props, name, kind, email, smtp)
}

func personOf(p Props, name, kind, email, smtp uint16) person {
	out := person{name: words(p.Get(name)), address: mailAddress(words(p.Get(smtp)))}
	if out.address == "" && strings.EqualFold(words(p.Get(kind)), "SMTP") {
		out.address = mailAddress(words(p.Get(email)))
	}
	return out
}

func outerPerson(a *mail.Address) person {
	if a == nil {
		return person{}
	}
	return person{a.Name, mailAddress(a.Address)}
}

// mailAddress returns an address that is valid in a mailto URI, "" for any other.
func mailAddress(s string) string {
	s = strings.Trim(strings.TrimSpace(s), "'<>")
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || len(s) > 320 || strings.ContainsAny(s, " \t\"<>,;:\\") {
		return ""
	}
	if !utf8.ValidString(s) || strings.IndexFunc(s, unprintable) >= 0 {
		return ""
	}
	return s
}

// maxAttendees bounds the attendees: larger meetings have a list for one.
const maxAttendees = 5000

// invited finds the attendees of a request or a cancellation: in the recipient
// table, else in the header of the mail, else in the lists of names. PUBLISH
// has none (RFC 5546 §3.2.1).
func invited(b *builder) error {
	if b.class.method == "PUBLISH" {
		return nil
	}
	fromTable(b)
	if len(b.attendees) == 0 {
		fromHeader(b)
	}
	if len(b.attendees) == 0 {
		fromNames(b)
	}
	if len(b.attendees) == 0 && b.class.method == "REQUEST" {
		return errors.New("it does not name the invited people")
	}
	if len(b.attendees) > maxAttendees {
		return errors.New("it invites too many people")
	}
	return nil
}

// invite adds an attendee unless he is there already.
func invite(b *builder, a attendee) {
	key := strings.ToLower(a.address)
	if a.address == "" || len(b.attendees) > maxAttendees || b.seen[key] || strings.EqualFold(a.address, b.organizer.address) {
		return
	}
	if b.seen == nil {
		b.seen = map[string]bool{}
	}
	b.seen[key] = true
	b.attendees = append(b.attendees, a)
}

// fromTable reads the recipient table. A blind copy is shown only when the
// meeting itself names it as a resource.
func fromTable(b *builder) {
	resources := splitNames(words(b.m.Props.Named(SetMeeting, lidResources)))
	addresses := outerAddresses(b)
	for _, row := range b.m.Recipients {
		flags := integer(row.Get(pidTagRecipientFlags), 0)
		if flags&(rowOrganizer|rowDeleted) != 0 {
			continue
		}
		a := attendee{kind: integer(row.Get(pidTagRecipientType), recipientTo) & 0xF}
		a.person = personOf(row, PidTagDisplayName, pidTagAddressType, pidTagEmailAddress, pidTagSMTPAddress)
		if a.kind == recipientBcc && !resources[strings.ToLower(a.name)] && !resources[strings.ToLower(a.address)] {
			continue
		}
		if a.address == "" {
			a.address = addresses[strings.ToLower(a.name)]
		}
		if a.address == "" {
			b.warn("an attendee of the recipient table has no internet mail address")
			continue
		}
		a.partstat = trackStatus[integer(row.Get(pidTagTrackStatus), 0)]
		invite(b, a)
	}
}

// outerAddresses gives the addresses of the header of the mail by name.
func outerAddresses(b *builder) map[string]string {
	out := map[string]string{}
	for _, list := range [][]*mail.Address{b.o.To, b.o.Cc} {
		for _, a := range list {
			if a != nil && a.Name != "" {
				out[strings.ToLower(a.Name)] = mailAddress(a.Address)
			}
		}
	}
	return out
}

// fromHeader takes To and Cc of the mail, never Bcc. Names come from the lists
// of names where the mail has none.
func fromHeader(b *builder) {
	names := map[string]string{}
	for _, p := range named(b, lidToAttendees, lidCcAttendees, lidAllAttendees) {
		names[strings.ToLower(p.address)] = p.name
	}
	resources := splitNames(words(b.m.Props.Named(SetMeeting, lidResources)))
	add := func(list []*mail.Address, kind int64) {
		for _, a := range list {
			p := outerPerson(a)
			if p.name == "" {
				p.name = names[strings.ToLower(p.address)]
			}
			k := kind
			if resources[strings.ToLower(p.name)] || resources[strings.ToLower(p.address)] {
				k = recipientBcc
			}
			invite(b, attendee{person: p, kind: k})
		}
	}
	add(b.o.To, recipientTo)
	add(b.o.Cc, recipientCc)
}

// fromNames takes the addresses that stand in the lists of names.
func fromNames(b *builder) {
	for _, p := range named(b, lidToAttendees) {
		invite(b, attendee{person: p, kind: recipientTo})
	}
	for _, p := range named(b, lidCcAttendees) {
		invite(b, attendee{person: p, kind: recipientCc})
	}
	for _, p := range named(b, lidAllAttendees) {
		invite(b, attendee{person: p, kind: recipientTo})
	}
}

// named reads lists of the form "Ann Lee (ann@example.com); bob@example.com".
func named(b *builder, lids ...uint32) []person {
	var out []person
	for _, lid := range lids {
		for _, s := range strings.Split(words(b.m.Props.Named(SetAppointment, lid)), ";") {
			s = strings.TrimSpace(s)
			p := person{address: mailAddress(s)}
			if open := strings.LastIndexByte(s, '('); p.address == "" && open >= 0 && strings.HasSuffix(s, ")") {
				p = person{strings.TrimSpace(s[:open]), mailAddress(s[open+1 : len(s)-1])}
			}
			if p.address != "" && len(out) < maxAttendees {
				out = append(out, p)
			}
		}
	}
	return out
}

func splitNames(list string) map[string]bool {
	out := map[string]bool{}
	for _, s := range strings.Split(list, ";") {
		if s = strings.ToLower(strings.TrimSpace(s)); s != "" {
			out[s] = true
		}
	}
	return out
}

// peopleLines writes ORGANIZER and ATTENDEE.
func (b *builder) peopleLines() []*ical.Line {
	organizer := ical.NewLine("ORGANIZER", "mailto:"+b.organizer.address)
	setName(organizer, b.organizer)
	reply := b.class.partstat != ""
	if b.sentBy != "" && !reply {
		organizer.SetParam("SENT-BY", "mailto:"+b.sentBy)
	}
	lines := []*ical.Line{organizer}
	rsvp := b.class.method == "REQUEST" && wantsAnswer(b)
	for _, a := range b.attendees {
		l := ical.NewLine("ATTENDEE", "mailto:"+a.address)
		setName(l, a.person)
		switch {
		case a.kind == recipientBcc:
			l.SetParam("CUTYPE", "RESOURCE")
			l.SetParam("ROLE", "NON-PARTICIPANT")
		case a.kind == recipientCc:
			l.SetParam("ROLE", "OPT-PARTICIPANT")
		case !reply:
			l.SetParam("ROLE", "REQ-PARTICIPANT")
		}
		if a.partstat == "" && b.class.method == "REQUEST" {
			a.partstat = "NEEDS-ACTION"
		}
		if a.partstat != "" {
			l.SetParam("PARTSTAT", a.partstat)
		}
		if rsvp {
			l.SetParam("RSVP", "TRUE")
		}
		if b.sentBy != "" && reply {
			l.SetParam("SENT-BY", "mailto:"+b.sentBy)
		}
		lines = append(lines, l)
	}
	return lines
}

func setName(l *ical.Line, p person) {
	name := strings.Map(func(r rune) rune { return choose(unprintable(r), ' ', r) }, strings.ToValidUTF8(p.name, "\uFFFD"))
	name = strings.Trim(name, `'" `)
	if name != "" && !strings.EqualFold(name, p.address) {
		l.SetParam("CN", name)
	}
}

// wantsAnswer reports whether the organizer requests a response, which is the
// default.
func wantsAnswer(b *builder) bool {
	for _, tag := range []uint16{pidTagResponseRequested, pidTagReplyRequested} {
		if v, ok := b.m.Props.Get(tag).boolean(); ok {
			return v
		}
	}
	return true
}

package remedy

import (
	"net/mail"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// newOrganizer makes an ORGANIZER from the mail around the calendar: its author
// for what the organizer sends, its only recipient for what an attendee sends.
// Where the mail does not say it beyond doubt it returns why.
func newOrganizer(c *Object, ev *ical.Component) (l *ical.Line, why string) {
	switch {
	case c.fromOrganizer():
		return organizerFromAuthor(c, ev)
	case fromAttendee(c):
		return organizerFromRecipient(c, ev)
	}
	return nil, "without a method, the sender's role is not known"
}

func organizerFromAuthor(c *Object, ev *ical.Component) (l *ical.Line, why string) {
	author := c.Mail.author()
	if author == "" {
		return nil, "the message does not have exactly one author"
	}
	uri, ok := mailtoURI(author)
	if !ok {
		return nil, "the author's address cannot be written as a mailto URI"
	}
	for _, it := range ev.Items {
		a := named(it, "ATTENDEE")
		if a == nil {
			continue
		}
		if sameMailbox(a.Value(), author) && !leads(a) {
			return nil, "the author of the message is an attendee, who may have forwarded it"
		}
	}
	l = ical.NewLine("ORGANIZER", uri)
	if name := strings.TrimSpace(c.Mail.From[0].Name); name != "" {
		l.SetParam("CN", name)
	}
	if by, ok := sentBy(c.Mail.Sender, author); ok {
		l.SetParam("SENT-BY", by)
	}
	return l, ""
}

func sentBy(sender *mail.Address, author string) (uri string, ok bool) {
	if sender == nil || strings.EqualFold(sender.Address, author) {
		return "", false
	}
	return mailtoURI(sender.Address)
}

// leads reports whether an ATTENDEE looks like the organizer's own entry.
func leads(a *ical.Line) bool {
	return strings.EqualFold(a.ParamValue("ROLE"), "CHAIR") || strings.EqualFold(a.ParamValue("PARTSTAT"), "ACCEPTED")
}

func organizerFromRecipient(c *Object, ev *ical.Component) (l *ical.Line, why string) {
	addr, ok := c.Mail.only()
	if !ok && c.Direction == Inbound {
		addr, ok = c.Mail.onlyOfUs()
	}
	if !ok {
		return nil, "the message does not go to exactly one address"
	}
	for _, it := range ev.Items {
		a := named(it, "ATTENDEE")
		if a == nil {
			continue
		}
		if sameMailbox(a.Value(), addr) {
			return nil, "the message goes to the attendee, not to the organizer"
		}
	}
	uri, ok := mailtoURI(addr)
	if !ok {
		return nil, "the recipient's address cannot be written as a mailto URI"
	}
	return ical.NewLine("ORGANIZER", uri), ""
}

// addOrganizer gives a component an ORGANIZER, or says why not.
func addOrganizer(c *Object, ev *ical.Component) {
	f := found(Error, ev, "ORGANIZER", "", "")
	l, why := newOrganizer(c, ev)
	if why != "" {
		c.leave(f, why)
		return
	}
	f.After = l.Text()
	if c.Found(f) {
		ev.Add(l)
	}
}

// replaceOrganizer gives an ORGANIZER property another address, and the name
// and the SENT-BY that belong to it; or says why not.
func replaceOrganizer(c *Object, ev *ical.Component, old *ical.Line) {
	f := found(Error, ev, "ORGANIZER", old.Text(), "")
	l, why := newOrganizer(c, ev)
	if why != "" {
		c.leave(f, why)
		return
	}
	f.After = l.Text()
	if !c.Found(f) {
		return
	}
	old.SetValue(l.Value())
	for _, p := range l.Params() {
		old.SetParam(p.Name, p.Values...)
	}
}

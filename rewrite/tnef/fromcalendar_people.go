package tnef

import (
	"errors"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// people writes who organizes, who is invited, and who answers.
func (p *packer) people() error {
	organizer := p.event.First("ORGANIZER")
	if organizer == nil {
		return errors.New("the event has no ORGANIZER")
	}
	if p.isResponse() {
		replier := personOfLine(p.event.First("ATTENDEE"))
		p.person(replier, pidTagSentName, pidTagSentType, pidTagSentAddress, pidTagSentSMTP)
		p.person(personOfLine(organizer), pidTagReceivedName, pidTagReceivedType, pidTagReceivedAddress, pidTagReceivedSMTP)
		p.sender(p.event.First("ATTENDEE"), replier)
		return nil
	}
	p.person(personOfLine(organizer), pidTagSentName, pidTagSentType, pidTagSentAddress, pidTagSentSMTP)
	p.sender(organizer, personOfLine(organizer))
	var resources []string
	rsvp := false
	for _, l := range p.event.Lines("ATTENDEE") {
		who := personOfLine(l)
		if who.address == "" {
			return errors.New("an attendee without a mail address: " + l.Value())
		}
		kind := int32(recipientTo)
		switch {
		case strings.EqualFold(l.ParamValue("CUTYPE"), "RESOURCE"), strings.EqualFold(l.ParamValue("CUTYPE"), "ROOM"):
			kind = recipientBcc
			resources = append(resources, choose(who.name != "", who.name, who.address))
		case strings.EqualFold(l.ParamValue("ROLE"), "OPT-PARTICIPANT"):
			kind = recipientCc
		}
		rsvp = rsvp || strings.EqualFold(l.ParamValue("RSVP"), "TRUE")
		p.m.Recipients = append(p.m.Recipients, recipientRow(who, kind, l.ParamValue("PARTSTAT")))
	}
	if len(resources) > 0 {
		p.name(SetMeeting, lidResources, strings.Join(resources, "; "))
	}
	if p.method == "REQUEST" {
		p.tag(pidTagResponseRequested, rsvp)
		p.tag(pidTagReplyRequested, rsvp)
	}
	return nil
}

func recipientRow(who person, kind int32, partstat string) Props {
	status := int32(0)
	for n, name := range trackStatus {
		if strings.EqualFold(name, partstat) {
			status = int32(n)
		}
	}
	return Props{
		{ID: pidTagRecipientType, Value: kind},
		{ID: PidTagDisplayName, Value: choose(who.name != "", who.name, who.address)},
		{ID: pidTagAddressType, Value: "SMTP"},
		{ID: pidTagEmailAddress, Value: who.address},
		{ID: pidTagSMTPAddress, Value: who.address},
		{ID: pidTagTrackStatus, Value: status},
		{ID: pidTagRecipientFlags, Value: int32(1)},
	}
}

func (p *packer) person(who person, name, kind, email, smtp uint16) {
	p.tag(name, choose(who.name != "", who.name, who.address))
	p.tag(kind, "SMTP")
	p.tag(email, who.address)
	p.tag(smtp, who.address)
}

// sender writes who really sent it: the one of SENT-BY, or the same person.
func (p *packer) sender(l *ical.Line, who person) {
	if by := mailtoAddress(l.ParamValue("SENT-BY")); by != "" {
		who = person{address: by}
	}
	p.person(who, pidTagSenderName, pidTagSenderType, pidTagSenderAddress, pidTagSenderSMTP)
}

func personOfLine(l *ical.Line) person {
	return person{ical.DecodeParam(l.ParamValue("CN")), mailtoAddress(l.Value())}
}

func mailtoAddress(uri string) string {
	if len(uri) > 7 && strings.EqualFold(uri[:7], "mailto:") {
		uri = uri[7:]
	}
	return mailAddress(uri)
}

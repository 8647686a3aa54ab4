package rewrite

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// tnefID names what is done to a winmail.dat, in reports and in X-Reconvene.
const tnefID = "tnef"

// opened is a winmail.dat that was read.
type opened struct {
	part        *mime.Part
	header      mime.Header
	stream      *tnef.Message
	meeting     *tnef.Meeting // nil for other mail
	show        showing
	untouchable untouchable
	seed        string // of the boundaries

	calendars []outcome // the meeting's, and those of attached files
}

// unwrap opens a TNEF part and makes what is written instead. A stream that cannot
// be expressed completely and exactly is left alone and reported.
func (p *pipeline) unwrap(m *message, found candidate, before change) (c change, err error) {
	defer contain(&err)
	t, why, err := p.open(m, found.part)
	switch {
	case err != nil:
		return c, err
	case why != "":
		c.report.skip(Skip{found.name(), "winmail.dat: " + why})
		return c, nil
	case t == nil:
		return c, nil
	}
	t.untouchable = found.untouchable
	c, body, why, err := p.rebuild(m, t, before)
	switch {
	case err != nil:
		return c, err
	case why != "":
		withdraw(c.report.Meetings)
		c.inForm, c.noticed = false, false // nothing of it is sent
		c.report.skip(Skip{found.name(), "winmail.dat: " + why})
		return c, nil
	case t.untouchable.forbids():
		c.withheld = true
		return c, nil
	case p.o.Mode == Observe:
		return c, nil
	}
	e := m.replacement(t.part, t.header, t.seed, &body)
	c.edits = e.edits
	skipped, err := p.checkReplacement(m, t, e)
	c.report.skip(skipped...)
	return c, err
}

// open parses the stream of a part. It returns nil and no reason for what is not
// TNEF, and for other messages where only meetings are wanted.
func (p *pipeline) open(m *message, part *mime.Part) (t *opened, why string, err error) {
	octets, why, err := m.decode(part, m.lim.TNEF)
	if why != "" || err != nil {
		return nil, why, err
	}
	labelled := part.MediaType != "application/octet-stream"
	if !bytes.HasPrefix(octets, []byte(tnef.Signature)) && !labelled {
		return nil, "", nil
	}
	t = &opened{part: part}
	if t.header, err = mime.ReadHeader(m.src, part); err != nil {
		return nil, "", err
	}
	if t.stream, err = tnef.Read(octets, tnef.Limits{Size: m.lim.TNEF}); err != nil {
		return nil, err.Error(), nil
	}
	if err := p.deadline.expired(); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(octets)
	t.seed = m.freshSeed(sum[:])
	if what := sealedBy(t.stream); what != "" {
		return nil, "signed or encrypted: " + what, nil
	}
	if why := m.foreign(t.stream); why != "" {
		return nil, why, nil
	}
	why, err = t.understand(&p.o, m)
	if t.meeting == nil && (p.o.TNEF != TNEFAll || err != nil) {
		t = nil
	}
	return t, why, err
}

// understand decides what a stream contains: a meeting, or another message.
func (t *opened) understand(o *Options, m *message) (why string, err error) {
	text, shown, err := m.outerText(t.part)
	if err != nil {
		return "", err
	}
	t.meeting, err = t.stream.Meeting(m.outer(text))
	switch {
	case errors.Is(err, tnef.ErrNoMeeting):
		t.meeting = nil
		if o.TNEF == TNEFAll && !readable(t.stream) {
			return "an item of class " + strconv.Quote(t.stream.Class) + " without text and files", nil
		}
	case err != nil:
		return err.Error(), nil
	case t.meeting.Listed && o.Profile.Microsoft():
		// QUIRK(rdate-any-exch): Exchange passes over RDATE
		return "Exchange can read it, but not a calendar that lists the dates of a series", nil
	}
	own, _ := t.stream.Body()
	if shown && strings.TrimSpace(text) != "" && sameText(text, own) {
		t.show = showNone
	}
	return "", nil
}

// outer returns the header and text of the message for package tnef.
func (m *message) outer(text string) tnef.Outer {
	f := m.fields
	o := tnef.Outer{Sender: f.Sender, To: f.To, Cc: f.Cc, Date: f.Date, Subject: f.Subject, Text: text}
	if len(f.From) > 0 {
		o.From = f.From[0]
	}
	return o
}

// pidCorrelationKey is PidTagTnefCorrelationKey: the message that a stream
// belongs to ([MS-OXTNEF] §2.1.3.3).
const pidCorrelationKey = 0x007F

// foreign returns why a stream does not belong to this message, "" when it does. A
// message that somebody forwarded has the stream of another one; Outlook reads no
// stream whose key differs from the field.
func (m *message) foreign(stream *tnef.Message) string {
	key, ok := stream.Props.Get(pidCorrelationKey).Bytes()
	h, err := mime.ReadHeader(m.src, m.tree.Root())
	if !ok || err != nil {
		return ""
	}
	f, _ := h.First("x-ms-tnef-correlator")
	said := strings.TrimSpace(unfold(string(f.Body)))
	own := strings.TrimSpace(string(bytes.TrimRight(key, "\x00")))
	if said != "" && own != "" && said != own {
		return "it belongs to another message"
	}
	return ""
}

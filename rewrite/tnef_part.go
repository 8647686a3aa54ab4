package rewrite

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// tnefID names what is done to a winmail.dat, in reports and in X-Reconvene.
const tnefID = "tnef"

// opened is a winmail.dat that was read.
type opened struct {
	part    *mime.Part
	header  mime.Header
	stream  *tnef.Message
	meeting *tnef.Meeting // nil for other mail
	show    showing
	allowed bool
	seed    string // of the boundaries

	calendars []outcome // the meeting's, and those of attached files
}

// unwrap opens a TNEF part and returns what has to be written instead. What
// cannot be told completely, or not truly, stays as it is and is reported.
func (w *work) unwrap(p *mime.Part, allowed bool) ([]mime.Edit, error) {
	if err := w.expired(); err != nil {
		return nil, err
	}
	what := "part " + p.Path()
	t, why, err := w.open(p)
	if err != nil {
		return nil, err
	}
	if why != "" {
		w.skip(what, "winmail.dat: "+why)
		return nil, nil
	}
	if t == nil {
		return nil, nil
	}
	t.allowed = allowed
	reported, fallenBack := len(w.report.Meetings), w.fallenBack
	body, why, err := w.rebuild(t)
	if err != nil {
		return nil, err
	}
	switch {
	case why != "":
		withdraw(w.report.Meetings[reported:])
		w.fallenBack = fallenBack // nothing of it is sent
		w.skip(what, "winmail.dat: "+why)
		return nil, nil
	case !t.allowed:
		w.held = true
		return nil, nil
	case w.o.Mode == Observe:
		return nil, nil
	}
	out := w.replacement(t.part, t.header, t.seed, &body)
	return out.edits, w.checkUnwrapped(t, out)
}

// open reads the stream of a part. It returns nil and no reason for what is no
// TNEF, and for other mail where only meetings are wanted.
func (w *work) open(p *mime.Part) (t *opened, why string, err error) {
	octets, why, err := w.decode(p, w.lim.TNEF)
	if why != "" || err != nil {
		return nil, why, err
	}
	labelled := p.MediaType != "application/octet-stream"
	if !bytes.HasPrefix(octets, []byte(tnef.Signature)) && !labelled {
		return nil, "", nil
	}
	t = &opened{part: p}
	if t.header, err = mime.ReadHeader(w.src, p); err != nil {
		return nil, "", err
	}
	if t.stream, err = tnef.Read(octets, tnef.Limits{Size: w.lim.TNEF}); err != nil {
		return nil, err.Error(), nil
	}
	if err := w.expired(); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(octets)
	t.seed = w.freshSeed(sum[:])
	if what := sealedBy(t.stream); what != "" {
		return nil, "signed or encrypted: " + what, nil
	}
	if why := w.foreign(t.stream); why != "" {
		return nil, why, nil
	}
	why, err = w.understand(t)
	if t.meeting == nil && (w.o.TNEF != TNEFAll || err != nil) {
		t = nil
	}
	return t, why, err
}

// understand decides what is in a stream: a meeting, or other mail.
func (w *work) understand(t *opened) (why string, err error) {
	text, shown, err := w.outerText(t.part)
	if err != nil {
		return "", err
	}
	t.meeting, err = t.stream.Meeting(w.outer(text))
	switch {
	case errors.Is(err, tnef.ErrNoMeeting):
		t.meeting = nil
		if w.o.TNEF == TNEFAll && !readable(t.stream) {
			return "an item of class " + strconv.Quote(t.stream.Class) + " without text and files", nil
		}
	case err != nil:
		return err.Error(), nil
	case t.meeting.Listed && w.o.Profile.Microsoft():
		// QUIRK(rdate-any-exch): Exchange passes over RDATE
		return "Exchange can read it, but not a calendar that lists the dates of a series", nil
	}
	own, _ := t.stream.Body()
	if shown && strings.TrimSpace(text) != "" && sameText(text, own) {
		t.show = showNone
	}
	return "", nil
}

// outer is what the mail says, in the words of package tnef.
func (w *work) outer(text string) tnef.Outer {
	m := w.mail
	o := tnef.Outer{Sender: m.Sender, To: m.To, Cc: m.Cc, Date: m.Date, Subject: m.Subject, Text: text}
	if len(m.From) > 0 {
		o.From = m.From[0]
	}
	return o
}

// pidCorrelationKey is PidTagTnefCorrelationKey: the message that a stream
// belongs to ([MS-OXTNEF] §2.1.3.3).
const pidCorrelationKey = 0x007F

// foreign says why a stream does not belong to this mail, "" when it does. A
// mail that somebody forwarded has the stream of another one; Outlook reads
// none whose key differs from the field.
func (w *work) foreign(m *tnef.Message) string {
	key, ok := m.Props.Get(pidCorrelationKey).Bytes()
	h, err := mime.ReadHeader(w.src, w.tree.Root())
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

// freshSeed makes the boundaries of a part from its content: the same mail
// always becomes the same octets. It is no boundary that the mail has already.
func (w *work) freshSeed(sum []byte) string {
	for {
		seed := hex.EncodeToString(sum[:12])
		taken := slices.ContainsFunc(w.tree.Parts, func(p *mime.Part) bool {
			return strings.Contains(p.Params.Get("boundary"), seed)
		})
		if !taken {
			return seed
		}
		next := sha256.Sum256(sum)
		sum = next[:]
	}
}

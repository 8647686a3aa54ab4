package tnef

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// decoder turns the attributes of one stream into a Message.
type decoder struct {
	*reader
	m      *Message
	page   codepage
	class  string
	legacy Props // what attributes say that a property could say too
}

// attribute decodes one attribute. What a list or a table cannot hold is
// content that would be lost, and so an error.
func (d *decoder) attribute(a leveled) error {
	c := &cursor{b: a.Data}
	switch a.ID {
	case attTnefVersion, AttOemCodepage:
		return nil
	case AttMessageClass:
		return d.text(a.Data, &d.class)
	case AttMsgProps:
		props, err := d.list(c)
		d.m.Props = append(d.m.Props, props...)
		d.rest(a, c)
		return err
	case AttRecipTable:
		err := d.recipients(c)
		d.rest(a, c)
		return err
	}
	if a.level == levelAttachment {
		return d.attachment(a, c)
	}
	d.m.Attributes = append(d.m.Attributes, a.Attribute)
	return d.decodeAttribute(a.Attribute)
}

// rest warns of octets that follow a list.
func (d *decoder) rest(a leveled, c *cursor) {
	if c.err == nil && c.left() > 0 {
		d.m.warn("%d octets after the list in attribute %s are ignored", c.left(), a.name())
	}
}

// finish settles what depends on several attributes.
func (d *decoder) finish() error {
	m := d.m
	m.Class, _ = m.Props.Get(PidTagMessageClass).Text()
	if m.Class == "" {
		m.Class = d.class
	}
	const prefix = "Microsoft Mail v3.0 "
	if len(m.Class) > len(prefix) && strings.EqualFold(m.Class[:len(prefix)], prefix) {
		m.Class = m.Class[len(prefix):]
	}
	for _, a := range m.Attributes {
		if a.ID == AttOwner {
			if err := d.owner(a.Data); err != nil {
				return err
			}
		}
	}
	m.Props = m.Props.fill(d.legacy)
	for i := range m.Attachments {
		m.Attachments[i].describe()
	}
	return d.expand()
}

// fill appends those properties of more whose tags p lacks.
func (p Props) fill(more Props) Props {
	for _, prop := range more {
		if p.Get(prop.ID) == nil {
			p = append(p, prop)
		}
	}
	return p
}

// decodeAttribute stores an attribute as the property that it corresponds to. Dates
// are omitted: they are in the sender's zone, which the stream does not name.
func (d *decoder) decodeAttribute(a Attribute) error {
	switch a.ID {
	case AttSubject:
		return d.addText(PidTagSubject, a.Data)
	case AttBody:
		return d.addText(PidTagBody, a.Data)
	case attOriginalMessageClass:
		return d.addText(pidTagOriginalClass, a.Data)
	case attDelegate:
		d.addFirst(pidTagReceivedEntry, TypeBinary, a.Data)
	case AttFrom:
		return d.triple(a.Data)
	case AttSentFor:
		return d.pair(a.Data, pidTagSentName, pidTagSentType, pidTagSentAddress)
	case AttAidOwner:
		if v, ok := asLong(a.Data); ok {
			d.addFirst(pidTagOwnerAppointment, TypeLong, v)
		}
	case AttRequestRes:
		if len(a.Data) >= 2 {
			d.addFirst(pidTagResponseRequested, TypeBool, binary.LittleEndian.Uint16(a.Data) != 0)
		}
	case AttPriority:
		// 1 high, 2 normal, 3 low; as importance 2, 1, 0.
		if len(a.Data) >= 2 {
			if v := binary.LittleEndian.Uint16(a.Data); v >= 1 && v <= 3 {
				d.addFirst(pidTagImportance, TypeLong, int32(3-v))
			}
		}
	}
	return nil
}

// addFirst stores a property unless its ID is known already, so that legacy is no
// longer than the list of IDs, whatever the stream repeats.
func (d *decoder) addFirst(id, typ uint16, v any) {
	d.legacy = d.legacy.fill(Props{{Type: typ, ID: id, Value: v}})
}

func (d *decoder) addText(id uint16, b []byte) error {
	var s string
	err := d.text(b, &s)
	d.addFirst(id, TypeString8, s)
	return err
}

// text decodes an 8-bit string without its final NULs.
func (d *decoder) text(b []byte, s *string) (err error) {
	*s, err = d.page.decode(bytes.TrimRight(b, "\x00"))
	return err
}

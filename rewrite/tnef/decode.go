package tnef

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// decoder turns the attributes of one stream into a Message.
type decoder struct {
	*reader
	m     *Message
	page  codepage
	class string
	said  Props // what attributes say that a property could say too
}

// attribute decodes one attribute. What a list or a table cannot hold is
// content that would be lost, and so an error.
func (d *decoder) attribute(a leveled) error {
	c := &cursor{b: a.Data}
	switch a.ID {
	case AttTnefVersion, AttOemCodepage:
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
	return d.says(a.Attribute)
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
	m.Props = m.Props.fill(d.said)
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

// Ids of properties that attributes stand for ([MS-OXTNEF] §2.1.3.3) and of
// those this package looks at itself ([MS-OXPROPS]).
const (
	PidTagImportance           = 0x0017
	PidTagMessageClass         = 0x001A
	PidTagSubject              = 0x0037
	pidTagSentName             = 0x0042
	pidTagReceivedEntry        = 0x0043
	pidTagReceivedName         = 0x0044
	pidTagOriginalClass        = 0x004B
	pidTagOwnerAppointment     = 0x0062
	pidTagResponseRequested    = 0x0063
	pidTagSentType             = 0x0064
	pidTagSentAddress          = 0x0065
	pidTagReceivedType         = 0x0077
	pidTagReceivedAddress      = 0x0078
	pidTagSenderName           = 0x0C1A
	pidTagSenderType           = 0x0C1E
	pidTagSenderAddress        = 0x0C1F
	PidTagBody                 = 0x1000
	PidTagRtfCompressed        = 0x1009
	PidTagHTML                 = 0x1013
	PidTagDisplayName          = 0x3001
	PidTagAttachData           = 0x3701
	PidTagAttachFilename       = 0x3704
	PidTagAttachMethod         = 0x3705
	PidTagAttachLongFilename   = 0x3707
	pidTagAttachRendering      = 0x3709
	pidTagAttachTransportName  = 0x370C
	PidTagAttachMimeTag        = 0x370E
	PidTagAttachContentID      = 0x3712
	PidTagAttachFlags          = 0x3714
	PidTagInternetCodepage     = 0x3FDE
	PidTagAttachmentHidden     = 0x7FFE
	attachMethodEmbedded       = 5
	attachFlagRenderedInBody   = 4
	responseClass, legacyReply = "IPM.Schedule.Meeting.Resp.", "IPM.Microsoft Schedule.MtgResp"
)

// says notes what an attribute says as the property it stands for. Dates are
// left out: their zone is the writer's, and the stream does not name it.
func (d *decoder) says(a Attribute) error {
	switch a.ID {
	case AttSubject:
		return d.sayText(PidTagSubject, a.Data)
	case AttBody:
		return d.sayText(PidTagBody, a.Data)
	case AttOriginalMessageClass:
		return d.sayText(pidTagOriginalClass, a.Data)
	case AttDelegate:
		d.say(pidTagReceivedEntry, TypeBinary, a.Data)
	case AttFrom:
		return d.triple(a.Data)
	case AttSentFor:
		return d.pair(a.Data, pidTagSentName, pidTagSentType, pidTagSentAddress)
	case AttAidOwner:
		if v, ok := asLong(a.Data); ok {
			d.say(pidTagOwnerAppointment, TypeLong, v)
		}
	case AttRequestRes:
		if len(a.Data) >= 2 {
			d.say(pidTagResponseRequested, TypeBool, binary.LittleEndian.Uint16(a.Data) != 0)
		}
	case AttPriority:
		// 1 high, 2 normal, 3 low; as importance 2, 1, 0.
		if len(a.Data) >= 2 {
			if v := binary.LittleEndian.Uint16(a.Data); v >= 1 && v <= 3 {
				d.say(PidTagImportance, TypeLong, int32(3-v))
			}
		}
	}
	return nil
}

// say keeps the first of each id, so that said stays as short as the list of
// ids whatever the stream repeats.
func (d *decoder) say(id, typ uint16, v any) {
	d.said = d.said.fill(Props{{Type: typ, ID: id, Value: v}})
}

func (d *decoder) sayText(id uint16, b []byte) error {
	var s string
	err := d.text(b, &s)
	d.say(id, TypeString8, s)
	return err
}

// text decodes an 8-bit string without its final NULs.
func (d *decoder) text(b []byte, s *string) (err error) {
	*s, err = d.page.decode(bytes.TrimRight(b, "\x00"))
	return err
}

// owner tells whom attOwner means: the organizer who sent a request or a
// cancellation, or the one a response is for ([MS-OXTNEF] §2.1.3.3.9).
func (d *decoder) owner(b []byte) error {
	for _, prefix := range []string{responseClass, legacyReply} {
		if len(d.m.Class) >= len(prefix) && strings.EqualFold(d.m.Class[:len(prefix)], prefix) {
			return d.pair(b, pidTagReceivedName, pidTagReceivedType, pidTagReceivedAddress)
		}
	}
	return d.pair(b, pidTagSentName, pidTagSentType, pidTagSentAddress)
}

// pair reads a name and an address, each with its length before it.
func (d *decoder) pair(b []byte, name, typ, address uint16) error {
	c := &cursor{b: b}
	n := c.take(int(c.u16("name")), "name")
	a := c.take(int(c.u16("address")), "address")
	return d.person(c, n, a, name, typ, address)
}

// triple reads a one-off recipient ([MS-OXTNEF] §2.1.3.3.1).
func (d *decoder) triple(b []byte) error {
	c := &cursor{b: b}
	c.take(4, "kind and size")
	nn, na := int(c.u16("name")), int(c.u16("address"))
	n, a := c.take(nn, "name"), c.take(na, "address")
	return d.person(c, n, a, pidTagSenderName, pidTagSenderType, pidTagSenderAddress)
}

// person notes a name and a `TYPE:address`. A cut one loses nothing that the
// outer mail does not say, so it is a warning.
func (d *decoder) person(c *cursor, n, a []byte, name, typ, address uint16) error {
	if c.err != nil {
		d.m.warn("a sender cannot be read: %v", c.err)
		return nil
	}
	if err := d.sayText(name, cString(n)); err != nil {
		return err
	}
	t, addr, ok := bytes.Cut(cString(a), []byte(":"))
	if !ok {
		t, addr = nil, t
	}
	if err := d.sayText(typ, t); err != nil {
		return err
	}
	return d.sayText(address, addr)
}

// cString cuts at the first NUL: what follows is padding.
func cString(b []byte) []byte {
	s, _, _ := bytes.Cut(b, []byte{0})
	return s
}

// recipients reads the recipient table: a count of rows, each a property list.
func (d *decoder) recipients(c *cursor) error {
	n := int(c.u32("row count"))
	if c.err == nil && n > c.left()/4 {
		c.err = fmt.Errorf("%w: a table claims %d rows in %d octets", ErrTruncated, n, c.left())
	}
	if c.err != nil {
		return c.err
	}
	if err := d.spend(n); err != nil {
		return err
	}
	for i := range n {
		row, err := d.list(c)
		if err != nil {
			return fmt.Errorf("recipient %d: %w", i+1, err)
		}
		d.m.Recipients = append(d.m.Recipients, row)
	}
	return nil
}

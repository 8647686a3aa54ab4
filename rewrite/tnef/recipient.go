package tnef

import (
	"bytes"
	"fmt"
	"strings"
)

// The classes of responses, modern and legacy.
const (
	responseClass = "IPM.Schedule.Meeting.Resp."
	legacyReply   = "IPM.Microsoft Schedule.MtgResp"
)

// owner decodes attOwner: the organizer who sent a request or a cancellation, or the
// one to whom a response is sent ([MS-OXTNEF] §2.1.3.3.9).
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
	if err := d.addText(name, cString(n)); err != nil {
		return err
	}
	t, addr, ok := bytes.Cut(cString(a), []byte(":"))
	if !ok {
		t, addr = nil, t
	}
	if err := d.addText(typ, t); err != nil {
		return err
	}
	return d.addText(address, addr)
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

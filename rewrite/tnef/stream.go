package tnef

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Signature is the beginning of every stream (0x223E9F78, little-endian).
const Signature = "\x78\x9f\x3e\x22"

// Limits bound the resources for one stream. Zero fields mean the defaults.
type Limits struct {
	Size       int // octets of the stream; 64 MiB
	Properties int // attributes, properties, elements of multi-valued ones and attachments, embedded messages included; 200,000
	Depth      int // embedded messages inside each other; 8
	Expansion  int // octets of decompressed RTF, embedded messages included; 32 MiB
}

func (l Limits) withDefaults() Limits {
	set := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.Size, 64<<20)
	set(&l.Properties, 200_000)
	set(&l.Depth, 8)
	set(&l.Expansion, 32<<20)
	return l
}

// Message is one decoded stream.
type Message struct {
	Class       string      // PidTagMessageClass, or else attMessageClass, without the prefix of Microsoft Mail
	Codepage    int         // Windows code page of the 8-bit strings
	Attributes  []Attribute // the attributes that are in no other field, in the order of the stream
	Props       Props       // attMsgProps, followed by the values of other attributes that it lacks
	Recipients  []Props     // attRecipTable, a row each
	Attachments []Attachment
	Warnings    []string // faults that lost nothing

	rtf *rendered // what PidTagRtfCompressed says, once Read has looked
}

// Read decodes a stream. When the stream cannot be decoded completely, the error
// names what is missing. The Message shares the octets of b.
func Read(b []byte, lim Limits) (*Message, error) {
	lim = lim.withDefaults()
	if len(b) > lim.Size {
		return nil, fmt.Errorf("%w: %d octets, %d are allowed", ErrLimit, len(b), lim.Size)
	}
	r := reader{values: lim.Properties, depth: lim.Depth, expansion: lim.Expansion}
	return r.message(b)
}

// reader has the remaining limits while a stream and the messages embedded in it are
// read.
type reader struct {
	values, depth, expansion int
}

// spend takes n values from the budget.
func (r *reader) spend(n int) error {
	if n > r.values {
		return fmt.Errorf("%w: too many attributes, properties and values", ErrLimit)
	}
	r.values -= n
	return nil
}

// message reads one stream. The code page comes first, for a string may
// precede the attribute that names it.
func (r *reader) message(b []byte) (*Message, error) {
	if !strings.HasPrefix(string(b[:min(len(b), len(Signature))]), Signature) {
		return nil, ErrSignature
	}
	m := &Message{Codepage: defaultCodepage}
	attrs, err := r.split(b, m)
	if err != nil {
		return nil, err
	}
	for _, a := range attrs {
		if a.ID == AttOemCodepage && a.level == levelMessage && len(a.Data) >= 4 {
			// 0 is the default of the machine that wrote it.
			if page := int(binary.LittleEndian.Uint32(a.Data)); page != 0 {
				m.Codepage = page
			}
			break
		}
	}
	d := decoder{reader: r, m: m, page: codepage(m.Codepage)}
	for _, a := range attrs {
		if err := d.attribute(a); err != nil {
			return nil, fmt.Errorf("attribute %s: %w", a.name(), err)
		}
	}
	if err := d.finish(); err != nil {
		return nil, err
	}
	return m, nil
}

// maxGarbage is how much may follow the last attribute: padding, a line end,
// the footer of a mailing list. More is the rest of a damaged stream.
const maxGarbage = 4096

// split cuts the stream into its attributes. A wrong checksum is tolerated:
// widespread writers get it wrong. A little garbage after the last attribute
// is tolerated when no attribute can be recognised in it.
func (r *reader) split(b []byte, m *Message) ([]leveled, error) {
	c := &cursor{b: b, off: len(Signature)}
	c.u16("attach key")
	var attrs []leveled
	for c.err == nil && c.left() > 0 {
		if level := b[c.off]; level != levelMessage && level != levelAttachment || c.left() < attributeOverhead {
			if at := findAttribute(b, c.off); at >= 0 {
				return nil, fmt.Errorf("%w: no attribute at octet %d, but one at octet %d", ErrDamaged, c.off, at)
			}
			if c.left() > maxGarbage {
				return nil, fmt.Errorf("%w: %d octets after the last attribute are no attribute", ErrDamaged, c.left())
			}
			m.warn("%d octets after the last attribute are ignored", c.left())
			break
		}
		at := c.off
		a := leveled{level: c.take(1, "level")[0]}
		a.ID = c.u32("attribute id")
		a.Data = c.take(c.length("attribute "+a.name()), "attribute")
		if sum := c.u16("checksum"); c.err == nil && sum != checksum(a.Data) {
			m.warn("the checksum of attribute %s at octet %d is wrong", a.name(), at)
		}
		if err := r.spend(1); err != nil {
			return nil, err
		}
		attrs = append(attrs, a)
	}
	return attrs, c.err
}

// findAttribute gives the first place from start where a known attribute
// fits, -1 when there is none.
func findAttribute(b []byte, start int) int {
	for i := start; i+attributeOverhead <= len(b); i++ {
		if b[i] != levelMessage && b[i] != levelAttachment {
			continue
		}
		id := binary.LittleEndian.Uint32(b[i+1:])
		n := binary.LittleEndian.Uint32(b[i+5:])
		if _, known := attributeNames[id]; known && uint64(n) <= uint64(len(b)-i-attributeOverhead) {
			return i
		}
	}
	return -1
}

// checksum is the sum of the octets modulo 65536 ([MS-OXTNEF] §2.1.3.2).
func checksum(b []byte) (sum uint16) {
	for _, c := range b {
		sum += uint16(c)
	}
	return sum
}

// maxWarnings bounds Message.Warnings: a stream may have a fault per attribute.
const maxWarnings = 20

func (m *Message) warn(format string, args ...any) {
	if len(m.Warnings) < maxWarnings {
		m.Warnings = append(m.Warnings, fmt.Sprintf(format, args...))
	}
}

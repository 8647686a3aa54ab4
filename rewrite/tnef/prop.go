package tnef

import (
	"fmt"
	"time"
)

// firstNamed is the lowest id of a named property ([MS-OXPROPS] §1.3.3).
const firstNamed = 0x8000

// Types of properties ([MS-OXCDATA] §2.11.1). MVFlag marks several values.
const (
	TypeNull     = 0x0001
	TypeShort    = 0x0002
	TypeLong     = 0x0003
	TypeFloat    = 0x0004
	TypeDouble   = 0x0005
	TypeCurrency = 0x0006
	TypeAppTime  = 0x0007
	TypeError    = 0x000A
	TypeBool     = 0x000B
	TypeObject   = 0x000D
	TypeInt64    = 0x0014
	TypeString8  = 0x001E
	TypeUnicode  = 0x001F
	TypeTime     = 0x0040
	TypeGUID     = 0x0048
	TypeBinary   = 0x0102
	MVFlag       = 0x1000
)

// Props is a property list in the order of the stream. A tag may occur several
// times: look-ups return the first.
type Props []Prop

// Prop is one property. Value has the Go type of Type: int16, int32, int64
// (currency too), float64 (also the four-octet float and the application
// time), bool, time.Time in UTC, string (without the final NULs), []byte,
// GUID, a slice of these when the type has MVFlag, *Message for an embedded
// message, []byte with the leading interface id for another object, nil for
// TypeNull.
type Prop struct {
	Type  uint16
	ID    uint16
	Named *Name // set for ids from 0x8000; then the id says nothing
	Value any
}

// tag returns the property's tag, or its name when it has one.
func (p *Prop) tag() string {
	if p.Named == nil {
		return fmt.Sprintf("0x%04X%04X", p.ID, p.Type)
	}
	if p.Named.Text != "" {
		return fmt.Sprintf("%s %q type 0x%04X", p.Named.Set, p.Named.Text, p.Type)
	}
	return fmt.Sprintf("%s 0x%04X type 0x%04X", p.Named.Set, p.Named.LID, p.Type)
}

// Get returns the first property with a tagged ID, nil when there is none. Named
// properties are not found by ID.
func (p Props) Get(id uint16) *Prop {
	for i := range p {
		if p[i].ID == id && p[i].Named == nil {
			return &p[i]
		}
	}
	return nil
}

// Named returns the first property with a numeric name, nil when there is none.
func (p Props) Named(set GUID, lid uint32) *Prop {
	for i := range p {
		if n := p[i].Named; n != nil && n.Text == "" && n.LID == lid && n.Set == set {
			return &p[i]
		}
	}
	return nil
}

// namedText returns the first property with a text name, nil when there is none.
func (p Props) namedText(set GUID, name string) *Prop {
	for i := range p {
		if n := p[i].Named; n != nil && n.Text == name && n.Set == set {
			return &p[i]
		}
	}
	return nil
}

// Text returns a string value, "" and false when the property is absent or of
// another type. All accessors accept a nil property.
func (p *Prop) Text() (string, bool) { return value[string](p) }

// Bytes returns a binary value.
func (p *Prop) Bytes() ([]byte, bool) { return value[[]byte](p) }

// Time returns a time in UTC.
func (p *Prop) Time() (time.Time, bool) { return value[time.Time](p) }

// boolean returns a boolean value.
func (p *Prop) boolean() (bool, bool) { return value[bool](p) }

// Int returns an integer of any width.
func (p *Prop) Int() (int64, bool) {
	if p == nil {
		return 0, false
	}
	switch v := p.Value.(type) {
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

func value[T any](p *Prop) (v T, ok bool) {
	if p != nil {
		v, ok = p.Value.(T)
	}
	return v, ok
}

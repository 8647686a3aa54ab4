package tnef

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// list reads a property list ([MS-OXTNEF] §2.1.3.4): a count, then the
// properties one after the other. A property of unknown type ends in an
// error, for where the next one begins depends on it.
func (d *decoder) list(c *cursor) (Props, error) {
	n := int(c.u32("property count"))
	// The smallest property is a tag without a value.
	if c.err == nil && n > c.left()/4 {
		c.err = fmt.Errorf("%w: a list claims %d properties in %d octets", ErrTruncated, n, c.left())
	}
	if c.err != nil {
		return nil, c.err
	}
	if err := d.spend(n); err != nil {
		return nil, err
	}
	props := make(Props, 0, n)
	for i := range n {
		p, err := d.prop(c)
		if err != nil {
			return nil, fmt.Errorf("property %d of %d: %w", i+1, n, err)
		}
		props = append(props, p)
	}
	return props, nil
}

func (d *decoder) prop(c *cursor) (Prop, error) {
	p := Prop{Type: c.u16("property type"), ID: c.u16("property id")}
	if c.err == nil && p.ID >= firstNamed {
		p.Named = readName(c)
	}
	if c.err != nil {
		return p, c.err
	}
	var err error
	if p.Type&MVFlag != 0 {
		p.Value, err = d.several(c, p.Type&^MVFlag)
	} else {
		p.Value, err = d.single(c, p.Type)
	}
	if err == nil {
		err = c.err
	}
	if err != nil {
		return p, fmt.Errorf("%s: %w", p.tag(), err)
	}
	return p, nil
}

// single reads the value of a property without MVFlag. A value of variable
// width has a count before it, which is 1; 0 stands for the empty value.
func (d *decoder) single(c *cursor, typ uint16) (any, error) {
	if !variable(typ) {
		return fixed(c, typ)
	}
	n := c.u32("value count")
	switch {
	case c.err != nil:
		return nil, c.err
	case n > 1:
		return nil, fmt.Errorf("%w: %d values for a single-valued property", ErrDamaged, n)
	case n == 0 && typ == TypeBinary, n == 0 && typ == TypeObject:
		return []byte(nil), nil
	case n == 0:
		return "", nil
	}
	b := sized(c)
	if c.err != nil {
		return nil, c.err
	}
	switch typ {
	case TypeString8:
		return d.page.decode(bytes.TrimRight(b, "\x00"))
	case TypeUnicode:
		return decodeUTF16(b), nil
	case TypeObject:
		return d.object(b)
	}
	return b, nil
}

// object decodes an embedded message; objects of other kinds stay octets,
// with their interface id in front.
func (d *decoder) object(b []byte) (any, error) {
	if !bytes.HasPrefix(b, iidMessage[:]) {
		return b, nil
	}
	if d.depth <= 0 {
		return nil, fmt.Errorf("%w: messages are embedded too deeply", ErrLimit)
	}
	if err := d.spend(1); err != nil {
		return nil, err
	}
	d.depth--
	m, err := d.message(b[len(iidMessage):])
	d.depth++
	if err != nil {
		return nil, fmt.Errorf("embedded message: %w", err)
	}
	return m, nil
}

// sized reads a length, that many octets, and the padding after them.
func sized(c *cursor) []byte {
	n := c.length("value")
	b := c.take(n, "value")
	c.pad(n)
	return b
}

func variable(typ uint16) bool {
	return typ == TypeString8 || typ == TypeUnicode || typ == TypeBinary || typ == TypeObject
}

// fixed reads a value of fixed width. Two-octet values are padded to four.
func fixed(c *cursor, typ uint16) (any, error) {
	const what = "value"
	switch typ {
	case TypeNull:
		return nil, nil
	case TypeShort:
		return int16(c.u32(what)), nil
	case TypeLong, TypeError:
		return int32(c.u32(what)), nil
	case TypeBool:
		return uint16(c.u32(what)) != 0, nil
	case TypeFloat:
		return float64(math.Float32frombits(c.u32(what))), nil
	case TypeDouble, TypeAppTime:
		return math.Float64frombits(c.u64(what)), nil
	case TypeCurrency, TypeInt64:
		return int64(c.u64(what)), nil
	case TypeTime:
		return fromFiletime(c.u64(what)), nil
	case TypeGUID:
		var g GUID
		copy(g[:], c.take(len(g), what))
		return g, nil
	}
	return nil, fmt.Errorf("%w: property type 0x%04X is unknown", ErrDamaged, typ)
}

// several reads the values of a multi-valued property.
func (d *decoder) several(c *cursor, typ uint16) (any, error) {
	n := int(c.u32("value count"))
	if c.err == nil && n > c.left()/4 {
		c.err = fmt.Errorf("%w: %d values in %d octets", ErrTruncated, n, c.left())
	}
	if c.err != nil {
		return nil, c.err
	}
	if err := d.spend(n); err != nil {
		return nil, err
	}
	one := func() (any, error) { return fixed(c, typ) }
	switch typ {
	case TypeShort:
		return collect[int16](n, one)
	case TypeLong:
		return collect[int32](n, one)
	case TypeFloat, TypeDouble, TypeAppTime:
		return collect[float64](n, one)
	case TypeCurrency, TypeInt64:
		return collect[int64](n, one)
	case TypeTime:
		return collect[time.Time](n, one)
	case TypeGUID:
		return collect[GUID](n, one)
	case TypeString8:
		return collect[string](n, func() (any, error) { return d.page.decode(bytes.TrimRight(sized(c), "\x00")) })
	case TypeUnicode:
		return collect[string](n, func() (any, error) { return decodeUTF16(sized(c)), nil })
	case TypeBinary:
		return collect[[]byte](n, func() (any, error) { return sized(c), nil })
	}
	return nil, fmt.Errorf("%w: several values of type 0x%04X", ErrDamaged, typ)
}

func collect[T any](n int, one func() (any, error)) ([]T, error) {
	values := make([]T, n)
	for i := range values {
		v, err := one()
		if err != nil {
			return nil, err
		}
		values[i] = v.(T)
	}
	return values, nil
}

// A FILETIME counts 100 ns from 1601 in UTC ([MS-DTYP] §2.3.3).
const (
	filetimeUnix   = 116_444_736_000_000_000 // of 1970-01-01
	filetimeSecond = 10_000_000
)

func fromFiletime(v uint64) time.Time {
	ticks := int64(min(v, math.MaxInt64)) - filetimeUnix
	return time.Unix(ticks/filetimeSecond, ticks%filetimeSecond*100).UTC()
}

func toFiletime(t time.Time) uint64 {
	return uint64(t.Unix()*filetimeSecond + int64(t.Nanosecond())/100 + filetimeUnix)
}

// readName reads the name of a property ([MS-OXTNEF] §2.1.3.4).
func readName(c *cursor) *Name {
	n := new(Name)
	copy(n.Set[:], c.take(len(n.Set), "property set"))
	switch kind := c.u32("kind of name"); {
	case c.err != nil:
	case kind == 0:
		n.LID = c.u32("name")
	case kind == 1:
		n.Text = decodeUTF16(sized(c))
	default:
		c.err = fmt.Errorf("%w: a property name of kind %d", ErrDamaged, kind)
	}
	return n
}

// asLong gives the first four octets as an integer.
func asLong(b []byte) (int32, bool) {
	if len(b) < 4 {
		return 0, false
	}
	return int32(binary.LittleEndian.Uint32(b)), true
}

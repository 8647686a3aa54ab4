package tnef

import (
	"encoding/binary"
	"fmt"
)

// cursor walks over octets. The first failure sticks: afterwards every read
// gives zero, and err says what could not be read.
type cursor struct {
	b   []byte
	off int
	err error
}

func (c *cursor) left() int { return len(c.b) - c.off }

// take gives the next n octets as a part of the input.
func (c *cursor) take(n int, what string) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 || n > c.left() {
		c.err = fmt.Errorf("%w: %s at octet %d needs %d octets, %d are left", ErrTruncated, what, c.off, n, c.left())
		return nil
	}
	c.off += n
	return c.b[c.off-n : c.off : c.off]
}

func (c *cursor) u16(what string) uint16 {
	if b := c.take(2, what); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) u32(what string) uint32 {
	if b := c.take(4, what); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) u64(what string) uint64 {
	if b := c.take(8, what); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// length reads a count of octets and refuses what cannot be an int.
func (c *cursor) length(what string) int {
	n := c.u32(what)
	if c.err == nil && uint64(n) > uint64(c.left()) {
		c.err = fmt.Errorf("%w: %s at octet %d claims %d octets, %d are left", ErrTruncated, what, c.off, n, c.left())
		return 0
	}
	return int(n)
}

// pad skips to a multiple of four. Padding may be missing at the end of the
// input: some writers stop at the last octet of the last value.
func (c *cursor) pad(n int) {
	if c.err == nil {
		c.off += min(-n&3, c.left())
	}
}

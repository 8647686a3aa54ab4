package tnef

import (
	"encoding/binary"
	"fmt"
)

// GUID is a MAPI property set or class id in the order of the wire: its first
// three fields are little-endian.
type GUID [16]byte

// String writes the GUID as the specifications do.
func (g GUID) String() string {
	le := binary.LittleEndian
	return fmt.Sprintf("{%08X-%04X-%04X-%X-%X}", le.Uint32(g[0:]), le.Uint16(g[4:]), le.Uint16(g[6:]), g[8:10], g[10:])
}

// Property sets ([MS-OXPROPS] §1.3.2).
var (
	SetAppointment   = oleGUID(0x00062002)
	SetTask          = oleGUID(0x00062003)
	SetCommon        = oleGUID(0x00062008)
	SetPublicStrings = oleGUID(0x00020329)
	SetHeaders       = oleGUID(0x00020386)
	SetMeeting       = GUID{0x90, 0xDA, 0xD8, 0x6E, 0x0B, 0x45, 0x1B, 0x10, 0x98, 0xDA, 0x00, 0xAA, 0x00, 0x3F, 0x13, 0x05}
	iidMessage       = oleGUID(0x00020307)
)

// Name is the name of a named property: a number, or a text.
type Name struct {
	Set  GUID
	LID  uint32
	Text string // not empty for a text name
}

// oleGUID gives {first-0000-0000-C000-000000000046}.
func oleGUID(first uint32) GUID {
	g := GUID{8: 0xC0, 15: 0x46}
	binary.LittleEndian.PutUint32(g[:], first)
	return g
}

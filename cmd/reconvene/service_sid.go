package main

import (
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
)

// serviceSID is the security identifier that Windows derives from the name of a
// service, which is that of its virtual account, too: S-1-5-80 and the SHA-1 of the
// name in capital letters, UTF-16LE, as five numbers ([MS-DTYP] §2.4.2.4,
// SERVICE SIDs). It needs no look-up.
func serviceSID(name string) string {
	var octets []byte
	for _, unit := range utf16.Encode([]rune(strings.ToUpper(name))) {
		octets = binary.LittleEndian.AppendUint16(octets, unit)
	}
	sum := sha1.Sum(octets)
	sid := "S-1-5-80"
	for i := 0; i < len(sum); i += 4 {
		sid += fmt.Sprintf("-%d", binary.LittleEndian.Uint32(sum[i:]))
	}
	return sid
}

package tnef

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// rtfPreset fills the dictionary before the first octet ([MS-OXRTFCP] §2.1.2.1).
const rtfPreset = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

const (
	rtfHeader       = 16
	rtfCompressed   = 0x75465A4C // "LZFu"
	rtfUncompressed = 0x414C454D // "MELA"
	rtfWindow       = 4096
	rtfLongest      = 17 // octets of one reference
)

// expandRTF gives the RTF of PidTagRtfCompressed ([MS-OXRTFCP] §2.1.3), which
// is at most max octets; with an error it is what there was of it. The warning
// tells of a fault that lost nothing.
func expandRTF(b []byte, max int) (rtf []byte, warning string, err error) {
	if len(b) < rtfHeader {
		return nil, "", fmt.Errorf("%w: compressed RTF of %d octets", ErrTruncated, len(b))
	}
	le := binary.LittleEndian
	size, raw, sum := uint64(le.Uint32(b)), le.Uint32(b[4:]), le.Uint32(b[12:])
	// The size counts what follows it.
	if size < rtfHeader-4 || size > uint64(len(b)-4) {
		return nil, "", fmt.Errorf("%w: compressed RTF claims %d octets, %d are left", ErrTruncated, size, len(b)-4)
	}
	if uint64(raw) > uint64(max) {
		return nil, "", fmt.Errorf("%w: RTF expands to %d octets, %d are allowed", ErrLimit, raw, max)
	}
	body := b[rtfHeader : 4+size]
	switch kind := le.Uint32(b[8:]); kind {
	case rtfUncompressed:
		if uint64(raw) > uint64(len(body)) {
			return nil, "", fmt.Errorf("%w: RTF claims %d octets, %d are left", ErrTruncated, raw, len(body))
		}
		return body[:raw], "", nil
	case rtfCompressed:
		// The sum is a CRC-32 without the usual inversions.
		if ^crc32.Update(0xFFFFFFFF, crc32.IEEETable, body) != sum {
			warning = "the checksum of the compressed RTF is wrong"
		}
		rtf, err = expandLZFu(body, int(raw))
		return rtf, warning, err
	default:
		return nil, "", fmt.Errorf("%w: RTF is compressed in an unknown way (0x%08X)", ErrDamaged, kind)
	}
}

// expandLZFu decodes runs of eight tokens: a control octet says of each
// whether it is a literal or a reference into the window of the last 4096
// octets. A reference to the place where the next octet goes is the end.
func expandLZFu(b []byte, raw int) ([]byte, error) {
	// The window is the end of out, which therefore begins with the preset.
	// A reference of two octets gives at most 17; raw is the stream's claim.
	out := make([]byte, rtfWindow-len(rtfPreset), rtfWindow+min(raw, 9*len(b))+rtfLongest)
	out = append(out, rtfPreset...)
	end := rtfWindow + raw
	for len(b) > 0 && len(out) < end {
		control := b[0]
		b = b[1:]
		for bit := 0; bit < 8 && len(b) > 0 && len(out) < end; bit++ {
			if control>>bit&1 == 0 {
				out, b = append(out, b[0]), b[1:]
				continue
			}
			if len(b) < 2 {
				b = nil
				break
			}
			ref := int(binary.BigEndian.Uint16(b))
			b = b[2:]
			back := (len(out) + len(rtfPreset) - ref>>4) % rtfWindow
			if back == 0 {
				b = nil
				break
			}
			// What is copied may be what this reference writes.
			for n := ref&15 + 2; n > 0; n-- {
				out = append(out, out[len(out)-back])
			}
		}
	}
	// Some writers count the final NUL in raw and do not write it.
	if len(out) < end-1 {
		return out[rtfWindow:], fmt.Errorf("%w: RTF of %d octets ends after %d", ErrTruncated, raw, len(out)-rtfWindow)
	}
	return bytes.TrimRight(out[rtfWindow:min(len(out), end)], "\x00"), nil
}

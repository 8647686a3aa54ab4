package mime

import (
	"encoding/binary"
	"errors"
	"sync"
)

// blockSize is how much of a message is read at once.
const blockSize = 128 << 10

var blocks = sync.Pool{New: func() any { b := make([]byte, blockSize); return &b }}

var errEightBit = errors.New("octet above 127")

// eightBitFinder is a writer that fails on the first octet above 127.
type eightBitFinder struct{}

func (eightBitFinder) Write(p []byte) (int, error) {
	if !ASCII(p) {
		return 0, errEightBit
	}
	return len(p), nil
}

// ASCII reports whether no octet is above 127. It checks eight octets at a time,
// since it is called for whole messages.
func ASCII(p []byte) bool {
	const high = 0x8080808080808080
	for len(p) >= 32 {
		if (binary.LittleEndian.Uint64(p)|binary.LittleEndian.Uint64(p[8:])|
			binary.LittleEndian.Uint64(p[16:])|binary.LittleEndian.Uint64(p[24:]))&high != 0 {
			return false
		}
		p = p[32:]
	}
	for _, c := range p {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// lower folds the case of ASCII letters only. strings.ToLower would change the
// length of text that is not valid UTF-8, and with it every offset.
func lower(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// equalFold compares ASCII letters without their case.
func equalFold(a []byte, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if 'A' <= y && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}

package tnef

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"
)

// A global object id ([MS-OXOCAL] §2.2.1.27) is what MAPI calls a meeting: a
// fixed class id, the day of the one occurrence it speaks of, the time it was
// made, eight octets of nothing, and data with its length.
const (
	goidClass   = "\x04\x00\x00\x00\x82\x00\xE0\x00\x74\xC5\xB7\x10\x1A\x82\xE0\x08"
	goidDay     = 16 // big-endian year, month, day
	goidMade    = 20
	goidSize    = 36
	goidData    = 40
	foreignMark = "vCal-Uid\x01\x00\x00\x00" // the data is the UID of another system
)

// maxUID bounds a UID: longer ones are no identifiers.
const maxUID = 1024

// uidOf gives the UID that a global object id stands for ([MS-OXCICAL]
// §2.1.3.1.1.20.26), and the day of the occurrence, zero for the whole
// meeting. The size in it is not looked at: some writers put 1 there.
func uidOf(goid []byte) (uid string, day time.Time, ok bool) {
	if len(goid) < goidData || len(goid) > maxUID || string(goid[:goidDay]) != goidClass {
		return "", time.Time{}, false
	}
	day, ok = goidDate(goid)
	if !ok {
		return "", time.Time{}, false
	}
	if foreign, found := strings.CutPrefix(string(goid[goidData:]), foreignMark); found {
		uid = strings.TrimRight(foreign, "\x00")
		return uid, day, printable(uid)
	}
	clean := append([]byte(nil), goid...)
	clear(clean[goidDay:goidMade])
	return strings.ToUpper(hex.EncodeToString(clean)), day, true
}

func goidDate(goid []byte) (time.Time, bool) {
	y, m, d := int(binary.BigEndian.Uint16(goid[goidDay:])), time.Month(goid[goidDay+2]), int(goid[goidDay+3])
	if y == 0 && m == 0 && d == 0 {
		return time.Time{}, true
	}
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	return day, day.Year() == y && day.Month() == m && day.Day() == d
}

// printable reports whether a text can be used as an identifier.
func printable(s string) bool {
	return s != "" && len(s) <= maxUID && utf8.ValidString(s) && strings.IndexFunc(s, unprintable) < 0
}

// goidOf makes the global object id of a UID, with the day of one occurrence
// unless that is zero.
func goidOf(uid string, day time.Time) []byte {
	b, err := hex.DecodeString(uid)
	if err != nil || len(b) < goidData || string(b[:goidDay]) != goidClass {
		data := foreignMark + uid + "\x00"
		b = make([]byte, goidData, goidData+len(data))
		copy(b, goidClass)
		binary.LittleEndian.PutUint32(b[goidSize:], uint32(len(data)))
		b = append(b, data...)
	}
	clear(b[goidDay:goidMade])
	if !day.IsZero() {
		binary.BigEndian.PutUint16(b[goidDay:], uint16(day.Year()))
		b[goidDay+2], b[goidDay+3] = byte(day.Month()), byte(day.Day())
	}
	return b
}

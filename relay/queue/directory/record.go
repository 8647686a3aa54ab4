package directory

import (
	"encoding/binary"
	"errors"

	"github.com/reconvene/reconvene/relay/queue"
)

// A record is: magic, kind, serial of the file, lengths of ID, envelope and body, the
// checksum of all but itself, then the three. The serial distinguishes the records of
// this use of the file from those that the last use has left behind them.
const (
	recordHeader = 4 + 4 + 8 + 4 + 4 + 4 + 4
	recordMagic  = 0x52435651
	kindStart    = 1 // the first record of a file: all records with its serial are of this use
	kindMessage  = 2
	kindRemoved  = 3
)

// errNoRecord ends the records of a file.
var errNoRecord = errors.New("no record")

// encodeRecord returns a record without serial and checksum; seal adds them.
func encodeRecord(kind uint32, id string, envelope, body []byte) []byte {
	b := make([]byte, recordHeader, recordHeader+len(id)+len(envelope)+len(body))
	binary.BigEndian.PutUint32(b, recordMagic)
	binary.BigEndian.PutUint32(b[4:], kind)
	binary.BigEndian.PutUint32(b[16:], uint32(len(id)))
	binary.BigEndian.PutUint32(b[20:], uint32(len(envelope)))
	binary.BigEndian.PutUint32(b[24:], uint32(len(body)))
	b = append(b, id...)
	b = append(b, envelope...)
	return append(b, body...)
}

// sealRecord writes serial and checksum.
func sealRecord(b []byte, serial uint64) {
	binary.BigEndian.PutUint64(b[8:], serial)
	binary.BigEndian.PutUint32(b[28:], 0)
	binary.BigEndian.PutUint32(b[28:], queue.UpdateSum(0, b))
}

// record is a record that was read.
type record struct {
	kind     uint32
	serial   uint64
	id       string
	envelope []byte
	body     []byte
	size     int64 // of all of it
}

// parseRecord parses the record at the beginning of b.
func parseRecord(b []byte) (record, error) {
	if len(b) < recordHeader || binary.BigEndian.Uint32(b) != recordMagic {
		return record{}, errNoRecord
	}
	r := record{kind: binary.BigEndian.Uint32(b[4:]), serial: binary.BigEndian.Uint64(b[8:])}
	id, env, body := int64(binary.BigEndian.Uint32(b[16:])), int64(binary.BigEndian.Uint32(b[20:])), int64(binary.BigEndian.Uint32(b[24:]))
	r.size = recordHeader + id + env + body
	if r.size > int64(len(b)) {
		return record{}, errNoRecord
	}
	b = b[:r.size]
	sum := queue.UpdateSum(queue.UpdateSum(0, b[:28]), []byte{0, 0, 0, 0})
	if queue.UpdateSum(sum, b[recordHeader:]) != binary.BigEndian.Uint32(b[28:]) {
		return record{}, errNoRecord
	}
	rest := b[recordHeader:]
	r.id, r.envelope, r.body = string(rest[:id]), rest[id:id+env], rest[id+env:]
	return r, nil
}

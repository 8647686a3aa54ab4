package queue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// What all stores share: the form of an envelope, and the checksum of a body.

// ErrMalformed reports an envelope that cannot be used.
var ErrMalformed = errors.New("the envelope is malformed")

// ParseEnvelope parses the stored form of the message id. The error is ErrMalformed.
func ParseEnvelope(b []byte, id string) (*Message, error) {
	m := new(Message)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	switch {
	case m.Form > FormVersion:
		return nil, fmt.Errorf("%w: it is of form %d, which a newer release has written", ErrMalformed, m.Form)
	case m.ID != "" && m.ID != id:
		return nil, fmt.Errorf("%w: it is that of the message %q", ErrMalformed, m.ID)
	case m.Form < 1 || m.ID != id || len(m.Recipients) == 0 || m.Size < 0:
		return nil, fmt.Errorf("%w: id, size or recipients are missing", ErrMalformed)
	}
	return m, nil
}

// IsID reports whether id can be one: people may name any.
func IsID(id string) bool {
	return id != "" && len(id) < 100 && strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyz-") == ""
}

// sums is the polynomial of the checksum of a body; processors compute it.
var sums = crc32.MakeTable(crc32.Castagnoli)

// UpdateSum returns the checksum of a body after further octets of it; it begins with 0.
func UpdateSum(sum uint32, p []byte) uint32 { return crc32.Update(sum, sums, p) }

// Matches reports whether a body is the one that was stored with the message. err is not
// nil when it cannot be read.
func (m *Message) Matches(body io.ReaderAt, size int64) (same bool, err error) {
	if size != m.Size {
		return false, nil
	}
	sum := crc32.New(sums)
	n, err := io.Copy(sum, io.NewSectionReader(body, 0, size))
	return err == nil && n == size && sum.Sum32() == m.Sum, err
}

// BodyInMemory returns a body that is in memory.
func BodyInMemory(b []byte) Body { return memoryBody{bytes.NewReader(b)} }

type memoryBody struct{ *bytes.Reader }

// Close implements io.Closer.
func (memoryBody) Close() error { return nil }

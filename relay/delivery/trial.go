package delivery

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
)

// noPanic runs work and returns a panic in it as an error.
func noPanic(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", rewrite.ErrPanic, p, debug.Stack())
		}
	}()
	return work()
}

// trial receives the rewriter's result before any octet of it is sent to the next
// hop. A result that cannot be written, or differs from its declared size, is found
// while the message can still be sent unchanged. If it were found later, every
// further attempt of the client would fail in the same way, and the message would
// never be delivered.
type trial struct {
	size     int64
	eightBit bool // there are octets above 127
}

// Write implements io.Writer.
func (r *trial) Write(p []byte) (int, error) {
	r.size += int64(len(p))
	r.eightBit = r.eightBit || !envelope.IsASCII(p)
	return len(p), nil
}

// tryWrite writes without storing and reports whether there are octets above 127. It
// is an error when another number of octets than size is written.
func tryWrite(size int64, write func(io.Writer) (int64, error)) (eightBit bool, err error) {
	var r trial
	err = noPanic(func() error {
		_, err := write(&r)
		return err
	})
	if err == nil && r.size != size {
		err = fmt.Errorf("the repaired message has %d octets instead of %d", r.size, size)
	}
	return r.eightBit, err
}

package delivery

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
)

// noPanic runs work and makes an error of a panic in it.
func noPanic(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", rewrite.ErrPanic, p, debug.Stack())
		}
	}()
	return work()
}

// trial takes what the rewriter made before an octet of it goes to the next hop. What cannot be written, or has another size than it said, is known while
// the message can still go as it came; a fault that came up later would come up at
// each further try of the client, too, and hold the message for ever.
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

// tryWrite writes to nowhere and reports whether there are octets above 127. It is an
// error when another number of octets than size is written.
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

package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Options define where a body is stored.
type Options struct {
	Directory string  // for the file; "" is the system's temporary directory
	InMemory  int64   // octets; a larger body is stored in the file
	MaxSize   int64   // octets that Write accepts; 0: no limit
	Memory    *Memory // shared by many bodies; nil: no limit
}

// Body is a stored message: in blocks from a pool up to a limit, beyond that in a
// file that no other process can open and that is deleted when it is closed, also
// when the process ends. It is written once, in order, and then read. It is not safe
// for concurrent use, except that ReadAt may be called concurrently after the last
// Write.
type Body struct {
	opt Options

	blocks   []*[BlockSize]byte
	reserved int64 // octets taken from opt.Memory
	file     *os.File
	size     int64
	eightBit bool
}

// BlockSize is the size in octets of the blocks in memory.
const BlockSize = 64 << 10

var blocks = sync.Pool{New: func() any { return new([BlockSize]byte) }}

// ErrTooLarge is returned by Write for a message of more than Options.MaxSize
// octets.
var ErrTooLarge = errors.New("message is larger than this listener accepts")

// New returns an empty body. Close must be called.
func New(o Options) *Body { return &Body{opt: o} }

// Empty returns an empty body with the options of b, but without a limit on its
// size.
func (b *Body) Empty() *Body {
	o := b.opt
	o.MaxSize = 0
	return New(o)
}

// Write appends to the message. It implements io.Writer.
func (b *Body) Write(p []byte) (int, error) {
	if b.opt.MaxSize > 0 && b.size+int64(len(p)) > b.opt.MaxSize {
		return 0, ErrTooLarge
	}
	b.eightBit = b.eightBit || hasEightBit(p)
	if b.file == nil && (b.size+int64(len(p)) > b.opt.InMemory || !b.reserve(b.size+int64(len(p)))) {
		if err := b.spill(); err != nil {
			return 0, err
		}
	}
	if b.file != nil {
		n, err := b.file.Write(p)
		b.size += int64(n)
		return n, err
	}
	for rest := p; len(rest) > 0; {
		at := int(b.size % BlockSize)
		if at == 0 {
			b.blocks = append(b.blocks, blocks.Get().(*[BlockSize]byte))
		}
		n := copy(b.blocks[len(b.blocks)-1][at:], rest)
		rest = rest[n:]
		b.size += int64(n)
	}
	return len(p), nil
}

// reserve takes the memory that size octets need in addition from the shared limit,
// and reports whether that was possible.
func (b *Body) reserve(size int64) bool {
	missing := (size+BlockSize-1)/BlockSize*BlockSize - b.reserved
	if missing > 0 && !b.opt.Memory.take(missing) {
		return false
	}
	b.reserved += max(missing, 0)
	return true
}

// spill moves what is in memory to a file.
func (b *Body) spill() error {
	file, err := openFile(b.opt.Directory)
	if err != nil {
		return fmt.Errorf("opening a file for a large message: %w", err)
	}
	if _, err := b.WriteTo(file); err != nil {
		file.Close()
		return fmt.Errorf("writing a large message: %w", err)
	}
	b.release()
	b.file = file
	return nil
}

// Size returns the number of octets that were written.
func (b *Body) Size() int64 { return b.size }

// EightBit reports whether the body has octets above 127.
func (b *Body) EightBit() bool { return b.eightBit }

// ReadAt implements io.ReaderAt.
func (b *Body) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	if off >= b.size {
		return 0, io.EOF
	}
	short := int64(len(p)) > b.size-off
	if short {
		p = p[:b.size-off]
	}
	n := 0
	if b.file != nil {
		var err error
		if n, err = b.file.ReadAt(p, off); err != nil && n < len(p) {
			return n, err
		}
	}
	for n < len(p) {
		at := off + int64(n)
		n += copy(p[n:], b.blocks[at/BlockSize][at%BlockSize:])
	}
	if short {
		return n, io.EOF
	}
	return n, nil
}

// WriteTo writes the whole message; it can be called more than once.
func (b *Body) WriteTo(w io.Writer) (int64, error) { return b.WriteFirst(w, b.size) }

// WriteFirst writes the first size octets of the message to w.
func (b *Body) WriteFirst(w io.Writer, size int64) (int64, error) {
	if b.file != nil {
		block := blocks.Get().(*[BlockSize]byte)
		defer blocks.Put(block)
		// The struct hides WriteTo, which would read in smaller pieces.
		return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{io.NewSectionReader(b.file, 0, size)}, block[:])
	}
	var done int64
	for _, block := range b.blocks {
		if done == size {
			break
		}
		n, err := w.Write(block[:min(BlockSize, size-done)])
		done += int64(n)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// InMemory returns the number of octets up to which a body stays in memory.
func (b *Body) InMemory() int64 { return b.opt.InMemory }

// MaxSize returns how many octets Write accepts; 0 means no limit.
func (b *Body) MaxSize() int64 { return b.opt.MaxSize }

// InFile reports whether the body is in a file.
func (b *Body) InFile() bool { return b.file != nil }

// Close releases the memory and deletes the file. It may be called more than once.
func (b *Body) Close() error {
	b.release()
	b.size = 0
	if b.file == nil {
		return nil
	}
	file := b.file
	b.file = nil
	return file.Close()
}

func (b *Body) release() {
	for _, block := range b.blocks {
		blocks.Put(block)
	}
	b.blocks = nil
	b.opt.Memory.give(b.reserved)
	b.reserved = 0
}

// hasEightBit checks eight octets at a time.
func hasEightBit(b []byte) bool {
	const high = 0x8080808080808080
	for len(b) >= 32 {
		if (binary.NativeEndian.Uint64(b)|binary.NativeEndian.Uint64(b[8:])|
			binary.NativeEndian.Uint64(b[16:])|binary.NativeEndian.Uint64(b[24:]))&high != 0 {
			return true
		}
		b = b[32:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

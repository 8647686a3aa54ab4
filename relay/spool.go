package relay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// spool is a message at rest: in blocks from a pool up to a limit, beyond that
// in a file that nobody else can see and that is gone when it is closed, also
// when the process dies. It is written once, in order, and then read.
type spool struct {
	dir      string  // for the file; "" is the system's
	inMemory int64   // more than that goes to the file
	maxSize  int64   // of the message; 0: no limit
	shared   *bodies // counts the blocks of all spools together; nil: nobody does

	blocks   []*[spoolBlock]byte
	reserved int64 // octets taken from shared
	file     *os.File
	size     int64
	eightBit bool
}

const spoolBlock = 64 << 10

var spoolBlocks = sync.Pool{New: func() any { return new([spoolBlock]byte) }}

// errTooBig is a message above max_size. One of exactly max_size is accepted.
var errTooBig = errors.New("message is larger than this listener accepts")

// Write adds to the message.
func (s *spool) Write(b []byte) (int, error) {
	if s.maxSize > 0 && s.size+int64(len(b)) > s.maxSize {
		return 0, errTooBig
	}
	s.eightBit = s.eightBit || hasEightBit(b)
	if s.file == nil && (s.size+int64(len(b)) > s.inMemory || !s.reserve(s.size+int64(len(b)))) {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	if s.file != nil {
		n, err := s.file.Write(b)
		s.size += int64(n)
		return n, err
	}
	for rest := b; len(rest) > 0; {
		at := int(s.size % spoolBlock)
		if at == 0 {
			s.blocks = append(s.blocks, spoolBlocks.Get().(*[spoolBlock]byte))
		}
		n := copy(s.blocks[len(s.blocks)-1][at:], rest)
		rest = rest[n:]
		s.size += int64(n)
	}
	return len(b), nil
}

// reserve takes what is missing for so many octets in blocks from what all spools
// share, and reports whether there is as much.
func (s *spool) reserve(size int64) bool {
	missing := (size+spoolBlock-1)/spoolBlock*spoolBlock - s.reserved
	if missing > 0 && !s.shared.take(missing) {
		return false
	}
	s.reserved += max(missing, 0)
	return true
}

// spill moves what is in memory to a file.
func (s *spool) spill() error {
	file, err := openSpoolFile(s.dir)
	if err != nil {
		return fmt.Errorf("opening a file for a large message: %w", err)
	}
	if _, err := s.WriteTo(file); err != nil {
		file.Close()
		return fmt.Errorf("writing a large message: %w", err)
	}
	s.release()
	s.file = file
	return nil
}

// Size is the number of octets that were written.
func (s *spool) Size() int64 { return s.size }

// EightBit says whether there are octets above 127.
func (s *spool) EightBit() bool { return s.eightBit }

// ReadAt implements io.ReaderAt.
func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	if off >= s.size {
		return 0, io.EOF
	}
	short := int64(len(p)) > s.size-off
	if short {
		p = p[:s.size-off]
	}
	n := 0
	if s.file != nil {
		var err error
		if n, err = s.file.ReadAt(p, off); err != nil && n < len(p) {
			return n, err
		}
	}
	for n < len(p) {
		at := off + int64(n)
		n += copy(p[n:], s.blocks[at/spoolBlock][at%spoolBlock:])
	}
	if short {
		return n, io.EOF
	}
	return n, nil
}

// WriteTo writes the whole message; it can be called more than once.
func (s *spool) WriteTo(w io.Writer) (int64, error) { return s.writeFirst(w, s.size) }

// writeFirst writes the first octets of the message.
func (s *spool) writeFirst(w io.Writer, size int64) (int64, error) {
	if s.file != nil {
		block := spoolBlocks.Get().(*[spoolBlock]byte)
		defer spoolBlocks.Put(block)
		// The struct hides WriteTo, which would read in smaller pieces.
		return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{io.NewSectionReader(s.file, 0, size)}, block[:])
	}
	var done int64
	for _, block := range s.blocks {
		if done == size {
			break
		}
		n, err := w.Write(block[:min(spoolBlock, size-done)])
		done += int64(n)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// Close forgets the message.
func (s *spool) Close() error {
	s.release()
	s.size = 0
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return file.Close()
}

func (s *spool) release() {
	for _, block := range s.blocks {
		spoolBlocks.Put(block)
	}
	s.blocks = nil
	s.shared.give(s.reserved)
	s.reserved = 0
}

// hasEightBit looks at eight octets at a time.
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

package logfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
)

// maxLine is the longest line that is read; a longer one is passed over.
const maxLine = 1 << 20

// Lines calls each for every line of ours in a file. A file compressed by gzip
// is unpacked on the way. Each returns false to stop.
func Lines(file io.Reader, each func(*Line) bool) error {
	r := bufio.NewReaderSize(file, 64<<10)
	if magic, err := r.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unpacked, err := gzip.NewReader(r)
		if err != nil {
			return fmt.Errorf("it cannot be unpacked: %w", err)
		}
		defer unpacked.Close()
		r = bufio.NewReaderSize(unpacked, 64<<10)
	}
	var line []byte
	skip := false
	for {
		piece, err := r.ReadSlice('\n')
		if !skip {
			line = append(line, piece...)
			skip = len(line) > maxLine
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if !skip && len(bytes.TrimSpace(line)) > 0 {
			if l, ok := Parse(line); ok && !each(l) {
				return nil
			}
		}
		line, skip = line[:0], false
		switch err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

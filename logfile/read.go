package logfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxLine is the longest line that is read; a longer one is passed over.
const maxLine = 1 << 20

// utf16Order reports whether a file is UTF-16, which the > of PowerShell writes: by
// its byte order mark, or by the zero octets of ASCII.
func utf16Order(head []byte) (unicode.Endianness, bool) {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), len(head) == 4 && head[0] != 0 && head[1] == 0 && head[3] == 0:
		return unicode.LittleEndian, true
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}), len(head) == 4 && head[0] == 0 && head[1] != 0 && head[2] == 0:
		return unicode.BigEndian, true
	}
	return unicode.BigEndian, false
}

// Lines calls each for every line of our log in a file. A file compressed by gzip is
// decompressed, one in UTF-16 is decoded. It stops when each returns false.
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
	if magic, err := r.Peek(4); err == nil || len(magic) > 0 {
		if order, ok := utf16Order(magic); ok {
			r = bufio.NewReaderSize(transform.NewReader(r, unicode.UTF16(order, unicode.UseBOM).NewDecoder()), 64<<10)
		} else if bytes.HasPrefix(magic, []byte{0xef, 0xbb, 0xbf}) {
			_, _ = r.Discard(3)
		}
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

package dsn

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
)

// shape is what decides about the encoding of a text.
type shape struct {
	eight bool // it has octets above 127
	lines bool // its lines end in CRLF, are short enough, and have no NUL
}

// scan reads a text to its end.
func scan(r io.Reader) (shape, error) {
	s := shape{lines: true}
	buf := make([]byte, 32<<10)
	length, last := 0, byte('\n')
	for {
		n, err := r.Read(buf)
		for _, c := range buf[:n] {
			s.eight = s.eight || c > 0x7f
			switch {
			case c == '\n':
				s.lines = s.lines && last == '\r'
				length = 0
			case last == '\r' || c == 0:
				s.lines = false
			case c != '\r':
				length++
				s.lines = s.lines && length <= maxLine
			}
			last = c
		}
		if errors.Is(err, io.EOF) {
			s.lines = s.lines && last != '\r'
			return s, nil
		}
		if err != nil {
			return s, err
		}
	}
}

// boundary returns a delimiter that does not occur in what is returned. The other
// parts cannot have it: "=_" does not occur in quoted-printable, and no line of the
// part for programs begins with a hyphen.
func (p returned) boundary(id string) (string, error) {
	for n := range 100 {
		sum := sha256.Sum256([]byte(id + "\x00" + strconv.Itoa(n)))
		b := "=_" + hex.EncodeToString(sum[:16])
		found, err := p.contains(b)
		if err != nil {
			return "", err
		}
		if !found {
			return b, nil
		}
	}
	return "", errors.New("the message has every delimiter")
}

// contains reports whether a text occurs in what is returned as it is.
func (p returned) contains(text string) (bool, error) {
	if p.source == nil || p.encoding != "" && p.encoding != eightBit {
		return false, nil
	}
	r := io.NewSectionReader(p.source, 0, p.source.Size())
	buf := make([]byte, 32<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		if bytes.Contains(buf[:kept+n], []byte(text)) {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		from := max(0, kept+n-len(text)+1)
		kept = copy(buf, buf[from:kept+n])
	}
}

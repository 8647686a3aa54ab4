package dsn

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/reconvene/reconvene/relay/envelope"
)

const (
	eightBit        = "8bit"
	quotedPrintable = "quoted-printable"
	inBase64        = "base64"

	maxHeader = 64 << 10 // octets of a header that are returned
	maxLine   = 998      // octets of a line without its end (RFC 5322 §2.1.1)
)

// returned is the third part of a notification: what is returned of the message.
type returned struct {
	full      bool
	mediaType string // "" returns nothing
	encoding  string // "" is 7bit
	source    *io.SectionReader
}

// returned decides what is returned: the message after a failure, unless the sender
// asked for the header alone (RFC 3461 §6.2) or the message is too large or cannot be
// transferred; else its header.
func (r *Report) returned(smtputf8 bool) (returned, error) {
	if r.Original == nil {
		return returned{}, nil
	}
	header, err := readHeader(r.Original, r.Size)
	if err != nil {
		return returned{}, err
	}
	// SMTPUTF8: a message with UTF-8 in its header is not a message/rfc822 (RFC 6532 §3.7).
	global := r.Envelope.UTF8 && !envelope.IsASCII(header) && utf8.Valid(header)
	if r.wantsFull() {
		s, err := scan(io.NewSectionReader(r.Original, 0, r.Size))
		if err != nil {
			return returned{}, err
		}
		if p, ok := fullForm(s, global, smtputf8, smtputf8 || r.EightBit); ok {
			p.source = io.NewSectionReader(r.Original, 0, r.Size)
			return p, nil
		}
	}
	s, err := scan(bytes.NewReader(header))
	if err != nil {
		return returned{}, err
	}
	p := headerForm(s, global, smtputf8)
	p.source = io.NewSectionReader(bytes.NewReader(header), 0, int64(len(header)))
	return p, nil
}

func (r *Report) wantsFull() bool {
	most := r.MaxReturn
	if most == 0 {
		most = DefaultMaxReturn
	}
	return r.worst() == Failed && !strings.EqualFold(r.Envelope.Ret, "HDRS") && r.Size <= most
}

// fullForm returns how a complete message is returned; false when it cannot be. A
// message/rfc822 must not be encoded (RFC 2046 §5.2.1), a message/global may be
// (RFC 6532 §3.7).
func fullForm(s shape, global, utf8, eight bool) (returned, bool) {
	p := returned{full: true, mediaType: "message/rfc822"}
	switch {
	case global:
		p.mediaType, p.encoding = "message/global", inBase64
		if utf8 && s.lines {
			p.encoding = eightBit
		}
	case !s.lines || s.eight && !eight:
		return returned{}, false
	case s.eight:
		p.encoding = eightBit
	}
	return p, true
}

// headerForm returns how a header is returned. As text it may be encoded (RFC 6522 §4).
func headerForm(s shape, global, utf8 bool) returned {
	p := returned{mediaType: "text/rfc822-headers"}
	if global {
		p.mediaType = "message/global-headers"
	}
	switch {
	case global && utf8 && s.lines:
		p.encoding = eightBit
	case s.eight || !s.lines:
		p.encoding = quotedPrintable
	}
	return p
}

// readHeader returns the header with the end of its last line: all of it up to a limit,
// where it ends with a line.
func readHeader(r io.ReaderAt, size int64) ([]byte, error) {
	b := make([]byte, min(size, maxHeader))
	n, err := r.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	b = b[:n]
	for at := 0; at < len(b); {
		end := bytes.IndexByte(b[at:], '\n')
		if end < 0 {
			break
		}
		if len(bytes.TrimRight(b[at:at+end], "\r")) == 0 {
			return b[:at], nil
		}
		at += end + 1
	}
	if int64(n) < size {
		b = b[:bytes.LastIndexByte(b, '\n')+1]
	}
	return b, nil
}

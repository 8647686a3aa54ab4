package mime

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Errors of Decode.
var (
	// ErrEncoding reports that the transfer encoding is not one of RFC 2045.
	ErrEncoding = errors.New("unknown transfer encoding")
	// ErrDamaged reports that the octets are not valid in the declared transfer
	// encoding, so that receivers may decode them differently.
	ErrDamaged = errors.New("damaged transfer encoding")
)

// ReadHeader returns the header section of a part.
func ReadHeader(src Source, p *Part) (Header, error) {
	b, err := read(src, p.Header)
	return Header{Octets: b, Offset: p.Header.Start}, err
}

func read(src Source, s Span) ([]byte, error) {
	b := make([]byte, s.Len())
	n, err := src.ReadAt(b, s.Start)
	if n == len(b) {
		return b, nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return nil, err
}

// Decode returns the decoded body of a part: at most limit octets, else ErrLimit. In
// a message that is stored with LF alone (eol "\n") the lines of the result end in
// CRLF, unless the octets were encoded.
func Decode(src Source, p *Part, eol string, limit int) ([]byte, error) {
	// quoted-printable takes at most three octets for one, and soft breaks
	if p.Body.Len() > 4*int64(limit)+1024 {
		return nil, fmt.Errorf("%w: %d octets encoded, at most %d are read", ErrLimit, p.Body.Len(), limit)
	}
	raw, err := read(src, p.Body)
	if err != nil {
		return nil, err
	}
	p.LongLines, p.TwoEnds = longLines(raw, p.Encoding), p.endsTwice(raw)
	var out []byte
	if p.Encoding == "base64" {
		out, err = decodeBase64(raw[:0], raw) // nobody else has raw
	} else {
		out, err = DecodeOctets(raw, p.Encoding, eol)
	}
	if err == nil && len(out) > limit {
		return nil, fmt.Errorf("%w: %d octets, at most %d are read", ErrLimit, len(out), limit)
	}
	return out, err
}

// longLines reports whether an encoded body has lines that may be refused or cut:
// in base64, whose lines are nothing but folds, more than SMTP carries; in
// quoted-printable more than RFC 2045 §6.7 (5) allows.
func longLines(raw []byte, encoding string) bool {
	most := 0
	switch encoding {
	case "base64":
		most = maxLine
	case "quoted-printable":
		most = encodedLine
	default:
		return false
	}
	for len(raw) > most {
		n := bytes.LastIndexByte(raw[:min(len(raw), most+2)], '\n')
		if n < 0 {
			// CR and LF are no part of the line
			return len(bytes.TrimRight(raw[:min(len(raw), most+2)], "\r")) > most
		}
		raw = raw[n+1:]
	}
	return false
}

// DecodeOctets decodes a body; encoding is in lower case.
func DecodeOctets(raw []byte, encoding, eol string) ([]byte, error) {
	switch encoding {
	case "", "7bit", "8bit", "binary":
		return toCRLF(raw, eol), nil
	case "quoted-printable":
		return decodeQP(toCRLF(raw, eol))
	case "base64":
		return decodeBase64(make([]byte, 0, len(raw)), raw)
	}
	return nil, fmt.Errorf("%w: %q", ErrEncoding, encoding)
}

// toCRLF gives the lines of a body that is stored with LF alone the line end
// that they have on the wire.
func toCRLF(b []byte, eol string) []byte {
	if eol != "\n" || bytes.IndexByte(b, '\n') < 0 {
		return b
	}
	out := make([]byte, 0, len(b)+bytes.Count(b, []byte{'\n'}))
	for i, c := range b {
		if c == '\n' && (i == 0 || b[i-1] != '\r') {
			out = append(out, '\r')
		}
		out = append(out, c)
	}
	return out
}

// decodeBase64 ignores blanks and line ends (RFC 2045 §6.8). Any other octet
// outside of the alphabet, and data after the padding, is damage: receivers
// disagree on what it means. The result is appended to data, which may be
// raw[:0].
func decodeBase64(data, raw []byte) ([]byte, error) {
	data = withoutSpace(data, raw)
	if i := bytes.IndexByte(data, '='); i >= 0 {
		switch padding := len(data) - i; {
		case len(bytes.TrimLeft(data[i:], "=")) > 0:
			return nil, fmt.Errorf("%w: base64 continues after its padding", ErrDamaged)
		case padding > 2:
			return nil, fmt.Errorf("%w: base64 with %d padding characters", ErrDamaged, padding)
		}
		data = data[:i]
	}
	n, err := base64.RawStdEncoding.Decode(data, data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return data[:n], nil
}

// withoutSpace appends raw to data without blanks and line ends; line by line,
// because there is seldom more than the line ends.
func withoutSpace(data, raw []byte) []byte {
	blank := false
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte{'\n'})
		line = bytes.TrimSuffix(line, []byte{'\r'})
		blank = blank || bytes.IndexByte(line, ' ') >= 0 || bytes.IndexByte(line, '\t') >= 0 || bytes.IndexByte(line, '\r') >= 0
		data = append(data, line...)
		raw = rest
	}
	if blank {
		data = slices.DeleteFunc(data, isSpace)
	}
	return data
}

// decodeQP reads quoted-printable (RFC 2045 §6.7). Blanks before a line end are
// transport padding. An "=" that starts neither a soft line break nor an octet
// is damage: most often the text was never encoded.
func decodeQP(raw []byte) ([]byte, error) {
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		line, eol := raw, []byte(nil)
		if n := bytes.IndexByte(raw, '\n'); n >= 0 {
			end := n
			for end > 0 && raw[end-1] == '\r' {
				end--
			}
			line, eol = raw[:end], raw[end:n+1]
		}
		raw = raw[len(line)+len(eol):]
		line = bytes.TrimRight(line, " \t")
		soft := len(line) > 0 && line[len(line)-1] == '='
		if soft {
			line = line[:len(line)-1]
		}
		for i := 0; i < len(line); i++ {
			if line[i] != '=' {
				out = append(out, line[i])
				continue
			}
			if i+2 >= len(line) {
				return nil, fmt.Errorf("%w: quoted-printable with %q at the end of a line", ErrDamaged, line[i:])
			}
			hi, lo := unhex(line[i+1]), unhex(line[i+2])
			if hi < 0 || lo < 0 {
				return nil, fmt.Errorf("%w: quoted-printable with %q", ErrDamaged, line[i:i+3])
			}
			out = append(out, byte(hi<<4|lo))
			i += 2
		}
		if !soft {
			out = append(out, eol...)
		}
	}
	return out, nil
}

// unhex reads a hexadecimal digit; -1 when it is none.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

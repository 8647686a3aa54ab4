package mime

import (
	"bytes"
	"iter"
)

// Header is the header section of a part: the octets, and their offset in the
// message.
type Header struct {
	Octets []byte
	Offset int64
}

// Field is one header field (RFC 5322 §2.2).
type Field struct {
	Name       []byte
	Body       []byte // everything after the colon, folds and the last line end included
	Start, End int    // of the whole field in Header.Octets
	BodyStart  int
}

// Fields returns the fields in order. A line that is not a field (a mbox "From "
// line, a byte order mark, a line without a colon) is skipped together with its
// continuation lines; the fields after it are returned.
func (h Header) Fields() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		b := h.Octets
		for start := 0; start < len(b); {
			end := fieldEnd(b, start)
			if f, ok := newField(b, start, end); ok && !yield(f) {
				return
			}
			start = end
		}
	}
}

// First returns the first field of that name (lower case).
func (h Header) First(name string) (Field, bool) {
	for f := range h.Fields() {
		if equalFold(f.Name, name) {
			return f, true
		}
	}
	return Field{}, false
}

// fieldEnd returns the offset after the field that starts at start: after
// the first line end that no blank follows.
func fieldEnd(b []byte, start int) int {
	for at := start; ; {
		n := bytes.IndexByte(b[at:], '\n')
		if n < 0 {
			return len(b)
		}
		at += n + 1
		if at >= len(b) || b[at] != ' ' && b[at] != '\t' {
			return at
		}
	}
}

func newField(b []byte, start, end int) (Field, bool) {
	colon := bytes.IndexByte(b[start:end], ':')
	if colon <= 0 {
		return Field{}, false
	}
	// RFC 5322 §4.5: blanks before the colon are obsolete, but read
	name := bytes.TrimRight(b[start:start+colon], " \t")
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return Field{}, false
		}
	}
	if len(name) == 0 {
		return Field{}, false
	}
	at := start + colon + 1
	return Field{Name: name, Body: b[at:end], Start: start, End: end, BodyStart: at}, true
}

// eol returns the line end that most lines of the section have: "\r\n", or "\n"
// in a message that is stored so.
func (h Header) eol() string {
	if crlf := bytes.Count(h.Octets, []byte("\r\n")); bytes.Count(h.Octets, []byte("\n")) > 2*crlf {
		return "\n"
	}
	return "\r\n"
}

// broken returns why not every reader finds the same fields in the section, "" when
// all do. Some end it at a line that is no field, some read on; some end a line
// at a CR by itself; blanks before the colon (RFC 5322 §4.5) are not for all.
func (h Header) broken() string {
	b := h.Octets
	if bytes.Count(b, []byte("\r")) != bytes.Count(b, []byte("\r\n")) {
		return "a bare carriage return in the header"
	}
	for start := 0; start < len(b); {
		end := fieldEnd(b, start)
		f, ok := newField(b, start, end)
		switch {
		case ok && b[f.BodyStart-2] != ' ' && b[f.BodyStart-2] != '\t':
		case start == 0 && bytes.HasPrefix(b, []byte("From ")): // of a mailbox file
		default:
			return "a line in the header that is not a field"
		}
		start = end
	}
	return ""
}

// EndsIn reports whether every line of the section ends in eol, "\r\n" or "\n".
func (h Header) EndsIn(eol string) bool {
	crlf := bytes.Count(h.Octets, []byte("\r\n"))
	if eol == "\n" {
		return crlf == 0
	}
	return crlf == bytes.Count(h.Octets, []byte("\n"))
}

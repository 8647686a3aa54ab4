package delivery

import (
	"bytes"
	"errors"
	"io"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
)

// Bare line ends (bare_newlines = "convert"). By DATA a bare CR or LF could be read
// as the end of the body (RFC 5321 §2.3.8), so that it is not sent. The listener
// defines whether the message is then refused or every line gets CRLF. Not converted
// are messages that are or may be signed or encrypted, NUL, and a bare CR in the
// header, after which some programs read a new field and others do not.

// withCRLF returns the message with CRLF line ends; the message itself where it has
// them already or must not be changed: the writer of the body says what is wrong with
// it.
func (p *payload) withCRLF() envelope.Body {
	count := newlineWriter{w: io.Discard}
	if _, err := p.WriteTo(&count); err != nil || count.finish() != nil || count.changed == 0 || mayBeProtected(p) {
		return p
	}
	p.d.noteConverted(count.changed)
	return &crlfForm{payload: p, size: count.size}
}

// crlfForm is a message with all line ends converted to CRLF.
type crlfForm struct {
	*payload
	size int64
}

func (c *crlfForm) Size() int64 { return c.size }

func (c *crlfForm) WriteTo(w io.Writer) (int64, error) {
	out := newlineWriter{w: w}
	_, err := c.payload.WriteTo(&out)
	if err == nil {
		err = out.finish()
	}
	return out.size, err
}

// What keeps a message from being converted.
var (
	errHeaderCR = errors.New("a CR without LF in the header")
	errNUL      = errors.New("NUL octets")
)

// newlineWriter ends each line with CRLF. Several CRs before an LF are one line end,
// which a repeated conversion produces.
type newlineWriter struct {
	w       io.Writer
	crs     int   // CRs at the end of what came
	text    bool  // the current line has text
	body    bool  // the header is over
	changed int   // line ends that were none
	size    int64 // octets written
	buf     []byte
}

// Write implements io.Writer.
func (n *newlineWriter) Write(p []byte) (int, error) {
	if bytes.IndexByte(p, 0) >= 0 {
		return 0, errNUL
	}
	n.buf = n.buf[:0]
	for rest := p; len(rest) > 0; {
		if end := wholeLine(rest); end > 0 && n.crs == 0 {
			n.buf = append(n.buf, rest[:end-2]...)
			n.text = n.text || end > 2
			n.end()
			rest = rest[end:]
			continue
		}
		var err error
		if rest, err = n.line(rest); err != nil {
			return 0, err
		}
	}
	return len(p), n.flush()
}

// wholeLine returns the length of the line at the beginning of a text if it ends in CRLF
// and has no other CR, else 0.
func wholeLine(text []byte) int {
	lf := bytes.IndexByte(text, '\n')
	if lf < 1 || bytes.IndexByte(text[:lf], '\r') != lf-1 {
		return 0
	}
	return lf + 1
}

// line converts the first line of a text octet by octet, and returns the others.
func (n *newlineWriter) line(text []byte) ([]byte, error) {
	for i, c := range text {
		switch {
		case c == '\r':
			n.crs++
		case c == '\n':
			if n.crs != 1 {
				n.changed++
			}
			n.crs = 0
			n.end()
			return text[i+1:], nil
		default:
			if err := n.endBareCRs(); err != nil {
				return nil, err
			}
			n.buf = append(n.buf, c)
			n.text = true
		}
	}
	return nil, nil
}

// endBareCRs writes a line end for each CR without LF.
func (n *newlineWriter) endBareCRs() error {
	for ; n.crs > 0; n.crs-- {
		if !n.body {
			return errHeaderCR
		}
		n.changed++
		n.end()
	}
	return nil
}

func (n *newlineWriter) end() {
	n.buf = append(n.buf, '\r', '\n')
	n.body = n.body || !n.text
	n.text = false
}

func (n *newlineWriter) flush() error {
	m, err := n.w.Write(n.buf)
	n.size += int64(m)
	return err
}

// finish ends a last line that ends in CR.
func (n *newlineWriter) finish() error {
	n.buf = n.buf[:0]
	if err := n.endBareCRs(); err != nil {
		return err
	}
	return n.flush()
}

// mayBeProtected reports whether a message may be signed or encrypted. It searches
// the octets and not the parts: where line ends are doubtful, so are the parts. A
// message that cannot be read counts as protected.
func mayBeProtected(msg io.WriterTo) bool {
	w := protectionFinder{}
	_, err := msg.WriteTo(&w)
	return err != nil
}

// protectionMarks are strings that occur in signed or encrypted messages, in lower
// case.
var protectionMarks = [][]byte{
	[]byte("/signed"), []byte("/encrypted"), []byte("pkcs7"), []byte("application/pgp"), []byte("-----begin pgp"),
	[]byte("dkim-signature"), []byte("domainkey-signature"), []byte("arc-seal"), []byte("arc-message-signature"),
}

var errSealed = errors.New("signed or encrypted")

// protectionFinder is a writer that fails when one of protectionMarks is written to
// it.
type protectionFinder struct{ text []byte }

const longestSeal = len("arc-message-signature")

// Write implements io.Writer.
func (w *protectionFinder) Write(p []byte) (int, error) {
	w.text = append(w.text, bytes.ToLower(p)...)
	for _, seal := range protectionMarks {
		if bytes.Contains(w.text, seal) {
			return 0, errSealed
		}
	}
	if extra := len(w.text) - longestSeal; extra > 0 {
		w.text = append(w.text[:0], w.text[extra:]...)
	}
	return len(p), nil
}

// convertsNewlines reports whether the listener converts bare line ends.
func (m *Message) convertsNewlines() bool { return m.Newlines == config.ConvertNewlines }

// noteConverted reports the conversion of line ends, once for a message.
func (d *Delivery) noteConverted(n int) {
	if !d.converted {
		d.converted = true
		d.observer.Converted(n)
	}
}

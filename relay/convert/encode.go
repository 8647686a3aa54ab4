package convert

import (
	"bufio"
	"errors"
	"io"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// piece replaces the octets [from, to) of the source: by text, or by what they are in
// an encoding.
type piece struct {
	from, to int64
	text     []byte
	encode   string // "quoted-printable", "base64" or rewrap; "" for text
	last     bool   // nothing follows it in the message
}

const (
	rewrap = "rewrap" // base64 in shorter lines
	recode = "recode" // quoted-printable decoded and encoded anew
)

// WriteTo implements io.WriterTo.
func (r *Result) WriteTo(w io.Writer) (int64, error) {
	out := &counter{w: w}
	at := int64(0)
	for _, p := range r.pieces {
		if err := copySpan(out, r.src, at, p.from); err != nil {
			return out.n, err
		}
		if err := p.write(out, r.src); err != nil {
			return out.n, err
		}
		at = p.to
	}
	err := copySpan(out, r.src, at, r.src.Size())
	return out.n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func copySpan(w io.Writer, src io.ReaderAt, from, to int64) error {
	n, err := io.Copy(w, io.NewSectionReader(src, from, to-from))
	if err == nil && n < to-from {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (p *piece) write(w io.Writer, src io.ReaderAt) error {
	in := bufio.NewReaderSize(io.NewSectionReader(src, p.from, p.to-p.from), encodeBlock)
	switch p.encode {
	case "":
		_, err := w.Write(p.text)
		return err
	case "quoted-printable":
		return writeQP(w, in)
	case rewrap:
		return writeBase64(w, &stripper{in}, p.last, true)
	}
	return writeBase64(w, in, p.last, false)
}

// encodeBlock is how much is encoded at once; a multiple of the octets in a line of
// base64, and of its characters.
const encodeBlock = 57 * 76 * 8

// writeBase64 writes octets in base64; those that are base64 already (ready) only in
// lines of 76.
func writeBase64(w io.Writer, r io.Reader, last, ready bool) error {
	in := make([]byte, encodeBlock)
	var out []byte
	for first := true; ; first = false {
		n, err := io.ReadFull(r, in)
		if n > 0 {
			out = out[:0]
			if !first {
				out = append(out, "\r\n"...)
			}
			if ready {
				out = appendLines(out, in[:n])
			} else {
				out = mime.AppendBase64(out, in[:n], "\r\n", false)
			}
			if _, err := w.Write(out); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			if last && len(out) > 0 {
				_, err = io.WriteString(w, "\r\n")
				return err
			}
			return nil
		case err != nil:
			return err
		}
	}
}

func appendLines(out, text []byte) []byte {
	const width = 76
	for len(text) > width {
		out = append(append(out, text[:width]...), "\r\n"...)
		text = text[width:]
	}
	return append(out, text...)
}

// stripper leaves out line ends.
type stripper struct{ r io.Reader }

func (s *stripper) Read(b []byte) (int, error) {
	for {
		n, err := s.r.Read(b)
		kept := 0
		for _, c := range b[:n] {
			if c != '\r' && c != '\n' {
				b[kept] = c
				kept++
			}
		}
		if kept > 0 || err != nil || len(b) == 0 {
			return kept, err
		}
	}
}

// writeQP writes a text in quoted-printable, line by line. A line that does not end in
// CRLF there is continued after a soft line break.
func writeQP(w io.Writer, r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if len(line) > 0 {
			out := mime.Encode(line, "quoted-printable", "\r\n", false)
			ended := len(line) > 1 && line[len(line)-2] == '\r' && line[len(line)-1] == '\n'
			if _, peek := r.Peek(1); !ended && peek == nil {
				out = append(out, "=\r\n"...)
			}
			if _, err := w.Write(out); err != nil {
				return err
			}
		}
		switch {
		case err == nil || errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil
		default:
			return err
		}
	}
}

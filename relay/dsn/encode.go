package dsn

import (
	"encoding/base64"
	"io"
	"mime/quotedprintable"
)

// write writes the part.
func (p returned) write(w *writer) {
	w.text("Content-Type: " + p.mediaType + "\r\n")
	if p.encoding != "" {
		w.text("Content-Transfer-Encoding: " + p.encoding + "\r\n")
	}
	w.text("\r\n")
	source := io.NewSectionReader(p.source, 0, p.source.Size())
	switch p.encoding {
	case quotedPrintable:
		q := quotedprintable.NewWriter(w)
		w.copy(q, source)
		w.close(q)
	case inBase64:
		b := base64.NewEncoder(base64.StdEncoding, &lines{w: w})
		w.copy(b, source)
		w.close(b)
	default:
		w.copy(w, source)
	}
}

func (w *writer) copy(to io.Writer, from io.Reader) {
	if _, err := io.Copy(to, from); err != nil && w.err == nil {
		w.err = err
	}
}

func (w *writer) close(c io.Closer) {
	if err := c.Close(); err != nil && w.err == nil {
		w.err = err
	}
}

// lines breaks base64 into lines of 76 (RFC 2045 §6.8).
type lines struct {
	w  io.Writer
	at int
}

func (l *lines) Write(p []byte) (written int, err error) {
	for len(p) > 0 {
		if l.at == 76 {
			if _, err := io.WriteString(l.w, "\r\n"); err != nil {
				return written, err
			}
			l.at = 0
		}
		n, err := l.w.Write(p[:min(len(p), 76-l.at)])
		written, l.at, p = written+n, l.at+n, p[n:]
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

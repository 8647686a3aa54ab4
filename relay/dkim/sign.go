package dkim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// MaxHeader is the longest header section that is signed, in octets.
const MaxHeader = 256 << 10

// maxNames is the longest list of field names (h=) that fits into one line of a
// signature (RFC 5322 §2.1.1), where the library writes it.
const maxNames = 900

var errManyFields = errors.New("there are too many header fields to sign")

var errLongHeader = fmt.Errorf("the header has more than %d octets", MaxHeader)

// Sign returns the DKIM-Signature fields for a message, one for each key, with their
// line ends. The message is written once, and only its header is held in memory.
//
// The lines of the message should end in CRLF; a bare LF is read as a line end, as
// verifiers do.
func Sign(message io.WriterTo, keys []Key) (fields string, err error) {
	w := &signer{keys: keys}
	defer w.close()
	if _, err := message.WriteTo(w); err != nil {
		return "", err
	}
	if w.signers == nil { // there is no body
		if err := w.start(len(w.header)); err != nil {
			return "", err
		}
	}
	return w.finish()
}

// signer receives a message.
type signer struct {
	keys    []Key
	header  []byte // until it is complete
	signers []*dkim.Signer
}

// Write implements io.Writer.
func (s *signer) Write(p []byte) (int, error) {
	if s.signers != nil {
		return len(p), s.write(p)
	}
	from := max(len(s.header)-3, 0) // an end may have begun there
	s.header = append(s.header, p...)
	if end := headerEnd(s.header, from); end >= 0 {
		return len(p), s.start(end)
	}
	if len(s.header) > MaxHeader {
		return 0, errLongHeader
	}
	return len(p), nil
}

// headerEnd returns the offset of the empty line that ends a header section, -1 when
// it is not in b. It is searched for from an offset on.
func headerEnd(b []byte, from int) int {
	if bytes.HasPrefix(b, []byte("\r\n")) || bytes.HasPrefix(b, []byte("\n")) {
		return 0
	}
	for at := from; ; {
		n := bytes.IndexByte(b[at:], '\n')
		if n < 0 {
			return -1
		}
		at += n + 1
		if rest := b[at:]; bytes.HasPrefix(rest, []byte("\n")) || bytes.HasPrefix(rest, []byte("\r\n")) {
			return at
		}
	}
}

// start makes a signer for each key. The header section ends before end.
func (s *signer) start(end int) error {
	if end > MaxHeader {
		return errLongHeader
	}
	for _, k := range s.keys {
		names := headerKeys(s.header[:end], k.Headers)
		if len(strings.Join(names, ":")) > maxNames {
			return errManyFields
		}
		one, err := dkim.NewSigner(&dkim.SignOptions{
			Domain: k.Domain, Selector: k.Selector, Signer: k.Signer, HeaderKeys: names,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		})
		if err != nil {
			return err
		}
		s.signers = append(s.signers, one)
	}
	if end == len(s.header) { // a message without a body lacks the empty line, too
		s.header = append(s.header, "\r\n"...)
		if end > 0 && s.header[end-1] != '\n' {
			s.header = append(s.header, "\r\n"...)
		}
	}
	return s.write(s.header)
}

func (s *signer) write(p []byte) error {
	for _, one := range s.signers {
		if _, err := one.Write(p); err != nil {
			return err
		}
	}
	return nil
}

var errNoKey = errors.New("there is no key")

// finish returns the fields.
func (s *signer) finish() (string, error) {
	if len(s.signers) == 0 {
		return "", errNoKey
	}
	var all strings.Builder
	for i, one := range s.signers {
		if err := one.Close(); err != nil {
			return "", fmt.Errorf("%s: %w", s.keys[i].Name(), err)
		}
		all.WriteString(one.Signature())
	}
	s.signers = nil
	return all.String(), nil
}

// close ends signers that were not finished; each has a goroutine that waits for
// octets.
func (s *signer) close() {
	for _, one := range s.signers {
		_ = one.Close()
	}
}

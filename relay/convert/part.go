package convert

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// part plans what is changed of a part: its header fields, and its body when it has no
// parts itself.
func (c *converter) part(p *mime.Part) error {
	if insideGlobal(p) {
		return nil
	}
	h, err := mime.ReadHeader(c.src, p)
	if err != nil {
		return err
	}
	if (c.need.SevenBit || c.need.ASCIIHeader) && !mime.ASCII(h.Octets) {
		if err := c.header(p, h); err != nil {
			return err
		}
	}
	global := strings.HasPrefix(p.MediaType, "message/global")
	if !global && c.encloses(p) {
		return nil
	}
	s, err := measure(c.src, p.Body)
	if err != nil {
		return err
	}
	tooLong := c.need.ShortLines && s.longest > maxLine
	if !(c.need.SevenBit && s.high > 0) && !tooLong {
		return nil
	}
	encoding, err := c.encodingFor(p, s, global)
	if err != nil && s.high == 0 {
		return nil // the next hop decides what it does with the long lines
	}
	if err != nil {
		return err
	}
	return c.encode(p, h, encoding)
}

// encloses reports whether a part consists of parts or of a message. In a multipart
// without any delimiter its body is what [converter.gaps] looks at.
func (c *converter) encloses(p *mime.Part) bool {
	if p.IsMultipart() {
		return true
	}
	for _, child := range c.tree.Parts {
		if child.Parent == p {
			return true
		}
	}
	return false
}

// encodingFor chooses the encoding of a body that cannot stay as it is. The error says
// why it must not be changed.
func (c *converter) encodingFor(p *mime.Part, s stats, global bool) (string, error) {
	where := c.nameOf(p)
	switch {
	case p.Sealed != "":
		return "", signedPart(where, p.Sealed)
	case p.Doubt != "":
		return "", unsupported("%s must be converted for the next hop and can be read in two ways: %s", where, p.Doubt)
	case s.armor:
		return "", prohibited("%s must be converted for the next hop, and is signed or encrypted (PGP)", where)
	case !global && strings.HasPrefix(p.MediaType, "message/") || strings.HasPrefix(p.MediaType, "multipart/"):
		return "", unsupported("%s is of the type %s, which must not be encoded (RFC 2045 section 6.4)", where, p.MediaType)
	}
	switch p.Encoding {
	case "", "7bit", "8bit", "binary":
		if !p.Text() || s.high+s.nul > s.size/6 {
			return "base64", nil
		}
		return "quoted-printable", nil
	case "quoted-printable":
		return recode, nil
	case "base64":
		if s.high > 0 {
			return "", unsupported("%s is declared to be base64 and has 8-bit octets", where)
		}
		return rewrap, nil
	}
	return "", unsupported("%s has the unknown transfer encoding %q", where, p.Encoding)
}

func signedPart(where, kind string) error {
	return prohibited("%s must be converted for the next hop, and is signed or encrypted (%s)", where, kind)
}

// maxRecode is the longest body in damaged quoted-printable that is encoded anew.
const maxRecode = 16 << 20

// encode plans a new body, and the header field that declares its encoding.
func (c *converter) encode(p *mime.Part, h mime.Header, encoding string) error {
	body := piece{from: p.Body.Start, to: p.Body.End, encode: encoding, last: p.Parent == nil}
	if encoding == recode {
		text, err := mime.Decode(c.src, p, "\r\n", maxRecode)
		if errors.Is(err, mime.ErrDamaged) || errors.Is(err, mime.ErrLimit) {
			return unsupported("%s is declared to be quoted-printable and cannot be decoded", c.nameOf(p))
		}
		if err != nil {
			return err
		}
		body.encode, body.text = "", mime.Encode(text, "quoted-printable", "\r\n", false)
		encoding = "quoted-printable"
	} else if encoding == rewrap {
		encoding = "base64"
	} else {
		e := mime.EditHeader(h, "\r\n")
		e.SetField("Content-Transfer-Encoding", "Content-Transfer-Encoding: "+encoding)
		c.edits(e.Edits())
		c.declareMIME()
	}
	c.pieces = append(c.pieces, body)
	c.bodies = append(c.bodies, p)
	c.note(c.nameOf(p), encoding)
	return nil
}

// declareMIME adds MIME-Version to a message without it: the fields of MIME have no
// meaning otherwise (RFC 2045 §4).
func (c *converter) declareMIME() {
	root, err := mime.ReadHeader(c.src, c.tree.Root())
	if err != nil || c.mime {
		return
	}
	if _, has := root.First("mime-version"); has {
		return
	}
	c.mime = true
	at := root.Offset + int64(len(root.Octets))
	c.pieces = append(c.pieces, piece{from: at, to: at, text: []byte("MIME-Version: 1.0\r\n")})
}

// maxLine is the longest line on the wire (RFC 5322 §2.1.1).
const maxLine = 998

// stats is what a text consists of.
type stats struct {
	size, high, nul int64
	longest         int64 // line
	armor           bool  // of PGP
}

// pgpArmor begins a text that is signed or encrypted (RFC 9580 §6.2).
var pgpArmor = []byte("-----BEGIN PGP ")

// measure reads a text in blocks.
func measure(src io.ReaderAt, span mime.Span) (s stats, err error) {
	buf := make([]byte, min(span.Len(), 64<<10)+int64(len(pgpArmor)))
	line, kept := int64(0), 0 // kept: the end of the block before, for pgpArmor
	for at := span.Start; at < span.End; {
		n := min(int64(len(buf)-kept), span.End-at)
		b := buf[kept : kept+int(n)]
		if _, err := io.ReadFull(io.NewSectionReader(src, at, n), b); err != nil {
			return s, err
		}
		at += n
		s.armor = s.armor || bytes.Contains(buf[:kept+len(b)], pgpArmor)
		for _, c := range b {
			switch {
			case c == '\n':
				line = 0
				continue
			case c >= 0x80:
				s.high++
			case c == 0:
				s.nul++
			}
			if c != '\r' {
				line++
				s.longest = max(s.longest, line)
			}
		}
		s.size += n
		kept = copy(buf, buf[max(kept+len(b)-len(pgpArmor), 0):kept+len(b)])
	}
	return s, nil
}

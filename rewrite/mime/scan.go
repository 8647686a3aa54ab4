package mime

import (
	"bytes"
	"errors"
	"fmt"
)

// Limits bound what Scan accepts. A zero field means the default.
type Limits struct {
	Parts  int // default 2,000
	Depth  int // default 50
	Header int // octets of one header section, default 1 MiB
	Kept   int // octets of memory for what is kept of all header sections, default 1 MiB
}

// ErrLimit reports that a message exceeds Limits.
var ErrLimit = errors.New("message exceeds a limit")

func (l Limits) withDefaults() Limits {
	if l.Parts == 0 {
		l.Parts = 2000
	}
	if l.Depth == 0 {
		l.Depth = 50
	}
	if l.Header == 0 {
		l.Header = 1 << 20
	}
	if l.Kept == 0 {
		l.Kept = 1 << 20
	}
	return l
}

// Tree is the parts of a message in the order of the text; the first is the
// message itself.
type Tree struct {
	Parts []*Part
	EOL   string // line end of the message's header section
	DKIM  bool   // the message has a DKIM-Signature field

	// Signature is the name of the first field by which a server has signed the
	// message (RFC 6376, RFC 8617, RFC 4870), "" without one.
	Signature string
}

// Root returns the message itself.
func (t *Tree) Root() *Part { return t.Parts[0] }

// Scan finds the parts of a message. It reads it once, in blocks, and stops
// where no part can follow any more. It fails when the source cannot be read
// or a limit is exceeded (ErrLimit).
func Scan(src Source, lim Limits) (*Tree, error) {
	s := &scanner{win: newWindow(src), lim: lim.withDefaults(), tree: &Tree{EOL: "\r\n"}}
	defer s.win.close()
	if err := s.scan(); err != nil {
		return nil, err
	}
	return s.tree, nil
}

type scanner struct {
	win  *window
	lim  Limits
	tree *Tree
	open []frame // from the message down to the entity that is being read
	live int     // open frames with a boundary
	kept int     // octets, see Limits
}

// frame is an entity whose end was not seen yet.
type frame struct {
	part     *Part
	boundary string // "" for a leaf, and after the close delimiter
	begun    bool   // its first delimiter was seen
	crlf     bool   // which ends with CRLF
}

// delimiter is a boundary line that was found (RFC 2046 §5.1.1).
type delimiter struct {
	start, end int64 // of the line; its line end is inside
	frame      int   // whose boundary it is
	close      bool
}

func (s *scanner) scan() error {
	at, err := s.entities(0, nil)
	for err == nil && s.live > 0 {
		d, ok := s.next(at)
		if !ok {
			break
		}
		end := s.beforeLineEnd(d.start)
		s.lineEnds(d, end)
		s.closeAbove(d.frame, end)
		at = d.end
		if d.close {
			s.open[d.frame].boundary = ""
			s.live--
			continue
		}
		at, err = s.entities(d.end, s.open[d.frame].part)
	}
	if err != nil {
		return err
	}
	s.closeAbove(-1, s.win.end())
	for _, p := range s.tree.Parts { // doubt that came up after a part concerns it, too
		if p.Parent != nil {
			p.doubtIf(p.Parent.Doubt != "", p.Parent.Doubt)
		}
	}
	return s.win.err
}

// lineEnds doubts a multipart whose first delimiter ends with CRLF and one of whose
// others is after LF alone: a reader that has seen CRLF, as Go's, sees no
// delimiter there, and others do.
func (s *scanner) lineEnds(d delimiter, end int64) {
	f := &s.open[d.frame]
	if !f.begun {
		f.begun, f.crlf = true, d.end-s.beforeLineEnd(d.end) == 2
		return
	}
	f.part.doubtIf(f.crlf && d.start-end == 1, "a delimiter after a bare LF, in a multipart with CRLF")
}

// entities reads the header section at an offset, and the one inside when the
// entity is a message, and returns where the body starts.
func (s *scanner) entities(at int64, parent *Part) (int64, error) {
	for {
		p, body, err := s.entity(at, parent)
		if err != nil {
			return 0, err
		}
		b := p.boundary()
		if b != "" {
			s.live++
		}
		s.open = append(s.open, frame{part: p, boundary: b})
		identity := p.Encoding == "" || p.Encoding == "7bit" || p.Encoding == "8bit" || p.Encoding == "binary"
		if !p.isMessage() || !identity {
			return body, nil
		}
		at, parent = body, p
	}
}

func (s *scanner) entity(at int64, parent *Part) (*Part, int64, error) {
	if len(s.tree.Parts) >= s.lim.Parts {
		return nil, 0, fmt.Errorf("%w: more than %d parts", ErrLimit, s.lim.Parts)
	}
	if len(s.open) >= s.lim.Depth {
		return nil, 0, fmt.Errorf("%w: parts nested deeper than %d", ErrLimit, s.lim.Depth)
	}
	h, body, err := s.header(at)
	if err != nil {
		return nil, 0, err
	}
	p := &Part{
		Header: Span{at, at + int64(len(h.Octets))},
		Body:   Span{body, body},
		Parent: parent,
		number: 1,
	}
	fallback := "text/plain" // RFC 2045 §5.2
	if parent != nil {
		parent.children++
		p.number = parent.children
		p.Sealed = parent.Sealed
		p.Enclosed = parent.Enclosed || parent.isMessage()
		if parent.MediaType == "multipart/digest" {
			fallback = "message/rfc822" // RFC 2046 §5.1.5
		}
	} else {
		s.tree.EOL = h.eol()
		_, s.tree.DKIM = h.First("dkim-signature")
		s.tree.Signature = signature(h)
	}
	if parent != nil {
		p.Doubt = parent.Doubt
	}
	if s.kept += p.read(h, fallback); s.kept > s.lim.Kept {
		return nil, 0, fmt.Errorf("%w: the fields of all parts take more than %d octets", ErrLimit, s.lim.Kept)
	}
	if p.Sealed == "" {
		p.Sealed = sealing(p.MediaType)
	}
	s.tree.Parts = append(s.tree.Parts, p)
	return p, body, nil
}

// header finds the end of the header section at an offset: an empty line, a
// delimiter of an open multipart, or the end of the message. The octets are
// valid until the window moves.
func (s *scanner) header(at int64) (h Header, body int64, err error) {
	h.Offset = at
	for want, seen := 4096, 0; ; {
		b := s.win.at(at, want)
		if s.win.err != nil {
			return h, 0, s.win.err // also when the scan was given up in the middle
		}
		for {
			n := bytes.IndexByte(b[seen:], '\n')
			if n < 0 {
				break
			}
			line := b[seen : seen+n+1]
			if n == 0 || n == 1 && line[0] == '\r' {
				h.Octets = b[:seen]
				return h, at + int64(seen+n+1), s.headerSize(seen)
			}
			if _, _, ok := s.match(line); ok {
				h.Octets = b[:seen]
				return h, at + int64(seen), s.headerSize(seen)
			}
			seen += n + 1
		}
		if s.win.last(at, b) {
			if _, _, ok := s.match(b[seen:]); !ok {
				seen = len(b)
			}
			h.Octets = b[:seen]
			return h, at + int64(seen), s.headerSize(seen)
		}
		if err := s.headerSize(len(b)); err != nil {
			return h, 0, err
		}
		want = 2 * len(b)
	}
}

func (s *scanner) headerSize(n int) error {
	if n > s.lim.Header {
		return fmt.Errorf("%w: a header section is larger than %d octets", ErrLimit, s.lim.Header)
	}
	return nil
}

// lineMax is how much of a line is looked at to see whether it is a delimiter:
// two boundaries, dashes and some blanks.
const lineMax = 2*maxBoundary + 100

// next finds the next delimiter line from an offset on that starts a line.
//
// It looks for a dash, not for a line: base64 has none, so that an attachment
// passes at the speed of memory. A dash inside of a line is answered by going
// on at the next line; each octet is looked at a bounded number of times.
func (s *scanner) next(at int64) (delimiter, bool) {
	for at > 0 {
		// one octet more in front, to see the line end before the dash
		b := s.win.at(at-1, lineMax+1)
		if len(b) < 2 {
			break
		}
		i, last := 1, s.win.last(at-1, b)
		for i < len(b) {
			n := bytes.IndexByte(b[i:], '-')
			if n < 0 {
				i = len(b)
				break
			}
			i += n
			if b[i-1] == '\n' {
				if len(b)-i < lineMax && !last {
					break // the line may go on in the next block
				}
				if d, ok := s.delimiterAt(b[i:min(len(b), i+lineMax)]); ok {
					d.start = at - 1 + int64(i)
					d.end += d.start
					return d, true
				}
			}
			if n = bytes.IndexByte(b[i:], '\n'); n < 0 {
				i = len(b)
				break
			}
			i += n + 1
		}
		if i >= len(b) && last {
			break
		}
		at += int64(i) - 1
	}
	return delimiter{}, false
}

// delimiterAt reads a delimiter at the start of b. Its end is relative to b.
func (s *scanner) delimiterAt(b []byte) (d delimiter, ok bool) {
	if n := bytes.IndexByte(b, '\n'); n >= 0 {
		b = b[:n+1]
	} else if len(b) == lineMax {
		return d, false
	}
	d.frame, d.close, ok = s.match(b)
	d.end = int64(len(b))
	return d, ok
}

// match reports whether a line is the delimiter of an open multipart, the
// innermost first. Blanks after it are transport padding. The whole line
// counts, so that a boundary which starts like another one is not mistaken
// for it.
func (s *scanner) match(line []byte) (frame int, closing, ok bool) {
	if len(line) < 3 || line[0] != '-' || line[1] != '-' || len(line) > lineMax {
		return 0, false, false
	}
	end := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	line = bytes.TrimRight(line[2:], " \t\r\n")
	for i := len(s.open) - 1; i >= 0; i-- {
		b := s.open[i].boundary
		if b == "" || len(line) < len(b) || string(line[:len(b)]) != b {
			continue
		}
		// for some a CR ends the line, and what follows is the empty line after a header
		s.open[i].part.doubtIf(bytes.IndexByte(end, '\r') >= 0, "a bare carriage return in a delimiter")
		if len(line) == len(b) {
			return i, false, true
		}
		if len(line) == len(b)+2 && line[len(b)] == '-' && line[len(b)+1] == '-' {
			return i, true, true
		}
	}
	return 0, false, false
}

// closeAbove ends the bodies of all entities that were opened after frame i,
// the innermost first. Where a header section runs into the delimiter, the
// empty body after it lies after the given end, and so does the end of what
// encloses it.
func (s *scanner) closeAbove(i int, end int64) {
	for k := len(s.open) - 1; k > i; k-- {
		p := s.open[k].part
		end = max(end, p.Body.Start)
		p.Body.End = end
		if s.open[k].boundary != "" {
			s.live--
		}
	}
	s.open = s.open[:i+1]
}

// beforeLineEnd returns the offset before the line end that ends at an offset:
// it belongs to the delimiter (RFC 2046 §5.1.1).
func (s *scanner) beforeLineEnd(at int64) int64 {
	if b := s.win.at(at-2, 2); at >= 2 && len(b) >= 2 && b[1] == '\n' {
		if b[0] == '\r' {
			return at - 2
		}
		return at - 1
	}
	if b := s.win.at(at-1, 1); at >= 1 && len(b) >= 1 && b[0] == '\n' {
		return at - 1
	}
	return at
}

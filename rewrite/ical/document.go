package ical

import (
	"errors"
	"fmt"
	"strings"
)

// Limits bounds what Parse accepts. A zero field means the default.
type Limits struct {
	Size  int // octets, default 8 MiB
	Lines int // content lines, default 200,000
	Depth int // nested components, default 16
}

const (
	defaultSize  = 8 << 20
	defaultLines = 200_000
	defaultDepth = 16
)

// ErrLimit says that a text is larger, longer or deeper than allowed.
var ErrLimit = errors.New("calendar exceeds a limit")

// Document is an iCalendar text as a tree of content lines.
type Document struct {
	Root *Component // its children are the calendars
	bom  bool
}

const byteOrderMark = "\xef\xbb\xbf"

// Parse reads a text. It fails only where a limit is exceeded; whatever is no
// content line is kept as a line with FaultSyntax, whatever is not closed is
// closed by what encloses it.
func Parse(text []byte, lim Limits) (*Document, error) {
	lim = lim.withDefaults()
	if len(text) > lim.Size {
		return nil, fmt.Errorf("%w: %d octets, at most %d are read", ErrLimit, len(text), lim.Size)
	}
	s := string(text)
	d := &Document{Root: &Component{}}
	if strings.HasPrefix(s, byteOrderMark) {
		d.bom, s = true, s[len(byteOrderMark):]
	}
	sc := newScanner(s)
	at, depth := d.Root, 0
	for n := 0; ; n++ {
		l := sc.next()
		if l == nil {
			return d, nil
		}
		if n >= lim.Lines {
			return nil, fmt.Errorf("%w: more than %d lines", ErrLimit, lim.Lines)
		}
		switch l.upper {
		case "BEGIN":
			if depth++; depth > lim.Depth {
				return nil, fmt.Errorf("%w: components nested deeper than %d", ErrLimit, lim.Depth)
			}
			sub := &Component{Name: componentName(l), Begin: l, parent: at}
			at.Items = append(at.Items, Item{Sub: sub})
			at = sub
		case "END":
			at, depth = closeComponent(at, l, depth)
		default:
			at.Items = append(at.Items, Item{Prop: l})
		}
	}
}

func (lim Limits) withDefaults() Limits {
	if lim.Size == 0 {
		lim.Size = defaultSize
	}
	if lim.Lines == 0 {
		lim.Lines = defaultLines
	}
	if lim.Depth == 0 {
		lim.Depth = defaultDepth
	}
	return lim
}

func componentName(l *Line) string { return strings.ToUpper(strings.TrimSpace(l.value)) }

// closeComponent ends the innermost open component that the END line names,
// and with it what is still open inside. An END that fits nothing stays where
// it is as a line with FaultSyntax.
func closeComponent(at *Component, l *Line, depth int) (*Component, int) {
	name := componentName(l)
	up := 0
	for c := at; c.parent != nil; c = c.parent {
		if up++; c.Name == name {
			c.End = l
			return c.parent, depth - up
		}
	}
	l.fault |= FaultSyntax
	at.Items = append(at.Items, Item{Prop: l})
	return at, depth
}

// BOM says whether the text starts with a byte order mark.
func (d *Document) BOM() bool { return d.bom }

// StripBOM takes the byte order mark away.
func (d *Document) StripBOM() { d.bom = false }

// Calendars returns the VCALENDAR components.
func (d *Document) Calendars() []*Component { return d.Root.Children("VCALENDAR") }

// EachLine calls f for every line of the text in order, BEGIN and END lines
// included.
func (d *Document) EachLine(f func(c *Component, l *Line)) { eachLine(d.Root, f) }

// eachLine recurses; the depth of the tree is bounded by Limits.Depth.
func eachLine(c *Component, f func(*Component, *Line)) {
	if c.Begin != nil {
		f(c, c.Begin)
	}
	for _, it := range c.Items {
		if it.Prop != nil {
			f(c, it.Prop)
		} else {
			eachLine(it.Sub, f)
		}
	}
	if c.End != nil {
		f(c, c.End)
	}
}

// Bytes writes the text: the octets of the input for every line that was not
// edited.
func (d *Document) Bytes() []byte {
	n := 0
	d.EachLine(func(_ *Component, l *Line) { n += len(l.raw) + 8 })
	b := make([]byte, 0, n+64)
	if d.bom {
		b = append(b, byteOrderMark...)
	}
	d.EachLine(func(_ *Component, l *Line) {
		// a line without a line end was the last one of the input: if it is
		// not the last one any more, it needs an end to stay a line
		if n := len(b); n > 0 && l.edited && b[n-1] != '\n' && b[n-1] != '\r' && !(n == len(byteOrderMark) && d.bom) {
			b = append(b, "\r\n"...)
		}
		b = append(b, l.Raw()...)
	})
	return b
}

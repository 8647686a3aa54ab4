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

	// Tick is called from time to time while a long text is read. It may panic to
	// end that. May be nil.
	Tick func()
}

const (
	defaultSize  = 8 << 20
	defaultLines = 200_000
	defaultDepth = 16
)

// ErrLimit reports that a text exceeds Limits.
var ErrLimit = errors.New("calendar exceeds a limit")

// Document is an iCalendar text as a tree of content lines.
type Document struct {
	Root   *Component // its children are the calendars
	bom    bool
	text   string // as read, without the byte order mark
	loneCR bool   // lines end in CR
	faults Fault  // of all lines as they were read
	lines  int    // how many there were
	index  index  // see Holds
}

// tickEvery is how many lines are read between two calls of Limits.Tick.
const tickEvery = 1024

const byteOrderMark = "\xef\xbb\xbf"

// Parse parses a text. It fails only where a limit is exceeded. What is not a
// content line is kept as a line with FaultSyntax; a component without END ends with
// the enclosing one.
func Parse(text []byte, lim Limits) (*Document, error) { return parse(text, lim, nil) }

// Reread parses a text that the document wrote (Bytes), or a similar one. The result
// is that of Parse; but lines with the octets of a line in the document are reused
// instead of being parsed again. The two documents share them, so that the old one
// must not be written any more.
func (d *Document) Reread(text []byte, lim Limits) (*Document, error) {
	if d.loneCR {
		return Parse(text, lim)
	}
	known := make([]*Line, 0, d.lines+8)
	d.EachLine(func(_ *Component, l *Line) { known = append(known, l) })
	again, err := parse(text, lim, known)
	if err == nil {
		again.index.inherit(&d.index, again)
	}
	return again, err
}

func parse(text []byte, lim Limits, known []*Line) (*Document, error) {
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
	d.text, d.loneCR = s, sc.loneCR
	if !sc.loneCR {
		sc.known, sc.reread = known, known != nil
	}
	b := newBuilder(d.Root)
	defer b.free()
	for n := 0; ; n++ {
		l := sc.next()
		if l == nil {
			d.lines = n
			b.end()
			return d, nil
		}
		if n%tickEvery == tickEvery-1 && lim.Tick != nil {
			lim.Tick()
		}
		if n >= lim.Lines {
			return nil, fmt.Errorf("%w: more than %d lines", ErrLimit, lim.Lines)
		}
		if known != nil && !sc.took {
			d.index.fresh = append(d.index.fresh, l)
		}
		switch l.upper {
		case "BEGIN":
			if b.begin(l); b.depth > lim.Depth {
				return nil, fmt.Errorf("%w: components nested deeper than %d", ErrLimit, lim.Depth)
			}
		case "END":
			b.close(l)
		default:
			b.add(Item{Prop: l})
		}
		d.faults |= l.fault
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

// Faults returns the faults of all lines of the input. It is a fast check whether
// there is any.
func (d *Document) Faults() Fault { return d.faults }

// Calendar returns the first VCALENDAR component, or nil.
func (d *Document) Calendar() *Component {
	for _, it := range d.Root.Items {
		if it.Sub != nil && it.Sub.Name == "VCALENDAR" {
			return it.Sub
		}
	}
	return nil
}

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

// Bytes returns the text, with the octets of the input for every line that was not
// edited. A text whose lines end in CR is written unchanged or with CRLF throughout,
// because with both kinds of line ends its lines would be ambiguous.
func (d *Document) Bytes() []byte {
	n := len(byteOrderMark)
	d.EachLine(func(_ *Component, l *Line) {
		if l.Edited() {
			n += len(l.text) + len(l.text)/24 + 8
		} else {
			n += len(l.raw)
		}
	})
	b := make([]byte, 0, n)
	if d.bom {
		b = append(b, byteOrderMark...)
	}
	head := len(b)
	anew := d.loneCR && !d.Unchanged()
	d.EachLine(func(_ *Component, l *Line) {
		if anew {
			b = append(b, l.canonical()...)
		} else {
			b = appendLine(b, head, l.Raw(), d.loneCR)
		}
	})
	return b
}

// Unchanged reports whether Bytes would return the input.
func (d *Document) Unchanged() bool {
	rest, ok := d.text, true
	d.EachLine(func(_ *Component, l *Line) {
		if ok {
			rest, ok = strings.CutPrefix(rest, l.Raw())
		}
	})
	return ok && rest == ""
}

// appendLine puts a line after what was written from offset head on. The last
// line of the input may lack its line end, or half of it: it gets one when it
// is not the last any more.
func appendLine(b []byte, head int, raw string, loneCR bool) []byte {
	if len(b) > head && !loneCR {
		switch b[len(b)-1] {
		case '\n':
		case '\r':
			b = append(b, '\n')
		default:
			b = append(b, "\r\n"...)
		}
	}
	return append(b, raw...)
}

package remedy

import (
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// spelling is a fault in how lines are written, as opposed to what they say.
type spelling struct {
	level Level
	fault ical.Fault            // any of these
	also  func(*ical.Line) bool // and this, when set
	what  string                // after the number of lines
	after string                // how they are written instead
}

// respell writes the lines with a fault of spelling anew. A calendar has one
// finding for all of them.
func (c *Object) respell(s spelling) {
	if !c.readable() || c.Doc.Faults()&s.fault == 0 {
		return
	}
	wrong := func(l *ical.Line) bool { return l.Faults()&s.fault != 0 && (s.also == nil || s.also(l)) }
	f, n := Finding{Level: s.level, After: s.after}, 0
	c.Doc.EachLine(func(comp *ical.Component, l *ical.Line) {
		if !wrong(l) {
			return
		}
		if n++; n == 1 {
			f.Component, f.Property = comp.Name, l.Name()
		}
	})
	if n == 0 {
		return
	}
	f.Before = countLines(n, s.what)
	if !c.Found(f) {
		return
	}
	c.Doc.EachLine(func(_ *ical.Component, l *ical.Line) {
		if wrong(l) {
			l.Touch()
		}
	})
}

func countLines(n int, what string) string {
	if n == 1 {
		return "1 line " + what
	}
	return strconv.Itoa(n) + " lines " + what
}

// readable reports whether the text is a calendar at all: what else somebody put
// into a calendar part is none of our business.
func (c *Object) readable() bool {
	return c.Cal != nil || c.Doc != nil && len(c.Doc.Root.Children("VEVENT")) > 0
}

// isText reports whether a property holds one text (RFC 5545 §3.3.11), so that
// commas and semicolons in it stand for themselves.
func isText(name string) bool {
	switch name {
	case "SUMMARY", "LOCATION", "DESCRIPTION", "COMMENT", "CONTACT":
		return true
	}
	return false
}

// editText replaces the value and the parameter values of each line that has
// one of the faults by what clean makes of them. UID and TZID, as a property
// and as a parameter, have remedies of their own: what refers to them has to
// follow. So do BEGIN and END.
func editText(c *Object, level Level, fault ical.Fault, after string, clean func(*ical.Line, string) string) {
	if !c.readable() || c.Doc.Faults()&fault == 0 {
		return
	}
	c.Doc.EachLine(func(comp *ical.Component, l *ical.Line) {
		if l.Faults()&fault == 0 {
			return
		}
		switch l.Name() {
		case "", "BEGIN", "END", "UID", "TZID":
			return
		}
		value, param := clean(l, l.Value()), func(name, v string) string {
			if name == "TZID" {
				return v
			}
			return clean(l, v)
		}
		if value == l.Value() && !changesParam(l, param) {
			return
		}
		if c.Found(found(level, comp, l.Name(), strings.ToValidUTF8(l.Text(), "?"), after)) {
			l.SetValue(value)
			l.MapParams(param)
		}
	})
}

func changesParam(l *ical.Line, f func(name, value string) string) bool {
	for _, p := range l.Params() {
		for _, v := range p.Values {
			if f(p.Name, v) != v {
				return true
			}
		}
	}
	return false
}

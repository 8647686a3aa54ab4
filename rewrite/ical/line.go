package ical

import "strings"

// Fault is a set of things that are wrong with the octets of one line, as
// opposed to its meaning. A line with faults still has a name and a value.
type Fault uint16

const (
	FaultEndLF      Fault = 1 << iota // the line, or a fold in it, ends in LF alone
	FaultEndCR                        // ... in CR alone
	FaultEndCRCRLF                    // ... in CR CR LF
	FaultNoEnd                        // the last line of the text has no line end
	FaultFoldTab                      // a continuation starts with TAB instead of SPACE
	FaultFoldRune                     // a fold parts the octets of one UTF-8 character
	FaultFoldEscape                   // a fold parts a backslash from the character it escapes
	FaultLong                         // a physical line is longer than 75 octets
	FaultControl                      // a control character other than TAB
	FaultUTF8                         // not valid UTF-8
	FaultBlank                        // an empty line
	FaultSyntax                       // no name, or no colon: not a content line at all
	FaultMissing                      // not in the text at all: an END that was never written
)

// Line is one content line (RFC 5545 §3.1): the octets as they were read,
// beside the name, the parameters and the value that they mean.
//
// As long as nothing was changed through its methods, Raw returns the octets
// of the input. A Line belongs to one Document and is not safe for concurrent
// use.
type Line struct {
	raw    string // octets as read, folds and line end included; unused once edited
	text   string // unfolded, without line end
	colon  int    // offset of the colon in text, -1 without one
	name   string // as written
	upper  string // upper-case name
	value  string
	params []Param
	parsed bool // params were taken from text
	edited bool
	fault  Fault
}

// Param is one parameter of a content line. Values have lost their quotes;
// RFC 6868 escapes are left as they are.
type Param struct {
	Name   string   // upper case
	Values []string // without quotes; at least one element
	raw    string   // as read; empty once edited
}

// Value returns the first value.
func (p Param) Value() string {
	if len(p.Values) == 0 {
		return ""
	}
	return p.Values[0]
}

// Raw returns the parameter as it was read, "NAME=value", or "" for a
// parameter that was set by the program.
func (p Param) Raw() string { return p.raw }

// NewLine makes a content line. The value is taken as it is: TEXT must have
// been escaped by EscapeText.
func NewLine(name, value string, params ...Param) *Line {
	return &Line{name: name, upper: strings.ToUpper(name), value: value, params: params, parsed: true, edited: true}
}

// Name returns the name in upper case; "" for a line that is no content line.
func (l *Line) Name() string { return l.upper }

// WrittenName returns the name as it was written.
func (l *Line) WrittenName() string { return l.name }

// Value returns everything behind the colon, unfolded and not unescaped.
func (l *Line) Value() string { return l.value }

// Text returns the whole unfolded line without its line end.
func (l *Line) Text() string {
	if l.edited {
		return l.compose()
	}
	return l.text
}

// Raw returns the octets as they will be written: those of the input as long
// as the line was not edited.
func (l *Line) Raw() string {
	if l.edited {
		return fold(l.compose())
	}
	return l.raw
}

// Faults returns what is wrong with the octets; an edited line has no faults
// but FaultSyntax.
func (l *Line) Faults() Fault {
	if l.edited {
		return l.fault & FaultSyntax
	}
	return l.fault
}

// Edited says whether the line will be written in canonical form.
func (l *Line) Edited() bool { return l.edited }

// Touch makes the line be written in canonical form although its meaning
// stays the same. It is how faults of folding and line ends are mended.
func (l *Line) Touch() { l.params = l.Params(); l.edited = true }

// SetValue replaces everything behind the colon.
func (l *Line) SetValue(v string) {
	if l.value == v {
		return
	}
	l.Touch()
	l.value = v
}

// SetName renames the property and keeps parameters and value.
func (l *Line) SetName(name string) {
	l.Touch()
	l.name, l.upper = name, strings.ToUpper(name)
}

// Params returns the parameters in the order of the line. The slice must not
// be changed.
func (l *Line) Params() []Param {
	if !l.parsed {
		l.parsed = true
		l.params = parseParams(l.text[:max(l.colon, 0)])
	}
	return l.params
}

// Param returns the first parameter of that name (upper case).
func (l *Line) Param(name string) (Param, bool) {
	if !l.parsed && !strings.Contains(l.text[:max(l.colon, 0)], ";") {
		return Param{}, false
	}
	for _, p := range l.Params() {
		if p.Name == name {
			return p, true
		}
	}
	return Param{}, false
}

// ParamValue returns the first value of the first parameter of that name
// (upper case), or "".
func (l *Line) ParamValue(name string) string {
	p, _ := l.Param(name)
	return p.Value()
}

// SetParam sets the parameter to the values, in the place of the first one of
// that name, else at the end. Quotes are added where they are needed.
func (l *Line) SetParam(name string, values ...string) {
	l.Touch()
	p := Param{Name: name, Values: values}
	out := make([]Param, 0, len(l.params)+1)
	done := false
	for _, old := range l.params {
		switch {
		case old.Name != name:
			out = append(out, old)
		case !done:
			out, done = append(out, p), true
		}
	}
	if !done {
		out = append(out, p)
	}
	l.params = out
}

// DelParam removes every parameter of that name and says whether there was
// one.
func (l *Line) DelParam(name string) bool {
	if _, ok := l.Param(name); !ok {
		return false
	}
	l.Touch()
	out := make([]Param, 0, len(l.params))
	for _, old := range l.params {
		if old.Name != name {
			out = append(out, old)
		}
	}
	l.params = out
	return true
}

// SplitAt moves the border between parameters and value to the colon at the
// given offset of Text. It is for lines whose quotes are missing, where the
// first colon is not the right one. An offset without a colon is ignored.
func (l *Line) SplitAt(colon int) {
	text := l.Text()
	if colon <= 0 || colon >= len(text) || text[colon] != ':' {
		return
	}
	l.text, l.colon, l.value = text, colon, text[colon+1:]
	l.params, l.parsed = parseParams(text[:colon]), true
}

// compose writes the line unfolded.
func (l *Line) compose() string {
	if l.upper == "" {
		return l.text
	}
	var b strings.Builder
	b.Grow(len(l.text) + 32)
	b.WriteString(l.name)
	for _, p := range l.Params() {
		b.WriteByte(';')
		if p.raw != "" {
			b.WriteString(p.raw)
			continue
		}
		b.WriteString(p.Name)
		b.WriteByte('=')
		for i, v := range p.Values {
			if i > 0 {
				b.WriteByte(',')
			}
			writeParamValue(&b, v)
		}
	}
	b.WriteByte(':')
	b.WriteString(l.value)
	return b.String()
}

package ical

import (
	"slices"
	"strings"
)

// Fault is a set of faults in the octets of one line, as opposed to its meaning. A
// line with faults still has a name and a value.
type Fault uint16

const (
	FaultEndLF      Fault = 1 << iota // the line, or a fold in it, ends in LF alone
	FaultEndCR                        // ... in CR alone
	FaultEndCRCRLF                    // ... in more than one CR and LF
	FaultNoEnd                        // the last line of the text has no line end
	FaultFoldTab                      // a continuation starts with TAB instead of SPACE
	FaultFoldRune                     // a fold splits the octets of one UTF-8 character
	FaultFoldEscape                   // a fold splits a backslash from the character it escapes
	FaultFoldValue                    // a fold splits a date, a time or a number
	FaultFoldBlank                    // an empty line is between two lines of a fold
	FaultLong                         // a physical line is longer than 75 octets
	FaultHuge                         // ... than 998 octets, more than SMTP carries
	FaultTab                          // a TAB inside the line
	FaultControl                      // a C0 or C1 control other than TAB, or a non-character
	FaultUTF8                         // not valid UTF-8
	FaultBlank                        // an empty line
	FaultSyntax                       // no name, no colon, or no end of a quoted string
)

// meaningFaults are those that a line keeps when it is only written anew.
const meaningFaults = FaultTab | FaultControl | FaultUTF8 | FaultSyntax

// Line is one content line (RFC 5545 §3.1): the octets as they were read, and the
// name, the parameters and the value that they mean.
//
// Until it is changed by a method, Raw returns the octets of the input. A changed
// line is parsed again at once, so that name, parameters and value are always those
// that a reader of the written line gets. A Line belongs to one Document and is not
// safe for concurrent use.
type Line struct {
	raw    string // octets as read, folds and line end included; not written once edited
	text   string // unfolded, without line end
	upper  string // upper-case name, as long as the written one that text starts with
	value  string
	params *[]Param // nil before they are taken from text
	colon  int32    // offset of the colon in text, -1 without one
	fault  Fault
	state  lineState
	mark   uint8 // see SetMark
}

// lineState is a set of what has become of a line.
type lineState uint8

const (
	isEdited lineState = 1 << iota
	isHeld             // inside of SplitAt: text is made at its end
)

// Param is one parameter of a content line. Values are without quotes; RFC 6868
// escapes are not decoded.
type Param struct {
	Name   string   // upper case
	Values []string // without quotes; none without a name or "="
	raw    string   // as written, "NAME=value"
}

// Value returns the first value.
func (p Param) Value() string {
	if len(p.Values) == 0 {
		return ""
	}
	return p.Values[0]
}

// Raw returns the parameter as it is written, "NAME=value".
func (p Param) Raw() string { return p.raw }

// NewLine makes a content line. The value is used unchanged: TEXT must have been
// escaped by EscapeText. A parameter that has only a name keeps that form.
func NewLine(name, value string, params ...Param) *Line {
	list := make([]Param, len(params))
	for i, p := range params {
		if list[i] = p; len(p.Values) > 0 || p.raw == "" {
			list[i] = newParam(p.Name, p.Values)
		}
	}
	l := &Line{text: name, upper: name, value: oneLine(value), params: &list}
	l.reread()
	return l
}

// Name returns the name in upper case; "" for a line that is no content line.
func (l *Line) Name() string { return l.upper }

// WrittenName returns the name as it was written.
func (l *Line) WrittenName() string { return l.text[:len(l.upper)] }

// Value returns everything after the colon, unfolded and not unescaped.
func (l *Line) Value() string { return l.value }

// Text returns the whole unfolded line without its line end.
func (l *Line) Text() string { return l.text }

// Raw returns the octets as they will be written: those of the input as long
// as the line was not edited.
func (l *Line) Raw() string {
	if l.Edited() {
		return l.canonical()
	}
	return l.raw
}

// canonical writes the line anew whether it was edited or not.
func (l *Line) canonical() string { return fold(l.text, l.value) }

// Faults returns the faults of the octets as they will be written.
func (l *Line) Faults() Fault { return l.fault }

// Folded reports whether the line was read from more than one physical line.
func (l *Line) Folded() bool { return !l.Edited() && !strings.HasPrefix(l.raw, l.text) }

// Edited reports whether the line will be written in canonical form.
func (l *Line) Edited() bool { return l.state&isEdited != 0 }

// SetMark sets a mark on the line, by which its caller remembers that name,
// parameters and value were checked. The mark is removed when one of them is edited.
// Only package itip sets marks.
func (l *Line) SetMark(m uint8) { l.mark = m }

// Mark returns the mark that SetMark set, 0 without one.
func (l *Line) Mark() uint8 { return l.mark }

// Touch makes the line be written in canonical form with the same meaning. It
// repairs faults of folding and line ends.
func (l *Line) Touch() {
	if l.Edited() {
		return
	}
	l.state |= isEdited
	l.fault &= meaningFaults
	if strings.ContainsAny(l.text, "\r\n") {
		// a lone CR would become a line end beside a new fold
		l.become(oneLine(l.text))
	}
}

// SetValue replaces everything after the colon. It does nothing for what is not a
// content line.
func (l *Line) SetValue(v string) {
	if l.upper == "" || l.value == v {
		return
	}
	l.Touch()
	l.value = oneLine(v)
	l.reread()
}

// SetName renames the property and keeps parameters and value. It does nothing for
// what is not a content line.
func (l *Line) SetName(name string) {
	if l.upper == "" {
		return
	}
	l.Touch()
	params := l.Params() // of the text that goes
	l.params = &params
	l.text, l.upper = name+l.text[len(l.upper):], name
	l.reread()
}

// reread takes everything from what will be written.
func (l *Line) reread() {
	if l.state&isHeld == 0 {
		l.become(l.compose())
	}
}

// become makes the line be that text.
func (l *Line) become(text string) {
	*l = Line{raw: l.raw, text: text, colon: -1, state: isEdited, fault: octetFaults(text)}
	l.split()
}

// oneLine replaces line breaks, which no content line can hold, by the escape
// that stands for one in TEXT.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	return strings.NewReplacer("\r\n", `\n`, "\r", `\n`, "\n", `\n`).Replace(s)
}

// Params returns the parameters in the order of the line. The slice must not
// be changed.
func (l *Line) Params() []Param {
	if l.params == nil {
		if l.params = parseParams(l.text[:max(l.colon, 0)]); l.params == nil {
			return nil
		}
	}
	return *l.params
}

// Param returns the first parameter of that name (upper case).
func (l *Line) Param(name string) (Param, bool) {
	if l.params == nil && !strings.Contains(l.text[:max(l.colon, 0)], ";") {
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

// SetParam sets the parameter to the values, in the place of the first one of that
// name, else at the end. Quotes are added where they are needed. It does nothing for
// what is not a content line.
func (l *Line) SetParam(name string, values ...string) {
	if l.upper == "" {
		return
	}
	l.Touch()
	p := newParam(name, values)
	out := make([]Param, 0, len(l.Params())+1)
	done := false
	for _, old := range l.Params() {
		switch {
		case old.Name != p.Name:
			out = append(out, old)
		case !done:
			out, done = append(out, p), true
		}
	}
	if !done {
		out = append(out, p)
	}
	l.params = &out
	l.reread()
}

// MapParams replaces each parameter value by the result of f.
func (l *Line) MapParams(f func(name, value string) string) {
	var out []Param
	for i, p := range l.Params() {
		var values []string
		for k, v := range p.Values {
			if after := f(p.Name, v); after != v {
				if values == nil {
					values = slices.Clone(p.Values)
				}
				values[k] = after
			}
		}
		if values == nil {
			continue
		}
		if out == nil {
			out = slices.Clone(l.Params())
		}
		out[i] = newParam(p.Name, values)
	}
	if out != nil {
		l.Touch()
		l.params = &out
		l.reread()
	}
}

// DelParam removes every parameter of that name and reports whether there was
// one.
func (l *Line) DelParam(name string) bool {
	if _, ok := l.Param(name); !ok {
		return false
	}
	return l.DelParams(func(p Param) bool { return p.Name == name }) > 0
}

// DelParams removes the parameters for which match returns true, and returns their
// number.
func (l *Line) DelParams(match func(Param) bool) int {
	params := l.Params()
	out := make([]Param, 0, len(params))
	for _, p := range params {
		if !match(p) {
			out = append(out, p)
		}
	}
	n := len(params) - len(out)
	if n > 0 {
		l.Touch()
		l.params = &out
		l.reread()
	}
	return n
}

// SplitAt moves the end of the parameters to the colon at the given offset of Text
// and calls edit, which adds the quotes whose absence made the parser use another
// colon. The line is then parsed again as after any change: without the quotes the
// parameters end where they did before. An offset without a colon is ignored.
func (l *Line) SplitAt(colon int, edit func()) {
	if l.upper == "" || colon <= 0 || colon >= len(l.text) || l.text[colon] != ':' {
		return
	}
	l.Touch()
	if l.params = parseParams(l.text[:colon]); l.params == nil {
		l.params = new([]Param)
	}
	l.value = l.text[colon+1:]
	l.state |= isHeld
	edit()
	l.state &^= isHeld
	l.reread()
}

// compose writes name, parameters and value unfolded.
func (l *Line) compose() string {
	if l.upper == "" {
		return l.text
	}
	params := l.Params()
	n := len(l.upper) + 1 + len(l.value)
	for _, p := range params {
		n += 1 + len(p.raw)
	}
	var b strings.Builder
	b.Grow(n)
	b.WriteString(l.WrittenName())
	for _, p := range params {
		b.WriteByte(';')
		b.WriteString(p.raw)
	}
	b.WriteByte(':')
	b.WriteString(l.value)
	return b.String()
}

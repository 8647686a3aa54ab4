package itip

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// Form is the rule of a value that does not have the form of its type.
const Form Rule = "form"

// Info is the level of what the standard allows and some receivers do not accept: a
// word in lower case. Check does not list it.
const Info Level = "info"

// Malformed is one value that RFC 5545 does not allow at its place: the value of a
// property, one of a list, or that of a parameter.
type Malformed struct {
	Level     Level
	Component *ical.Component
	Line      *ical.Line
	Param     string // of which parameter, "" for the value of the property
	Type      Type   // that the value should have
	Value     string // as it is written; one element of a list
	Text      string // what is wrong, e.g. "is no DURATION"
	Source    string // of the rule
}

// Forms returns the values of a document that do not have the form of their type, in
// the order of the text. An X- property has only the form that its VALUE parameter
// names.
func Forms(doc *ical.Document) []Malformed {
	f := former{}
	for _, it := range doc.Root.Items {
		if it.Sub != nil {
			f.component(it.Sub)
		}
	}
	return f.out
}

// former is the work on one document.
type former struct {
	out  []Malformed
	comp *ical.Component // under work
	line *ical.Line

	plain   string // parameters that plainParams has found nothing wrong with, as they are written
	plainIn string // in what kind of component
}

// component checks a component and what is in it. It recurses; ical.Limits
// bounds the depth.
func (f *former) component(comp *ical.Component) {
	kind := kinds[comp.Name]
	for _, it := range comp.Items {
		if it.Sub != nil {
			f.component(it.Sub)
			continue
		}
		f.comp, f.line = comp, it.Prop
		f.checked(it.Prop, kind, f.property)
	}
}

// property checks one content line. A line without a name is no property, and
// of one with an open quote nobody knows where its value begins.
func (f *former) property(l *ical.Line) {
	name := l.Name()
	if name == "" || l.Faults()&ical.FaultSyntax != 0 {
		return
	}
	spec, known := properties.get(name)
	if !known {
		spec = &unknownProperty
	}
	typ, stated := spec.typ, false
	if hasParams(l) {
		typ, stated = f.params(spec, known)
	}
	if typ == 0 {
		return
	}
	if value := l.Value(); spec.list && strings.IndexByte(value, ',') >= 0 {
		for _, v := range ical.SplitList(value) {
			f.value(spec, typ, stated, v)
		}
	} else {
		f.value(spec, typ, stated, value)
	}
}

// unknownProperty has no form of its own.
var unknownProperty property

func hasParams(l *ical.Line) bool { return len(l.Text())-len(l.Value()) > len(l.Name())+1 }

// params checks the parameters of a property and returns the type of its value,
// zero where that has no form; stated reports whether VALUE names it.
func (f *former) params(spec *property, known bool) (typ Type, stated bool) {
	typ = spec.typ
	n := len(f.out)
	if f.plainParams() {
		return typ, false
	}
	f.out = f.out[:n]
	for _, p := range f.line.Params() {
		if len(p.Values) == 0 {
			f.add(Warning, p.Name, 0, p.Raw(), "is not a parameter: it has no value", "RFC 5545 §3.2")
			continue
		}
		if p.Name == "VALUE" {
			named, ok := typeNames[strings.ToUpper(strings.TrimSpace(p.Value()))]
			switch {
			case !ok && !isExtension(p.Value()):
				f.add(Warning, p.Name, Word, p.Value(), "does not name a value type", "RFC 5545 §3.2.20")
			case ok && known && named != spec.typ && spec.others&(1<<named) == 0:
				f.add(Warning, p.Name, Word, p.Value(), "is not a value type of "+f.line.Name(), spec.source)
			case ok:
				typ, stated = named, true
			default:
				typ = 0 // a type of somebody's own
			}
		}
		f.param(p)
	}
	return typ, stated
}

// plainParams checks parameters in the plain form, each with one value, without
// parsing them, since nearly all have that form. It returns false for any other, and
// for VALUE.
func (f *former) plainParams() bool {
	l := f.line
	all := l.Text()[len(l.Name()) : len(l.Text())-len(l.Value())-1]
	rest := all
	if f.plainIn == f.comp.Name && strings.HasPrefix(all, f.plain) && (len(all) == len(f.plain) || all[len(f.plain)] == ';') {
		rest = all[len(f.plain):] // attendees differ in their names only
	}
	found, unnamed := len(f.out), len(all)
	for rest != "" {
		eq := strings.IndexByte(rest, '=')
		if rest[0] != ';' || eq < 2 || eq+1 == len(rest) {
			return false
		}
		name, v := rest[1:eq], rest[eq+1:]
		if name == "CN" {
			unnamed = min(unnamed, len(all)-len(rest))
		}
		end := 0
		if v[0] == '"' {
			if end = strings.IndexByte(v[1:], '"'); end < 1 {
				return false
			}
			rest, v = v[end+2:], v[1:end+1]
		} else {
			for end < len(v) && v[end] != ';' {
				if v[end] == ',' || v[end] == '"' {
					return false
				}
				end++
			}
			rest, v = v[end:], v[:end]
		}
		if v == "" || name == "VALUE" || !isUpper(name) {
			return false
		}
		if spec, known := parameters.get(name); known {
			f.paramValue(spec, name, v)
		}
	}
	if len(f.out) == found {
		f.plain, f.plainIn = all[:unnamed], f.comp.Name
	}
	return true
}

func isUpper(name string) bool {
	for i := 0; i < len(name); i++ {
		if c := name[i]; (c < 'A' || c > 'Z') && c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func (f *former) param(p ical.Param) {
	if spec, known := parameters.get(p.Name); known {
		for _, v := range p.Values {
			f.paramValue(spec, p.Name, v)
		}
	}
}

func (f *former) paramValue(spec *parameter, name, v string) {
	if spec.words != nil {
		f.word(spec.words.of(f.comp.Name), name, v, spec.source)
	} else if why := paramForm(spec.typ, v); why != "" {
		f.add(Warning, name, spec.typ, v, why, spec.source)
	}
}

// word checks an enumerated value.
func (f *former) word(list *wordList, param, v, source string) {
	for _, w := range list.words {
		if v == w {
			return
		}
	}
	switch {
	case list.has(strings.ToUpper(v)):
		f.add(Info, param, Word, v, "is not in upper case", source)
	case isExtension(v):
	case list.open && isToken(v):
		f.add(Info, param, Word, v, "is not a value of RFC 5545", source)
	default:
		f.add(Warning, param, Word, v, "is not one of "+strings.Join(list.words, ", "), source)
	}
}

// value checks the value of the property under work, or an element of it.
func (f *former) value(spec *property, typ Type, stated bool, v string) {
	var why string
	level := Error
	switch typ {
	case Text:
		why, level = textForm(v, f.line.Name()), Warning
	case DateTime, Date:
		why = f.dateForm(spec, typ, stated, v)
	case Period:
		why = periodForm(spec, f.line, v)
	case Duration:
		why = durationForm(v, f.line.Name() != "TRIGGER" && spec.typ != 0)
	case CalAddress, URI, Binary:
		why = paramForm(typ, v)
		level = Warning
	case Word:
		f.word(spec.words.of(f.comp.Name), "", v, spec.source)
	case Recur:
		if why, level = f.recurForm(v), Error; why == outsideRule {
			level = Warning // RFC 5545 §3.8.5.3: SHOULD
		}
	default:
		why, level = numberForm(spec, typ, v), Warning
		if typ == UTCOffset {
			level = Error
		}
	}
	if why != "" {
		f.add(level, "", typ, v, why, spec.source)
	}
}

func (f *former) add(level Level, param string, typ Type, v, text, source string) {
	f.out = append(f.out, Malformed{level, f.comp, f.line, param, typ, v, text, source})
}

// forms adds the malformed values to the violations, unless a rule of RFC 5546
// covers them already.
func (c *checker) forms(doc *ical.Document) {
	before := c.out
	for _, m := range Forms(doc) {
		said := func(v Violation) bool {
			return v.Rule == Value && v.Component == m.Component.Name && v.Name == m.Line.Name()
		}
		if m.Level == Info || slices.ContainsFunc(before, said) {
			continue
		}
		name, of := m.Line.Name(), m.Type.String()
		if m.Param != "" {
			name += ";" + m.Param
		}
		c.add(Violation{Level: m.Level, Rule: Form, Component: m.Component.Name, Name: name,
			Instance: clip(m.Component.Value("RECURRENCE-ID")), Text: strings.TrimSpace(of + " " + clip(m.Value) + " " + m.Text), Source: m.Source})
	}
}

package remedy

import (
	"strings"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// vcalLine is a property of a vCalendar without its encoding.
type vcalLine struct {
	name, value string
	params      []looseParam // but for ENCODING, CHARSET and LANGUAGE
	language    string       // of its text (RFC 1766; RFC 5545 §3.2.10), "" for none
	encoded     bool         // it was in quoted-printable: what is in it are the characters that are meant
}

func (l vcalLine) param(name string) string {
	for _, p := range l.params {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// inLanguage gives a property the language that its text was said to be in.
func (l vcalLine) inLanguage(out *ical.Line) *ical.Line {
	setParam(out, "LANGUAGE", l.language)
	return out
}

// eachLine calls f for each property of a component without its encoding, and
// sub for the components in it.
func (v *vcal) eachLine(comp *ical.Component, f func(vcalLine), sub func(*ical.Component)) {
	for i := 0; i < len(comp.Items) && v.why == ""; i++ {
		if s := comp.Items[i].Sub; s != nil {
			sub(s)
			continue
		}
		l, n := v.read(comp.Items[i].Prop, comp.Items[i+1:])
		i += n
		if v.why == "" {
			f(l)
		}
	}
}

// read returns a property without its encoding and how many lines after it were
// part of it.
func (v *vcal) read(l *ical.Line, behind []ical.Item) (out vcalLine, n int) {
	if out.name = l.Name(); out.name == "" || quoteOpen(l) {
		v.not("a line is not a property")
		return out, 0
	}
	charset := l.ParamValue("CHARSET")
	for _, p := range l.Params() {
		v.readParam(&out, p)
	}
	if out.value = l.Value(); !isQP(l) {
		if l.Folded() {
			v.not(clip(out.name) + " is folded, and it is not certain whether a space belongs there")
		}
		if strings.IndexFunc(out.value, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 && charset != "" && !strings.EqualFold(charset, "utf-8") {
			v.not(clip(out.name) + " is in a character set of its own")
		}
		return out, 0
	}
	text, n := softJoin(l, behind, (*ical.Line).Text)
	value, ok := strings.CutPrefix(text, head(l))
	if ok {
		out.value, ok = decodedText(value, charset)
	}
	if out.encoded = true; !ok || l.Folded() {
		v.not(clip(out.name) + " does not decode as text in the declared character set")
	}
	out.value = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(out.value)
	return out, n
}

func (v *vcal) readParam(out *vcalLine, p ical.Param) {
	name, value := p.Name, strings.ToUpper(strings.TrimSpace(p.Value()))
	if len(p.Values) == 0 {
		name, value = "ENCODING", strings.ToUpper(strings.TrimSpace(p.Raw()))
		switch value {
		case "URL", "INLINE", "CONTENT-ID", "CID":
			name = "VALUE"
		}
	}
	switch name {
	case "CHARSET":
	case "LANGUAGE":
		out.language = strings.TrimSpace(p.Value())
	case "ENCODING":
		if value != "QUOTED-PRINTABLE" && value != "7BIT" && value != "8BIT" {
			v.not(clip(out.name) + " is encoded as " + clip(value))
		}
	default:
		if name == "CN" {
			value = p.Value()
		}
		out.params = append(out.params, looseParam{name, value})
	}
}

// known notes the first parameter that is not among those named.
func (v *vcal) known(l vcalLine, names ...string) {
	for _, p := range l.params {
		ok := false
		for _, name := range names {
			ok = ok || p.name == name
		}
		if !ok {
			v.not(clip(l.name) + " has the parameter " + clip(p.name))
		}
	}
}

// text escapes a text (RFC 5545 §3.3.11). vCalendar escapes the semicolon only;
// whether another backslash is one cannot be told, because programs differ.
func (v *vcal) text(p *vcalPlan, l vcalLine) {
	v.known(l)
	if value, ok := plainVCalText(l.value); ok {
		p.add(l.inLanguage(ical.NewLine(l.name, ical.EscapeText(value))))
		return
	}
	v.not(clip(l.name) + " has a backslash, and it is not certain whether it is meant")
}

func plainVCalText(s string) (text string, ok bool) {
	s = strings.ReplaceAll(s, `\;`, ";")
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '\\' && strings.IndexByte(`nN,\`, s[i+1]) >= 0 {
			return "", false
		}
	}
	return s, true
}

// list writes a list with commas.
func (v *vcal) list(p *vcalPlan, l vcalLine) {
	v.known(l)
	if strings.Contains(l.value, `\`) {
		v.not(clip(l.name) + " has a backslash, and it is not certain whether it is meant")
		return
	}
	var out []string
	for word := range strings.SplitSeq(l.value, ";") {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, ical.EscapeText(word))
		}
	}
	if len(out) > 0 {
		p.add(l.inLanguage(ical.NewLine(l.name, strings.Join(out, ","))))
	}
}

// status writes what iCalendar knows of STATUS (RFC 5545 §3.8.1.11). NEEDS ACTION
// is the default of vCalendar and says nothing of an event.
func (v *vcal) status(p *vcalPlan, component string, l vcalLine) {
	v.known(l)
	switch s := strings.ToUpper(strings.TrimSpace(l.value)); {
	case component == "VEVENT" && (s == "TENTATIVE" || s == "CONFIRMED" || s == "CANCELLED"),
		component == "VTODO" && (s == "COMPLETED" || s == "CANCELLED" || s == "NEEDS-ACTION"):
		p.add(ical.NewLine("STATUS", s))
	case s == "NEEDS ACTION" && component == "VTODO":
		p.add(ical.NewLine("STATUS", "NEEDS-ACTION"))
	case s == "NEEDS ACTION" || s == "":
	default:
		v.not("STATUS:" + clip(s) + " has no exact form in iCalendar")
	}
}

// transp writes whether the time is taken: 0 says that it is, 1 that it is not;
// other numbers are a program's own.
func (v *vcal) transp(p *vcalPlan, l vcalLine) {
	v.known(l)
	switch s := strings.ToUpper(strings.TrimSpace(l.value)); s {
	case "0", "OPAQUE":
		p.add(ical.NewLine("TRANSP", "OPAQUE"))
	case "1", "TRANSPARENT":
		p.add(ical.NewLine("TRANSP", "TRANSPARENT"))
	case "":
	default:
		v.not("TRANSP:" + clip(s) + " is a number specific to the sender's program")
	}
}

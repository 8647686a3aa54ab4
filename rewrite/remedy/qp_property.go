package remedy

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/mime"
)

// qpProperty decodes a property in quoted-printable, which vCalendar 1.0 has and
// iCalendar has not (RFC 5545 §3.2.7). The lines after a soft line break are
// part of it.
func qpProperty() *Remedy {
	return &Remedy{
		ID:       "qp-property",
		Summary:  "decode properties with ENCODING=QUOTED-PRINTABLE",
		Why:      "Phones and address books write texts as in vCalendar 1.0. Users then read B=C3=BCro, and the lines after a soft line break are not properties.",
		Source:   "SimpleMobileTools/Simple-Calendar#1435; RFC 5545 §3.2.7",
		Profiles: []Profile{Standard},
		Facets:   FacetSummary | FacetLocation | FacetDescription | FacetStatus | FacetAttachments,
		Looks:    []string{";ENCODING", ";QUOTED-PRINTABLE"},
		Run: func(c *Object) {
			if !c.readable() || oldCalendar(c) {
				return
			}
			joinLinesOf(c, Warning, func(comp *ical.Component, front *ical.Line, behind []ical.Item) (*ical.Line, int) {
				if !isQP(front) {
					return nil, 0
				}
				l, n, why := decodeProperty(c, front, behind)
				if why != "" {
					c.leave(found(Warning, comp, front.Name(), strings.ToValidUTF8(front.Text(), "?"), ""), why)
				}
				return l, n
			})
		},
	}
}

// oldCalendar reports whether the calendar is one of vCalendar 1.0, which has other
// rules.
func oldCalendar(c *Object) bool {
	if c.Cal == nil {
		return false
	}
	if !c.Cal.Has("VERSION") { // its label says it, unless it has what vCalendar has not
		return c.Part.MediaType == "text/x-vcalendar" && !c.Cal.Has("METHOD")
	}
	return strings.TrimSpace(c.Cal.Value("VERSION")) == "1.0"
}

// isQP reports whether a property is in quoted-printable. vCalendar 1.0 may leave
// out the name of the parameter.
func isQP(l *ical.Line) bool {
	if strings.EqualFold(l.ParamValue("ENCODING"), "QUOTED-PRINTABLE") {
		return true
	}
	for _, p := range l.Params() {
		if isBareQP(p) {
			return true
		}
	}
	return false
}

func isBareQP(p ical.Param) bool {
	return len(p.Values) == 0 && strings.EqualFold(strings.TrimSpace(p.Raw()), "QUOTED-PRINTABLE")
}

// decodeProperty returns a property without its encoding and how many lines
// after it were part of it, or says why it cannot be read.
func decodeProperty(c *Object, front *ical.Line, behind []ical.Item) (l *ical.Line, n int, why string) {
	charset := front.ParamValue("CHARSET")
	for _, read := range [...]func(*ical.Line) string{(*ical.Line).Text, softUnfold} {
		text, n := softJoin(front, behind, read)
		value, ok := strings.CutPrefix(text, head(front))
		if !ok {
			continue
		}
		if value, ok = decodeValue(front.Name(), value, charset); !ok {
			continue
		}
		l = clone(front)
		l.DelParams(func(p ical.Param) bool { return p.Name == "ENCODING" || p.Name == "CHARSET" || isBareQP(p) })
		l.SetValue(value)
		return l, n, ""
	}
	return nil, 0, "it does not decode as text in the declared character set; the sender has to send it again"
}

// softJoin joins a property and the lines after its soft line breaks.
func softJoin(front *ical.Line, behind []ical.Item, read func(*ical.Line) string) (text string, n int) {
	text = strings.TrimRight(read(front), " \t")
	if !strings.HasSuffix(text, "=") || strings.HasSuffix(head(front), text) {
		return read(front), 0
	}
	var b strings.Builder
	b.WriteString(text[:len(text)-1])
	for more := true; more && n < len(behind) && behind[n].Prop != nil && behind[n].Prop.Name() != "END"; n++ {
		line := strings.TrimRight(read(behind[n].Prop), " \t")
		b.WriteString(strings.TrimSuffix(line, "="))
		more = strings.HasSuffix(line, "=")
	}
	return b.String(), n
}

// softUnfold unfolds a line whose folds are after soft line breaks.
func softUnfold(l *ical.Line) string {
	raw := strings.TrimRight(l.Raw(), "\r\n")
	if strings.IndexByte(raw, '\n') < 0 {
		return raw
	}
	var b strings.Builder
	for line := range strings.SplitSeq(raw, "\n") {
		line = strings.TrimRight(line, "\r")
		if b.Len() > 0 && line != "" {
			line = line[1:]
		}
		b.WriteString(strings.TrimSuffix(line, "="))
	}
	if strings.HasSuffix(raw, "=") {
		b.WriteByte('=')
	}
	return b.String()
}

// decodeValue decodes the value of a property of that name.
func decodeValue(name, value, charset string) (text string, ok bool) {
	switch {
	case name == "CATEGORIES" || name == "RESOURCES":
		list := ical.SplitList(value)
		for i, v := range list {
			if v, ok = decodedText(v, charset); !ok {
				return "", false
			}
			list[i] = escapeDecoded(v)
		}
		return strings.Join(list, ","), true
	case isText(name) || strings.HasPrefix(name, "X-"):
		text, ok = decodedText(value, charset)
		return escapeDecoded(text), ok
	}
	text, ok = decodedText(value, charset)
	return text, ok && !strings.ContainsAny(text, "\r\n")
}

// decodedText decodes quoted-printable in a character set, UTF-8 when none is
// named.
func decodedText(s, charset string) (text string, ok bool) {
	b, err := mime.DecodeOctets([]byte(s), "quoted-printable", "\r\n")
	if err != nil {
		return "", false
	}
	if enc := legacy(strings.ToLower(strings.TrimSpace(charset))); enc != nil {
		if b, err = enc.NewDecoder().Bytes(b); err != nil {
			return "", false
		}
	}
	if !utf8.Valid(b) || bytes.ContainsRune(b, utf8.RuneError) || bytes.ContainsFunc(b, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f || 0x80 <= r && r < 0xA0 || ical.IsNonCharacter(r)
	}) {
		return "", false
	}
	return string(bytes.ReplaceAll(b, []byte("\t"), []byte(" "))), true
}

// escapeDecoded escapes a text (RFC 5545 §3.3.11). One that has escapes already
// was escaped before it was encoded.
func escapeDecoded(s string) string {
	for _, escape := range [...]string{`\n`, `\N`, `\,`, `\;`, `\\`} {
		if strings.Contains(s, escape) {
			s = strings.NewReplacer("\r\n", `\n`, "\r", `\n`, "\n", `\n`).Replace(s)
			return escapeSeparators(s)
		}
	}
	return ical.EscapeText(s)
}

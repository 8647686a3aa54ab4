package mime

import (
	"bytes"
	"slices"
	"strings"
)

// HeaderEdit collects changes of one part's header fields. Only the octets
// that a change names are replaced; the rest of the section stays as it is.
type HeaderEdit struct {
	h     Header
	edits []Edit
	eol   string
}

// EditHeader returns an editor without changes. New lines end in eol.
func EditHeader(h Header, eol string) *HeaderEdit { return &HeaderEdit{h: h, eol: eol} }

// Edits returns the changes, with offsets in the message.
func (e *HeaderEdit) Edits() []Edit { return e.edits }

func (e *HeaderEdit) replace(from, to int, text string) {
	e.edits = append(e.edits, Edit{e.h.Offset + int64(from), e.h.Offset + int64(to), []byte(text)})
}

// Drop removes all fields of that name (lower case).
func (e *HeaderEdit) Drop(name string) {
	for f := range e.h.Fields() {
		if equalFold(f.Name, name) {
			e.replace(f.Start, f.End, "")
		}
	}
}

// SetToken replaces the token before the parameters, or adds the field at the end of
// the section, with the name as given.
func (e *HeaderEdit) SetToken(name, token string) {
	f, ok := e.h.First(lower(name))
	if !ok {
		at := len(e.h.Octets)
		e.replace(at, at, name+": "+token+e.eol)
		return
	}
	v := parseValue(f.Body)
	if v.tokFrom == v.tokTo {
		e.replace(f.BodyStart, f.BodyStart, " "+token)
		return
	}
	e.replace(f.BodyStart+v.tokFrom, f.BodyStart+v.tokTo, token)
}

// SetField replaces the first field of that name as a whole and removes the
// others, or adds it at the end of the section. The text is a field without
// its last line end, folds included.
func (e *HeaderEdit) SetField(name, text string) {
	done := false
	for f := range e.h.Fields() {
		if !equalFold(f.Name, lower(name)) {
			continue
		}
		if done {
			e.replace(f.Start, f.End, "")
		} else {
			e.replace(f.Start, f.End, text+e.eol)
		}
		done = true
	}
	if !done {
		at := len(e.h.Octets)
		e.replace(at, at, text+e.eol)
	}
}

// SetParam sets a parameter of a field, in its place (that of its first section, RFC
// 2231 §3, when it has no other), or appends it. It does nothing when there is no
// such field. The name is in lower case.
func (e *HeaderEdit) SetParam(field, name, text string) {
	f, ok := e.h.First(lower(field))
	if !ok {
		return
	}
	v := parseValue(f.Body)
	plain := slices.ContainsFunc(v.params, func(p Param) bool { return p.Name == name })
	done := false
	for _, p := range v.params {
		section := strings.HasPrefix(p.Name, name+"*")
		switch {
		case p.Name == name && !done:
			e.replace(f.BodyStart+p.valueFrom, f.BodyStart+p.valueTo, quoteParam(text))
			done = true
		case section && !plain && !done:
			e.replace(f.BodyStart+p.start, f.BodyStart+p.end, name+"="+quoteParam(text))
			done = true
		case p.Name == name || section:
			e.cutParam(f, p)
		}
	}
	if !done {
		e.appendParam(f, v, name+"="+quoteParam(text))
	}
}

// DelParam removes a parameter of a field, all its sections included.
func (e *HeaderEdit) DelParam(field, name string) {
	f, ok := e.h.First(lower(field))
	if !ok {
		return
	}
	for _, p := range parseValue(f.Body).params {
		if p.Name == name || strings.HasPrefix(p.Name, name+"*") {
			e.cutParam(f, p)
		}
	}
}

// cutParam removes a parameter and the semicolon before it.
func (e *HeaderEdit) cutParam(f Field, p Param) {
	from := bytes.LastIndexByte(f.Body[:p.start], ';')
	if from < 0 || len(bytes.TrimSpace(f.Body[from+1:p.start])) > 0 {
		from = p.start
	}
	e.replace(f.BodyStart+from, f.BodyStart+p.end, "")
}

// appendParam puts a parameter after the last one, on a line of its own when
// the last line would grow beyond 78 octets (RFC 5322 §2.1.1).
func (e *HeaderEdit) appendParam(f Field, v value, param string) {
	at := f.BodyStart + v.end
	sep := "; "
	if v.endsInSemicolon {
		sep = " "
	}
	line := bytes.LastIndexByte(e.h.Octets[:at], '\n') + 1
	if at-line+len(sep)+len(param) > 78 {
		sep = strings.TrimRight(sep, " ") + e.eol + "\t"
	}
	e.replace(at, at, sep+param)
}

// quoteParam writes a parameter value, as a quoted-string where RFC 2045 §5.1
// wants one.
func quoteParam(s string) string {
	token := s != ""
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?=`, s[i]) >= 0 {
			token = false
			break
		}
	}
	if token {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			b.WriteByte('?')
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

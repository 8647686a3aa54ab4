package ical

import "strings"

// maxParams bounds the parameters of one line; what follows is kept as part of
// the last one, so nothing is lost when the line is written again.
const maxParams = 256

// maxValues does the same for the values of one parameter.
const maxValues = 1024

// parseParams reads the parameters of "NAME;A=1;B="x",y". It never fails:
// what has no name or no "=" becomes a parameter with an empty value list,
// which nothing but its removal changes.
func parseParams(head string) *[]Param {
	i := nextOutsideQuotes(head, 0, ';')
	if i < 0 {
		return nil
	}
	n := min(strings.Count(head[i:], ";"), maxParams)
	list, values := paramRoom(n)
	params := *list
	for i < len(head) {
		start := i + 1
		end := -1
		if len(params) < maxParams-1 {
			end = nextOutsideQuotes(head, start, ';')
		}
		if end < 0 {
			end = len(head)
		}
		k := len(params)
		params = append(params, parseParam(head[start:end], values[k:k:k+1]))
		i = end
	}
	*list = params
	return list
}

// paramRoom makes room for n parameters and for one value of each, which is
// what nearly all have; where there are few, in one allocation.
func paramRoom(n int) (list *[]Param, values []string) {
	switch {
	case n == 1:
		room := &struct {
			list   []Param
			params [1]Param
			values [1]string
		}{}
		room.list = room.params[:0]
		return &room.list, room.values[:]
	case n <= 4:
		room := &struct {
			list   []Param
			params [4]Param
			values [4]string
		}{}
		room.list = room.params[:0]
		return &room.list, room.values[:]
	}
	params := make([]Param, 0, n)
	return &params, make([]string, n)
}

// parseParam reads one parameter; its values are put into room while they fit.
func parseParam(raw string, room []string) Param {
	name, rest, ok := strings.Cut(raw, "=")
	name = strings.TrimSpace(name)
	p := Param{Name: upperName(name), raw: raw}
	if !ok || !isName(name) {
		return p
	}
	p.Values = room
	for {
		end := -1
		if len(p.Values) < maxValues-1 {
			end = nextOutsideQuotes(rest, 0, ',')
		}
		if end < 0 {
			p.Values = append(p.Values, unquote(rest))
			return p
		}
		p.Values = append(p.Values, unquote(rest[:end]))
		rest = rest[end+1:]
	}
}

// nextOutsideQuotes finds c from offset i on, skipping quoted strings; -1
// without one. An unclosed quote hides the rest. No octet is looked at twice
// for the same thing, however many quotes there are.
func nextOutsideQuotes(s string, i int, c byte) int {
	at := -1 // the next c, quoted or not
	for i < len(s) {
		if at < i {
			n := strings.IndexByte(s[i:], c)
			if n < 0 {
				return -1
			}
			at = i + n
		}
		quote := strings.IndexByte(s[i:at], '"')
		if quote < 0 {
			return at
		}
		i += quote + 1
		end := strings.IndexByte(s[i:], '"')
		if end < 0 {
			return -1
		}
		i += end + 1
	}
	return -1
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// newParam makes a parameter of values that can be written: no DQUOTE and no
// control character occurs in one, quoted or not (RFC 5545 §3.2).
func newParam(name string, values []string) Param {
	p := Param{Name: strings.ToUpper(name), Values: make([]string, len(values))}
	for i, v := range values {
		p.Values[i] = paramText(v)
	}
	p.raw = p.compose()
	return p
}

// paramText works on octets: what is not UTF-8 stays as it is.
func paramText(v string) string {
	var b []byte
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case c == '"':
			c = '\''
		case c < 0x20 && c != '\t', c == 0x7f:
			c = ' '
		default:
			continue
		}
		if b == nil {
			b = []byte(v)
		}
		b[i] = c
	}
	if b == nil {
		return v
	}
	return string(b)
}

// compose writes the parameter with quotes where NeedsQuotes asks for them.
func (p Param) compose() string {
	var b strings.Builder
	b.WriteString(p.Name)
	b.WriteByte('=')
	for i, v := range p.Values {
		if i > 0 {
			b.WriteByte(',')
		}
		if NeedsQuotes(v) {
			b.WriteByte('"')
			b.WriteString(v)
			b.WriteByte('"')
		} else {
			b.WriteString(v)
		}
	}
	return b.String()
}

// NeedsQuotes reports whether a parameter value has to be quoted: it contains one
// of , ; : (RFC 5545 §3.2), or an octet that is
// not ASCII (QUIRK(outlook): cn-quote, Outlook's parser wants those quoted).
func NeedsQuotes(v string) bool {
	for i := 0; i < len(v); i++ {
		if c := v[i]; c == ',' || c == ';' || c == ':' || c >= 0x80 {
			return true
		}
	}
	return false
}

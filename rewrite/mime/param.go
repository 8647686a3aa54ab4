package mime

import (
	stdmime "mime"
	"slices"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/charset"
)

// maxParams bounds the parameters of one field.
const maxParams = 64

// Params are the parameters of a structured field, as far as they can be parsed.
type Params []Param

// Param is one parameter as it was written: a continuation of RFC 2231 §3 is
// a Param of its own.
type Param struct {
	Name  string // lower case, with the RFC 2231 marks: "filename*0*"
	Value string // without quotes, not decoded

	start, end         int // "name=value" in the field body
	valueFrom, valueTo int // the value, quotes included
	quoted             bool
}

// value is a structured field body: a token and parameters.
type value struct {
	token           string
	tokFrom, tokTo  int
	params          Params
	end             int // after the last octet that is neither blank nor line end
	endsInSemicolon bool
	junk            bool // there is something that is no parameter, or after a quoted value
}

// parseValue reads `token; name=value; …` as mailers really write it: quoted
// or not, blanks and comments anywhere, doubled or missing semicolons. It
// never fails and looks at each octet a bounded number of times.
//
// The field is copied once, and token, names and values are pieces of it.
func parseValue(field []byte) value {
	b := string(field)
	p := paramParser{b: b}
	var v value
	var room [4]Param // for those of nearly all fields
	params := room[:0]
	p.blank()
	from := p.i
	for p.i < len(b) && b[p.i] != ';' && b[p.i] != '(' {
		p.i++
	}
	v.tokFrom, v.tokTo = from, trimEnd(b, from, p.i)
	v.token = b[v.tokFrom:v.tokTo]
	for len(params) < maxParams {
		p.blank()
		if p.i >= len(b) {
			break
		}
		if b[p.i] == ';' {
			p.i++
			continue
		}
		if param, ok := p.param(); ok {
			params = append(params, param)
			if param.quoted {
				p.blank()
				v.junk = v.junk || p.i < len(b) && b[p.i] != ';'
			}
		} else {
			v.junk = true
		}
	}
	v.params = slices.Clone(params)
	v.end = trimEnd(b, 0, len(b))
	v.endsInSemicolon = v.end > 0 && b[v.end-1] == ';'
	return v
}

type paramParser struct {
	b string
	i int
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func trimEnd(b string, from, to int) int {
	for to > from && isSpace(b[to-1]) {
		to--
	}
	return to
}

// blank skips white space and comments (RFC 5322 §3.2.2).
func (p *paramParser) blank() {
	depth := 0
	for ; p.i < len(p.b); p.i++ {
		switch c := p.b[p.i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == '\\' && depth > 0:
			p.i++
		case depth > 0 || isSpace(c):
		default:
			return
		}
	}
	p.i = len(p.b)
}

// param reads one "name=value" and always moves on.
func (p *paramParser) param() (Param, bool) {
	b, from := p.b, p.i
	for p.i < len(b) && b[p.i] != '=' && b[p.i] != ';' {
		p.i++
	}
	name := lower(b[from:trimEnd(b, from, p.i)])
	if p.i >= len(b) || b[p.i] == ';' || name == "" {
		p.i = min(p.i+1, len(b))
		return Param{}, false
	}
	p.i++ // "="
	equals := p.i
	for p.i < len(b) && isSpace(b[p.i]) {
		p.i++
	}
	out := Param{Name: name, start: from, valueFrom: p.i}
	if p.i < len(b) && b[p.i] == '"' {
		out.quoted = true
		out.Value = p.quoted()
		out.valueTo = p.i
	} else {
		p.bare()
		out.valueTo = trimEnd(b, out.valueFrom, p.i)
		out.Value = b[out.valueFrom:out.valueTo]
		if out.Value == "" { // the blanks are not its own: a line end may be among them
			out.valueFrom, out.valueTo = equals, equals
		}
	}
	out.end = out.valueTo
	return out, true
}

// quoted reads a quoted-string (RFC 5322 §3.2.4); one that is not closed ends
// with the field. Line ends in it are folds.
func (p *paramParser) quoted() string {
	p.i++
	if n := strings.IndexAny(p.b[p.i:], "\"\\\r\n"); n >= 0 && p.b[p.i+n] == '"' {
		plain := p.b[p.i : p.i+n]
		p.i += n + 1
		return plain
	}
	var out []byte
	for ; p.i < len(p.b); p.i++ {
		switch c := p.b[p.i]; {
		case c == '"':
			p.i++
			return string(out)
		case c == '\\' && p.i+1 < len(p.b):
			p.i++
			out = append(out, p.b[p.i])
		case c == '\r' || c == '\n':
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// bare moves after a value without quotes: it ends at a semicolon, at a
// comment, or where another "name=" follows a blank (a forgotten semicolon).
func (p *paramParser) bare() {
	for p.i < len(p.b) && p.b[p.i] != ';' {
		if !isSpace(p.b[p.i]) {
			p.i++
			continue
		}
		next := p.i
		for next < len(p.b) && isSpace(p.b[next]) {
			next++
		}
		word := next
		for word < len(p.b) && isParamName(p.b[word]) {
			word++
		}
		if next < len(p.b) && p.b[next] == '(' || word > next && word < len(p.b) && p.b[word] == '=' {
			return
		}
		p.i = max(word, next)
	}
}

func isParamName(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '*' || c == '-' || c == '_'
}

// Get returns the parameter of that name (lower case), decoded: RFC 2231
// continuations joined, percent escapes and encoded words decoded, in UTF-8.
func (ps Params) Get(name string) string {
	for _, p := range ps {
		if p.Name == name {
			return decodeWords(p.Value)
		}
	}
	if pieces := ps.pieces(name); len(pieces) > 0 {
		return joinPieces(pieces)
	}
	return ""
}

// plain returns the parameter of that name (lower case) without reading encoded
// words: a boundary is the octets that it is.
func (ps Params) plain(name string) string {
	for _, p := range ps {
		if p.Name == name {
			return p.Value
		}
	}
	return ps.Get(name)
}

// twice reports whether a parameter is there in two forms, or in one that not all
// read alike: an encoded word, or in pieces or with escapes (RFC 2231).
func (ps Params) twice(name string) bool {
	n := 0
	for _, p := range ps {
		if p.Name == name {
			n++
			if strings.Contains(p.Value, "=?") {
				return true
			}
		}
		if strings.HasPrefix(p.Name, name+"*") {
			return true
		}
	}
	return n > 1
}

// piece is one section of an RFC 2231 parameter.
type piece struct {
	Param
	number  int
	escaped bool
}

// pieces returns the sections name*, name*0, name*1*, … in their order.
func (ps Params) pieces(name string) []piece {
	var out []piece
	for _, p := range ps {
		rest, ok := strings.CutPrefix(p.Name, name+"*")
		if !ok {
			continue
		}
		one := piece{Param: p}
		rest, one.escaped = strings.CutSuffix(rest, "*")
		if rest == "" {
			one.escaped = true
		} else if n, err := strconv.Atoi(rest); err == nil && n >= 0 {
			one.number = n
		} else {
			continue
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b piece) int { return a.number - b.number })
	return out
}

func joinPieces(pieces []piece) string {
	name := ""
	var b strings.Builder
	for i, p := range pieces {
		v := p.Value
		if p.escaped {
			if i == 0 { // charset'language'text
				if cs, rest, ok := strings.Cut(v, "'"); ok {
					if _, text, ok := strings.Cut(rest, "'"); ok {
						name, v = lower(cs), text
					}
				}
			}
			v = unescapePercent(v)
		}
		b.WriteString(v)
	}
	return toUTF8(name, b.String())
}

func unescapePercent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

// decodeWords reads RFC 2047 encoded words, which do not belong into
// parameters but are found there.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var dec stdmime.WordDecoder
	if out, err := dec.DecodeHeader(s); err == nil {
		return out
	}
	return s
}

func toUTF8(name, s string) string {
	if name == "" || name == "utf-8" || name == "us-ascii" {
		return s
	}
	enc := charset.Lookup(name)
	if enc == nil {
		return s
	}
	out, err := enc.NewDecoder().String(s)
	if err != nil {
		return s
	}
	return out
}

package ical

import "strings"

// shape is a set of ways in which lines are written that hardly any line has and
// that somebody looks for. They are recorded together with the names (see
// Document.Holds), in one walk over the heads of all lines.
type shape uint64

const (
	shapeNoName  shape = 1 << iota // a line without a name
	shapeOddName                   // a name with "_" or "." in it
	shapeSmall                     // a name with a small letter
	shapeTorn                      // a name that is the end of MAILTO
	shapeSlashes                   // a value that begins with "//"
	shapeNoValue                   // a value that is white space, or may be
	shapeEquals                    // a value with "=" near its start, other than that of a rule
	shapeBare                      // a parameter without "="
	shapeBlank                     // a parameter with nothing after "=", or nothing or a blank after ";"
	shapeEmpty                     // a parameter whose first value may be white space, or none
	shapeUntidy                    // parameters with quotes inside of a value, several values, or octets that are not printable ASCII
	shapeAddress                   // "@" or "%" in the parameters
	shape1601                      // a parameter whose value begins with 1601, or such a property other than DTSTART
)

// shapeWords are the words for shapes; see WordOf.
var shapeWords = map[string]shape{
	"?noname": shapeNoName, "?oddname": shapeOddName, "?small": shapeSmall, "?torn": shapeTorn, "?slashes": shapeSlashes, "?novalue": shapeNoValue, "?equals": shapeEquals,
	"?bare": shapeBare, "?blank": shapeBlank, "?empty": shapeEmpty, "?untidy": shapeUntidy, "?address": shapeAddress, "?1601": shape1601,
}

// equalsWithin is how near the start of a value shapeEquals looks: longer than
// the name of any parameter that the standard knows.
const equalsWithin = 32

// shapeOf returns the shapes of the name and the value of a line.
func shapeOf(l *Line) (s shape) {
	name, v := l.upper, l.value
	if name == "" {
		return shapeNoName
	}
	if l.text[:len(name)] != name {
		s |= shapeSmall
	}
	for i := 0; i < len(name); i++ {
		if name[i] == '_' || name[i] == '.' {
			s |= shapeOddName
		}
	}
	if len(name) <= len("MAILTO") && strings.HasSuffix("MAILTO", name) {
		s |= shapeTorn
	}
	switch {
	case v == "", v[0] <= ' ', v[0] >= 0x80:
		s |= shapeNoValue
	case strings.HasPrefix(v, "//"):
		s |= shapeSlashes
	case strings.HasPrefix(v, "1601") && name != "DTSTART":
		s |= shape1601
	}
	if strings.IndexByte(v[:min(len(v), equalsWithin)], '=') >= 0 && name != "RRULE" && name != "EXRULE" {
		s |= shapeEquals
	}
	return s
}

// headKind says what an octet before the value may mean.
type headKind uint8

const (
	headPlain headKind = iota
	headSemicolon
	headEquals
	headOther   // not in a parameter that is written plainly
	headAddress // in an address, or an escape of a URI
)

var headKinds = func() (kinds [256]headKind) {
	for c := range kinds {
		switch {
		case c == ';':
			kinds[c] = headSemicolon
		case c == '=':
			kinds[c] = headEquals
		case c == '"', c == ',', c < ' ', c >= 0x7f:
			kinds[c] = headOther
		case c == '@', c == '%':
			kinds[c] = headAddress
		}
	}
	return kinds
}()

// readHead records what may be the name of a parameter, anything after a
// semicolon, quoted or not; and the shapes of the parameters.
func (x *index) readHead(l *Line) {
	if l.colon <= int32(len(l.upper)) {
		return
	}
	head := l.text[:l.colon]
	closed := 0 // the end of the last string that was quoted as it should be
	for i := len(l.upper); i < len(head); i++ {
		switch headKinds[head[i]] {
		case headSemicolon:
			i = x.readParam(head, i+1) - 1
		case headEquals:
			end, shapes := assigned(head[i+1:])
			x.putShape(shapes &^ shapeUntidy)
			if i > closed {
				x.putShape(shapes)
				closed = i + end
			}
		case headOther:
			if i > closed {
				x.putShape(shapeUntidy)
			}
		case headAddress:
			x.putShape(shapeAddress)
		}
	}
}

// readParam records the name of a parameter that begins at start, and returns
// where it ends.
func (x *index) readParam(head string, start int) (end int) {
	end = start
	for end < len(head) && head[end] != '=' && head[end] != ';' {
		switch headKinds[head[end]] {
		case headOther:
			x.putShape(shapeUntidy)
		case headAddress:
			x.putShape(shapeAddress)
		}
		end++
	}
	name := head[start:end]
	if end == len(head) || head[end] == ';' {
		x.putShape(shapeBare | shapeUntidy)
	}
	if name == "" && (end == len(head) || head[end] == ';') || name != "" && name[0] == ' ' {
		x.putShape(shapeBlank)
	}
	for name != "" && isBlank(name[0]) {
		name = name[1:]
	}
	for name != "" && isBlank(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	switch {
	case name == "":
	case outside(name[0]) || outside(name[len(name)-1]):
		// perhaps white space that parseParam does not count
		for i := range x.words[:shapeWord>>6] {
			x.words[i] = ^uint64(0)
		}
	default:
		x.put(paramName, name)
	}
	return end
}

// assigned returns the shapes of what is after a "=", and how many octets
// after it a quoted string ends, 0 without one.
func assigned(v string) (end int, s shape) {
	if v == "" || v[0] == ';' {
		return 0, shapeBlank | shapeEmpty
	}
	first := v
	if v[0] == '"' {
		first = v[1:]
		if n := strings.IndexByte(first, '"'); n < 0 || n+2 < len(v) && v[n+2] != ';' {
			s |= shapeUntidy
		} else {
			end = n + 2
		}
	}
	switch {
	case first == "", first[0] <= ' ', first[0] >= 0x7f, strings.IndexByte(`;:,"`, first[0]) >= 0:
		s |= shapeEmpty
	case strings.HasPrefix(first, "1601"):
		s |= shape1601
	}
	return end, s
}

func outside(c byte) bool { return c < ' ' || c >= 0x7f }

package convert

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// token is a piece of an address list (RFC 5322 §3.4).
type token struct {
	kind byte // 'b' blank, 'a' atom, 'q' quoted-string, 'c' comment, '<' angle-addr, or a separator: ',' ';' ':'
	text string
}

// errUnclosed reports an address list that cannot be read.
const unclosed = "a comment, a quoted-string or an angle bracket is not closed"

// tokens splits an address list. ok is false when something is not closed.
func tokens(s string) (list []token, ok bool) {
	for i := 0; i < len(s); {
		start, kind := i, s[i]
		switch c := s[i]; {
		case isBlank(c):
			kind = 'b'
			for i < len(s) && isBlank(s[i]) {
				i++
			}
		case c == '"':
			kind = 'q'
			i, ok = closing(s, i, '"')
		case c == '(':
			kind = 'c'
			i, ok = closing(s, i, ')')
		case c == '<':
			i, ok = closing(s, i, '>')
		case strings.IndexByte(",;:", c) >= 0:
			i++
		default:
			kind = 'a'
			for i < len(s) && !isBlank(s[i]) && strings.IndexByte(`"(<,;:`, s[i]) < 0 {
				i++
			}
		}
		if strings.IndexByte("qc<", kind) >= 0 && !ok {
			return nil, false
		}
		list = append(list, token{kind, s[start:i]})
	}
	return list, true
}

// closing returns the offset after the character that ends what begins at i. Comments
// may be nested.
func closing(s string, i int, end byte) (int, bool) {
	open, depth := s[i], 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == end && (open != '"' || depth > 0):
			if depth--; depth == 0 {
				return i + 1, true
			}
		case c == open:
			depth++
		}
	}
	return i, false
}

// encodeAddresses returns an address list in ASCII: names and comments as encoded
// words, domains as A-labels. The error says why there is none.
func encodeAddresses(field, body string) (string, error) {
	list, ok := tokens(body)
	if !ok {
		return "", notASCII("its field %s has characters beyond ASCII, and %s", field, unclosed)
	}
	var out strings.Builder
	for start := 0; start < len(list); {
		end := start
		for end < len(list) && strings.IndexByte(",;:", list[end].kind) < 0 {
			end++
		}
		named := end < len(list) && list[end].kind == ':' // a group
		text, err := encodeMailbox(field, list[start:end], named)
		if err != nil {
			return "", err
		}
		out.WriteString(text)
		if end < len(list) {
			out.WriteString(list[end].text)
			end++
		}
		start = end
	}
	return out.String(), nil
}

// encodeMailbox converts one mailbox, or the name of a group.
func encodeMailbox(field string, list []token, named bool) (string, error) {
	for _, t := range list {
		named = named || t.kind == '<'
	}
	var words []word
	for _, t := range list {
		w := word{t.text, t.text, t.kind == 'b'}
		if !isASCII(t.text) {
			text, err := encodeToken(field, t, named)
			if err != nil {
				return "", err
			}
			switch {
			case t.kind == 'q':
				w.text = text // is encoded with its neighbours
			case t.kind != 'a' || !named:
				w.text, w.literal = text, text
			}
		}
		words = append(words, w)
	}
	return encodeWords(words), nil
}

// encodeToken returns a token of a mailbox in ASCII; of a quoted-string that is a part
// of the name what it says.
func encodeToken(field string, t token, named bool) (string, error) {
	switch {
	case t.kind == 'q' && named:
		return unquote(t.text), nil
	case t.kind == 'c':
		inner := t.text[1 : len(t.text)-1]
		if strings.ContainsAny(inner, `()\`) {
			return "", notASCII("its field %s has a comment with characters beyond ASCII that cannot be encoded", field)
		}
		return "(" + encodeWords(splitWords(inner)) + ")", nil
	case t.kind == '<':
		address, err := asciiAddress(field, t.text[1:len(t.text)-1])
		return "<" + address + ">", err
	case t.kind == 'a' && !named:
		return asciiAddress(field, t.text)
	case t.kind == 'q':
		return "", notASCII("its field %s has an address whose local part is not ASCII: %s", field, t.text)
	}
	return t.text, nil
}

// maxDomain bounds what is converted, in octets: RFC 5321 §4.5.3.1.2 has 255, and a
// domain in another script is longer than its A-labels. The conversion of a long one
// takes time in proportion to the square of its length.
const maxDomain = 1024

// asciiAddress returns an address with the A-labels of its domain (RFC 5890 §2.3.2.1).
func asciiAddress(field, address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || !isASCII(address[:at]) {
		return "", notASCII("its field %s has an address whose local part is not ASCII: %s", field, address)
	}
	domain := strings.TrimSpace(address[at+1:])
	if len(domain) > maxDomain {
		return "", notASCII("its field %s has a domain of %d octets", field, len(domain))
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !isASCII(ascii) || !utf8.ValidString(domain) {
		return "", notASCII("its field %s has an address whose domain has no form in ASCII: %s", field, address)
	}
	return address[:at+1] + ascii, nil
}

// unquote returns what a quoted-string says (RFC 5322 §3.2.4).
func unquote(s string) string {
	s = s[1 : len(s)-1]
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == '\r' || s[i] == '\n': // a fold
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

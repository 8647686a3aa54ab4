package convert

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// fieldForm is how a field with octets above 127 is converted.
type fieldForm uint8

const (
	formText     fieldForm = iota // encoded words
	formAddress                   // names as encoded words, domains as A-labels
	formParams                    // parameters by RFC 2231
	formReceived                  // trace information
	formNone                      // there is no form in ASCII
)

// fieldForms are the fields that are not text.
var fieldForms = map[string]fieldForm{
	"from": formAddress, "sender": formAddress, "reply-to": formAddress, "to": formAddress, "cc": formAddress, "bcc": formAddress,
	"resent-from": formAddress, "resent-sender": formAddress, "resent-to": formAddress, "resent-cc": formAddress, "resent-bcc": formAddress,
	"resent-reply-to": formAddress, "disposition-notification-to": formAddress, "return-receipt-to": formAddress, "errors-to": formAddress,
	"content-type": formParams, "content-disposition": formParams,
	"received":   formReceived,
	"message-id": formNone, "in-reply-to": formNone, "references": formNone, "resent-message-id": formNone, "content-id": formNone,
	"date": formNone, "resent-date": formNone, "return-path": formNone, "mime-version": formNone, "content-transfer-encoding": formNone,
	"dkim-signature": formNone, "arc-seal": formNone, "arc-message-signature": formNone, "arc-authentication-results": formNone,
}

// header plans the conversion of the fields of a part.
func (c *converter) header(p *mime.Part, h mime.Header) error {
	where := "header"
	if p.Parent != nil {
		where = "header of " + c.nameOf(p)
	}
	if p.Parent != nil && p.Parent.Sealed != "" {
		return signedPart("the "+where, p.Parent.Sealed)
	}
	covered := 0
	for f := range h.Fields() {
		octets := h.Octets[f.Start:f.End]
		if !mime.ASCII(h.Octets[covered:f.Start]) {
			break // a line that is no field
		}
		covered = f.End
		if mime.ASCII(octets) {
			continue
		}
		name := string(f.Name)
		body, err := encodeField(name, string(f.Body))
		if err != nil {
			return err
		}
		c.pieces = append(c.pieces, piece{from: h.Offset + int64(f.BodyStart), to: h.Offset + int64(f.End), text: []byte(body)})
		c.note(where, name)
	}
	if !mime.ASCII(h.Octets[covered:]) {
		return notASCII("the %s has a line with characters beyond ASCII that is not a field", where)
	}
	return nil
}

// encodeField returns the body of a field in ASCII.
func encodeField(name, body string) (string, error) {
	text := strings.TrimRight(body, "\r\n")
	end := body[len(text):]
	var err error
	switch fieldForms[strings.ToLower(name)] {
	case formText:
		text = encodeWords(splitWords(text))
	case formAddress:
		text, err = encodeAddresses(name, text)
	case formParams:
		text, err = encodeParams(name, text)
	case formReceived:
		text = encodeReceived(text)
	default:
		err = notASCII("its field %s has characters beyond ASCII, and no form without them", name)
	}
	return text + end, err
}

// forClause is the recipient in a Received field. It is optional, and in ASCII there is
// no form of it (RFC 6857 §3.2.8).
var forClause = regexp.MustCompile(`[ \t\r\n]+for <[^<>]*>`)

// encodeReceived removes the recipient, and replaces other octets above 127.
func encodeReceived(text string) string {
	text = forClause.ReplaceAllStringFunc(text, func(s string) string {
		if isASCII(s) {
			return s
		}
		return ""
	})
	b := []byte(text)
	for i := range b {
		if b[i] >= 0x80 {
			b[i] = '?'
		}
	}
	return string(b)
}

// param finds a parameter: its name and its value, quoted or not.
var param = regexp.MustCompile(`(;[ \t\r\n]*)([^\s=;"()]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^\s;"()]+)`)

// encodeParams writes parameters with octets above 127 by RFC 2231.
func encodeParams(field, text string) (string, error) {
	var failed error
	out := param.ReplaceAllStringFunc(text, func(s string) string {
		if isASCII(s) {
			return s
		}
		m := param.FindStringSubmatch(s)
		name, value := m[2], m[3]
		if strings.HasPrefix(value, `"`) {
			value = unquote(value)
		}
		if !isASCII(name) || strings.Contains(name, "*") || strings.EqualFold(name, "boundary") || strings.EqualFold(name, "charset") {
			failed = notASCII("its field %s has a parameter %s with characters beyond ASCII, and no form without them", field, name)
			return s
		}
		return m[1] + extended(name, value)
	})
	if failed == nil && !isASCII(out) {
		failed = notASCII("its field %s has characters beyond ASCII outside of its parameters", field)
	}
	return out, failed
}

// extendedLine is how much of a value stands in one line of an extended parameter.
const extendedLine = 60

// extended writes a parameter in the charset of its octets (RFC 2231 §4), a long one in
// several sections (§3).
func extended(name, value string) string {
	charset := "utf-8"
	if !utf8.ValidString(value) {
		charset = "unknown-8bit"
	}
	var sections []string
	line := charset + "''"
	for i := range len(value) {
		octet := value[i : i+1]
		if !literalInQ(value[i]) && value[i] != '.' && value[i] != '_' || value[i] == '*' || value[i] == '/' {
			octet = fmt.Sprintf("%%%02X", value[i])
		}
		if len(line)+len(octet) > extendedLine {
			sections = append(sections, line)
			line = ""
		}
		line += octet
	}
	if len(sections) == 0 {
		return name + "*=" + line
	}
	sections = append(sections, line)
	for i := range sections {
		sections[i] = fmt.Sprintf("%s*%d*=%s", name, i, sections[i])
	}
	return strings.Join(sections, ";\r\n\t")
}

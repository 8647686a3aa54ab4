package mime

import (
	"bytes"
	"encoding/base64"
)

// maxLine is the longest line that may go on the wire, without its line end
// (RFC 5322 §2.1.1).
const maxLine = 998

// encodedLine is the longest line of an encoded body (RFC 2045 §6.7, §6.8).
const encodedLine = 76

// Choose returns the transfer encoding for a text: had, where every server accepts
// the result in it; else quoted-printable, or base64 when much of the text is not
// ASCII. A label of 8bit or binary is kept while the text is plain, since it is not
// wrong then.
func Choose(text []byte, had string) string {
	switch had {
	case "quoted-printable", "base64":
		return had
	}
	if Plain(text) {
		return had
	}
	high := 0
	for _, c := range text {
		if c >= 0x80 || c == 0 {
			high++
		}
	}
	if high > len(text)/6 {
		return "base64"
	}
	return "quoted-printable"
}

// Plain reports whether a text can be sent as 7bit (RFC 2045 §2.7): ASCII without
// NUL, lines that end in CRLF and have at most 998 octets.
func Plain(text []byte) bool {
	if !ASCII(text) || bytes.IndexByte(text, 0) >= 0 {
		return false
	}
	for len(text) > 0 {
		line := text
		if n := bytes.IndexByte(text, '\n'); n < 0 {
			text = nil
		} else if n == 0 || text[n-1] != '\r' {
			return false
		} else {
			line, text = text[:n-1], text[n+1:]
		}
		if len(line) > maxLine || bytes.IndexByte(line, '\r') >= 0 {
			return false
		}
	}
	return true
}

// Encode encodes a text with CRLF lines, with lines that end in eol. The result ends
// in a line end if trailing is set or, for the encodings that keep lines, if the
// text does.
func Encode(text []byte, encoding, eol string, trailing bool) []byte {
	switch encoding {
	case "base64":
		return AppendBase64(make([]byte, 0, Base64Len(len(text), eol)), text, eol, trailing)
	case "quoted-printable":
		return encodeQP(text, eol)
	}
	if eol == "\n" {
		return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	}
	return text
}

const perLine = encodedLine / 4 * 3

// Base64Len returns how many octets AppendBase64 needs at most.
func Base64Len(n int, eol string) int {
	return base64.StdEncoding.EncodedLen(n) + (n+perLine-1)/perLine*len(eol)
}

// AppendBase64 appends octets in base64 (RFC 2045 §6.8) to out.
func AppendBase64(out, text []byte, eol string, trailing bool) []byte {
	for len(text) > 0 {
		n := min(perLine, len(text))
		out = base64.StdEncoding.AppendEncode(out, text[:n])
		if text = text[n:]; len(text) > 0 || trailing {
			out = append(out, eol...)
		}
	}
	return out
}

// encodeQP keeps the line ends of the text as line ends and encodes a CR or LF
// that is not one. It also encodes what gateways are known to change: a
// "From " and a dot at the start of a line.
func encodeQP(text []byte, eol string) []byte {
	out := make([]byte, 0, len(text)+len(text)/8+16)
	for len(text) > 0 {
		line, more := text, false
		if n := bytes.Index(text, []byte("\r\n")); n >= 0 {
			line, more = text[:n], true
			text = text[n+2:]
		} else {
			text = nil
		}
		out = qpLine(out, line, eol)
		if more {
			out = append(out, eol...)
		}
	}
	return out
}

func qpLine(out, line []byte, eol string) []byte {
	const digits = "0123456789ABCDEF"
	width := 0
	for i, c := range line {
		last := i == len(line)-1
		literal := c >= ' ' && c <= '~' && c != '=' || c == '\t'
		switch {
		case (c == ' ' || c == '\t') && last:
			literal = false // RFC 2045 §6.7 (3)
		case i == 0 && (c == '.' || bytes.HasPrefix(line, []byte("From "))):
			literal = false
		}
		need := 3
		if literal {
			need = 1
		}
		// one column is left for the "=" of a soft break; the last octet of a
		// line needs none
		if width+need > encodedLine-1 && !(last && width+need <= encodedLine) {
			out = append(append(out, '='), eol...)
			width = 0
		}
		if literal {
			out = append(out, c)
		} else {
			out = append(out, '=', digits[c>>4], digits[c&15])
		}
		width += need
	}
	return out
}

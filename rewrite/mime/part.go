package mime

import (
	"bytes"
	"strconv"
	"strings"
)

// Span is the octets [Start, End) of a message.
type Span struct{ Start, End int64 }

// Len returns the number of octets.
func (s Span) Len() int64 { return s.End - s.Start }

// Part is one entity of a message (RFC 2045 §2.4): the message itself, a part
// of a multipart, or a message inside of message/rfc822.
type Part struct {
	Header Span // the header fields, without the empty line
	Body   Span // without the line end that belongs to the next delimiter (RFC 2046 §5.1.1)

	MediaType   string // lower case, never empty
	WrittenType string // as the Content-Type field has it, "" without one
	Params      Params // of Content-Type
	Encoding    string // Content-Transfer-Encoding in lower case, "" without one
	Disposition string // lower case, "" without one
	Filename    string // of the disposition, else the name parameter
	ContentID   string // without brackets

	Parent   *Part
	Sealed   string // the media type that signs or encrypts it, so that nothing in it may be changed; "" when there is none
	Enclosed bool   // inside of message/rfc822: not addressed to the recipients of the message (RFC 6047 §2)
	Doubt    string // why the header fields cannot be trusted, "" when they can

	LongLines bool // Decode saw lines that are longer than the transfer encoding may have
	TwoEnds   bool // Decode saw a delimiter after a bare CR, where some readers end the part

	number   int // among its siblings, from 1
	children int
}

// Path returns the number of the part as in IMAP: "1", "2.1".
func (p *Part) Path() string {
	switch {
	case p.Parent == nil:
		if p.children > 0 {
			return ""
		}
		return "1"
	case p.Parent.isMessage() && p.children > 0:
		return p.Parent.Path()
	}
	up := ""
	if p.Parent.Parent != nil {
		up = p.Parent.Path()
	}
	if up == "" {
		return strconv.Itoa(p.number)
	}
	return up + "." + strconv.Itoa(p.number)
}

func (p *Part) isMessage() bool {
	return p.MediaType == "message/rfc822" || p.MediaType == "message/global"
}

// IsMultipart reports whether the part is a multipart with a usable boundary.
func (p *Part) IsMultipart() bool { return p.boundary() != "" }

// maxBoundary is the longest boundary that is looked for. RFC 2046 §5.1.1
// allows 70.
const maxBoundary = 250

// endsTwice reports whether a CR by itself and a delimiter of a multipart around
// the part stand in its body: a reader that ends a line there ends the part, too.
func (p *Part) endsTwice(body []byte) bool {
	if !bytes.Contains(body, []byte("\r--")) {
		return false
	}
	for outer := p.Parent; outer != nil; outer = outer.Parent {
		if b := outer.boundary(); b != "" && bytes.Contains(body, []byte("\r--"+b)) {
			return true
		}
	}
	return false
}

// Boundary returns the boundary of a multipart, "" when the part is not a multipart
// or its boundary cannot be used.
func (p *Part) Boundary() string { return p.boundary() }

func (p *Part) boundary() string {
	if !strings.HasPrefix(p.MediaType, "multipart/") {
		return ""
	}
	b := strings.TrimRight(p.Params.plain("boundary"), " \t")
	if len(b) > maxBoundary || strings.ContainsAny(b, "\r\n") {
		return ""
	}
	return b
}

// sealing returns the media type when it signs or encrypts what it holds
// (RFC 1847, RFC 8551, RFC 3156).
func sealing(mediaType string) string {
	switch mediaType {
	case "multipart/signed", "multipart/encrypted",
		"application/pkcs7-mime", "application/x-pkcs7-mime",
		"application/pkcs7-signature", "application/x-pkcs7-signature",
		"application/pgp", "application/pgp-encrypted", "application/pgp-signature":
		return mediaType
	}
	return ""
}

// signature returns the name of the first field that signs a message.
func signature(h Header) string {
	for f := range h.Fields() {
		switch {
		case equalFold(f.Name, "dkim-signature"):
			return "DKIM-Signature"
		case equalFold(f.Name, "arc-seal"):
			return "ARC-Seal"
		case equalFold(f.Name, "arc-message-signature"):
			return "ARC-Message-Signature"
		case equalFold(f.Name, "domainkey-signature"):
			return "DomainKey-Signature"
		}
	}
	return ""
}

// Detached reports whether the part is a signature of the parts beside it.
func (p *Part) Detached() bool {
	switch p.MediaType {
	case "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature":
		return true
	}
	name := lower(p.Filename)
	for _, ending := range [...]string{".asc", ".sig", ".p7s", ".p7m", ".pgp", ".gpg"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

// doubtIf notes why the part can be read in two ways.
func (p *Part) doubtIf(odd bool, why string) {
	if odd && p.Doubt == "" {
		p.Doubt = why
	}
}

// paramCost is what a parameter takes beside its octets, which are part of its field.
const paramCost = 96

// read takes the header fields that matter, and returns how many octets that takes.
func (p *Part) read(h Header, fallback string) (kept int) {
	if why := h.broken(); why != "" {
		p.doubtIf(true, why)
	}
	p.MediaType = fallback
	var seenType, seenEncoding []byte // nil for none yet
	for f := range h.Fields() {
		if len(f.Name) < len("Content-ID") || f.Name[0]|0x20 != 'c' {
			continue
		}
		switch {
		case equalFold(f.Name, "content-type"):
			if seenType != nil {
				p.doubtIfOther("Content-Type", seenType, f.Body)
				if other := sealing(compact(parseValue(f.Body).token)); other != "" {
					p.Sealed = other // whoever reads this one sees it signed
				}
				continue
			}
			seenType = f.Body
			p.readType(f.Body, fallback)
			kept += len(f.Body) + paramCost*len(p.Params)
		case equalFold(f.Name, "content-transfer-encoding"):
			if seenEncoding != nil {
				p.doubtIfOther("Content-Transfer-Encoding", seenEncoding, f.Body)
				continue
			}
			seenEncoding = f.Body
			p.Encoding = lower(parseValue(f.Body).token)
			kept += len(f.Body)
		case equalFold(f.Name, "content-disposition") && p.Disposition == "":
			v := parseValue(f.Body)
			p.Disposition = lower(v.token)
			p.Filename = v.params.Get("filename")
			kept += len(f.Body)
		case equalFold(f.Name, "content-id") && p.ContentID == "":
			p.ContentID = strings.Trim(strings.TrimSpace(string(f.Body)), "<>")
			kept += len(f.Body)
		}
	}
	if p.Filename == "" {
		p.Filename = p.Params.Get("name")
	}
	return kept
}

func (p *Part) doubtIfOther(field string, seen, now []byte) {
	if !bytes.Equal(bytes.TrimSpace(seen), bytes.TrimSpace(now)) {
		p.Doubt = "two different " + field + " fields"
	}
}

func (p *Part) readType(body []byte, fallback string) {
	v := parseValue(body)
	p.WrittenType, p.Params = v.token, v.params
	p.doubtIf(strings.ContainsAny(v.token, " \t\r\n") && compact(v.token) != "" || strings.HasSuffix(v.token, "/"), "white space or a comment within the media type")
	p.doubtIf(strings.HasPrefix(compact(v.token), "multipart/") && v.params.twice("boundary"), "an ambiguous boundary")
	if strings.HasPrefix(compact(v.token), "multipart/") {
		p.doubtIf(!isToken(compact(v.token)[len("multipart/"):]), "a media type with invalid characters")
		p.doubtIf(hasComment(body), "a comment among the parameters of a multipart")
		p.doubtIf(v.junk, "invalid words among the parameters of a multipart")
	}
	// RFC 2045 §5.2: what is no media type is read as the default
	if i := strings.IndexByte(v.token, '/'); i > 0 && i < len(v.token)-1 {
		p.MediaType = compact(v.token)
		return
	}
	p.MediaType = fallback
}

// isToken reports whether a word is a token (RFC 2045 §5.1).
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"/[]?=", c) >= 0 {
			return false
		}
	}
	return s != ""
}

// hasComment reports whether there is a comment in the body of a field: half of
// the programs that read mail take it for a part of the word beside it.
func hasComment(body []byte) bool {
	quoted := false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == '(' && !quoted:
			return true
		}
	}
	return false
}

// compact is a media type without white space, in lower case (RFC 2045 §5.1).
func compact(token string) string {
	for _, blank := range [...]string{" ", "\t", "\r", "\n"} {
		token = strings.ReplaceAll(token, blank, "")
	}
	return lower(token)
}

// ParsePart returns the part of a header section that is not in a message.
func ParsePart(h Header) *Part {
	p := &Part{Header: Span{h.Offset, h.Offset + int64(len(h.Octets))}, number: 1}
	p.read(h, "text/plain")
	return p
}

// QuotedNeedlessly reports whether a parameter of Content-Type (lower case) is
// written as a quoted-string although a token would do (RFC 2045 §5.1).
func (p *Part) QuotedNeedlessly(param string) bool {
	for _, q := range p.Params {
		if q.Name == param {
			return q.quoted && quoteParam(q.Value) == q.Value
		}
	}
	return false
}

// Text reports whether the part is of type text.
func (p *Part) Text() bool { return strings.HasPrefix(p.MediaType, "text/") }

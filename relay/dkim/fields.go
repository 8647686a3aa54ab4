package dkim

import (
	"bytes"
	"strings"
)

// signedField is a field that is signed unless the configuration names others.
type signedField struct {
	name   string
	absent bool // "not there" is signed, too: a receiver would show or obey an added one
	more   bool // others of the name may be added on the way (RFC 5322 §3.6.6)
}

// signedFields follows RFC 6376 §5.4.1, and adds what tells a mail program how to
// read the message. Each is signed as often as it is there and once more, so that
// the signature breaks when another one is added, but for those of somebody who sends
// the message again. Of those that later servers may
// add (RFC 6409 §8) the absence is not signed. Trace fields (Received, Return-Path,
// results of filters, X-Reconvene) are not signed: they change on the way.
var signedFields = []signedField{
	{name: "From", absent: true},
	{name: "Sender"},
	{name: "Reply-To", absent: true},
	{name: "Subject", absent: true},
	{name: "Date"},
	{name: "Message-ID"},
	{name: "To", absent: true},
	{name: "Cc", absent: true},
	{name: "In-Reply-To"},
	{name: "References"},
	{name: "MIME-Version"},
	{name: "Content-Type", absent: true},
	{name: "Content-Transfer-Encoding", absent: true},
	{name: "Content-Disposition"},
	{name: "Content-Class"},
	{name: "Resent-From", more: true},
	{name: "Resent-Date", more: true},
	{name: "Resent-To", more: true},
	{name: "Resent-Cc", more: true},
	{name: "Resent-Message-ID", more: true},
	{name: "List-Id"},
	{name: "List-Help"},
	{name: "List-Unsubscribe"},
	{name: "List-Unsubscribe-Post"},
	{name: "List-Subscribe"},
	{name: "List-Post"},
	{name: "List-Owner"},
	{name: "List-Archive"},
}

// headerKeys returns the names for the tag h= of a signature on a message with this
// header section. names are those of the configuration.
func headerKeys(header []byte, names []string) []string {
	wanted := signedFields
	if len(names) > 0 {
		wanted = nil
		for _, n := range names {
			wanted = append(wanted, signedField{name: n, absent: strings.EqualFold(n, "From")})
		}
	}
	count := make(map[string]int)
	for _, f := range split(header) {
		name, _, _ := bytes.Cut(f, []byte(":"))
		count[strings.ToLower(string(bytes.TrimSpace(name)))]++
	}
	var keys []string
	for _, w := range wanted {
		n := count[strings.ToLower(w.name)]
		if n > 0 && !w.more || w.absent {
			n++
		}
		for range n {
			keys = append(keys, w.name)
		}
		count[strings.ToLower(w.name)] = -1
	}
	return keys
}

// split returns the fields of a header section with their continuation lines. What
// follows an empty line is left out.
func split(header []byte) (fields [][]byte) {
	for len(header) > 0 {
		n := fieldLen(header)
		if len(bytes.TrimRight(header[:n], "\r\n")) == 0 {
			return fields
		}
		fields = append(fields, header[:n])
		header = header[n:]
	}
	return fields
}

// fieldLen returns the length of the first field of a header section.
func fieldLen(b []byte) int {
	for at := 0; ; {
		n := bytes.IndexByte(b[at:], '\n')
		if n < 0 {
			return len(b)
		}
		at += n + 1
		if at >= len(b) || b[at] != ' ' && b[at] != '\t' {
			return at
		}
	}
}

func isField(name []byte, want string) bool {
	return strings.EqualFold(string(bytes.TrimSpace(name)), want)
}

package dkim

import (
	"bytes"
	"strings"
)

// signedField is a field that is signed unless the configuration names others.
type signedField struct {
	name   string
	absent bool // "not there" is signed, too: a receiver would show or obey an added one
}

// signedFields follows RFC 6376 §5.4.1, and adds what tells a mail program how to
// read the message. Each is signed as often as it is there and once more, so that
// the signature breaks when another one is added. Of those that later servers may
// add (RFC 6409 §8) the absence is not signed. Trace fields (Received, Return-Path,
// results of filters, X-Reconvene) are not signed: they change on the way.
var signedFields = []signedField{
	{"From", true},
	{"Sender", false},
	{"Reply-To", true},
	{"Subject", true},
	{"Date", false},
	{"Message-ID", false},
	{"To", true},
	{"Cc", true},
	{"In-Reply-To", false},
	{"References", false},
	{"MIME-Version", false},
	{"Content-Type", true},
	{"Content-Transfer-Encoding", true},
	{"Content-Class", false},
	{"Resent-From", false},
	{"Resent-Date", false},
	{"Resent-To", false},
	{"Resent-Cc", false},
	{"Resent-Message-ID", false},
	{"List-Id", false},
	{"List-Help", false},
	{"List-Unsubscribe", false},
	{"List-Unsubscribe-Post", false},
	{"List-Post", false},
}

// headerKeys returns the names for the tag h= of a signature on a message with this
// header section. names are those of the configuration.
func headerKeys(header []byte, names []string) []string {
	wanted := signedFields
	if len(names) > 0 {
		wanted = nil
		for _, n := range names {
			wanted = append(wanted, signedField{n, strings.EqualFold(n, "From")})
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
		if n > 0 || w.absent {
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

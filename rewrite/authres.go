package rewrite

import (
	"bytes"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// forgedResults are the edits that take out Authentication-Results fields which
// claim to be from the caller (RFC 8601 §5), whether or not the caller puts one of
// its own on top. Nothing else of the header is touched. For a mail that is not
// changed the caller has ForgedResults.
func forgedResults(src Source, tree *mime.Tree, server string) []mime.Edit {
	if server == "" {
		return nil
	}
	h, err := mime.ReadHeader(src, tree.Root())
	if err != nil {
		return nil
	}
	return forgedIn(h, server)
}

// maxResults is how much of a header is searched for forged results.
const maxResults = 1 << 20

// ForgedResults returns the edits that remove the Authentication-Results fields
// which claim to be from server. It reads only the header.
func ForgedResults(src Source, server string) ([]mime.Edit, error) {
	limit := min(src.Size(), maxResults)
	var head []byte
	for size := int64(8 << 10); ; size *= 4 {
		size = min(size, limit)
		var err error
		if head, err = readAll(src, 0, size); err != nil {
			return nil, err
		}
		if end := headerEnd(head); end >= 0 {
			head = head[:end]
			break
		}
		if size == limit {
			break
		}
	}
	return forgedIn(mime.Header{Octets: head}, server), nil
}

// headerEnd returns the offset of the empty line that ends a header, -1 without
// one.
func headerEnd(b []byte) int {
	for at := 0; ; {
		rest := b[at:]
		if len(rest) > 0 && rest[0] == '\n' || len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n' {
			return at
		}
		n := bytes.IndexByte(rest, '\n')
		if n < 0 {
			return -1
		}
		at += n + 1
	}
}

func forgedIn(h mime.Header, server string) []mime.Edit {
	var edits []mime.Edit
	for f := range h.Fields() {
		if strings.EqualFold(string(f.Name), "Authentication-Results") && sameServer(authServID(string(f.Body)), server) {
			edits = append(edits, mime.Edit{Start: h.Offset + int64(f.Start), End: h.Offset + int64(f.End)})
		}
	}
	return edits
}

// sameServer compares names of servers: case does not count, nor does a final dot,
// nor a backslash in a quoted-string.
func sameServer(a, b string) bool {
	plain := func(s string) string { return strings.TrimRight(strings.ReplaceAll(s, `\`, ""), ".") }
	return strings.EqualFold(plain(a), plain(b))
}

// authServID reads who an Authentication-Results field claims to be from: the
// first word after comments (RFC 8601 §2.2).
func authServID(value string) string {
	depth, escaped := 0, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case escaped:
			escaped = false
		case depth > 0 && c == '\\':
			escaped = true
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0 || strings.IndexByte(" \t\r\n", c) >= 0:
		case c == '"':
			word, _, _ := strings.Cut(value[i+1:], `"`)
			return word
		default:
			word := value[i:]
			if end := strings.IndexAny(word, " \t\r\n;("); end >= 0 {
				word = word[:end]
			}
			return word
		}
	}
	return ""
}

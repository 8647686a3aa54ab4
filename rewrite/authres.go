package rewrite

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// forgedResults are the edits that take out Authentication-Results fields which
// claim to be from the caller (RFC 8601 §5), whether or not the caller puts one of
// its own on top. Nothing else of the header is touched, and nothing of a mail
// that is not changed.
func (w *work) forgedResults(src Source, tree *mime.Tree) []mime.Edit {
	if w.o.AuthServID == "" {
		return nil
	}
	h, err := mime.ReadHeader(src, tree.Root())
	if err != nil {
		return nil
	}
	var edits []mime.Edit
	for f := range h.Fields() {
		if strings.EqualFold(string(f.Name), "Authentication-Results") && sameServer(authServID(string(f.Body)), w.o.AuthServID) {
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
// first word behind comments (RFC 8601 §2.2).
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

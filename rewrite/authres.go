package rewrite

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// forgedResults are the edits that take out Authentication-Results fields which
// claim to be from the caller, who puts one of its own on top (RFC 8601 §5).
// Nothing else of the header is touched, and nothing of a mail that is not
// changed or that nobody signed.
func (w *work) forgedResults(src Source, tree *mime.Tree) []mime.Edit {
	if w.o.AuthServID == "" || !w.tree.DKIM {
		return nil
	}
	h, err := mime.ReadHeader(src, tree.Root())
	if err != nil {
		return nil
	}
	var edits []mime.Edit
	for f := range h.Fields() {
		if strings.EqualFold(string(f.Name), "Authentication-Results") && strings.EqualFold(authServID(string(f.Body)), w.o.AuthServID) {
			edits = append(edits, mime.Edit{Start: h.Offset + int64(f.Start), End: h.Offset + int64(f.End)})
		}
	}
	return edits
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

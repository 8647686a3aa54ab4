package tlspolicy

import (
	"bytes"
	"strings"
)

// OptionalTLS reports whether the header of a message, which is all before the first
// empty line, has "TLS-Required: No" (RFC 8689 §3): its sender wants it to arrive more
// than to be protected, as reports of TLS that does not work do. Then requirements of
// the recipient's domain are not applied. Two such fields, or another value, mean
// nothing. The value may be folded.
func OptionalTLS(header []byte) bool {
	found, inside, value := 0, false, ""
	for line := range bytes.Lines(header) {
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		if text[0] == ' ' || text[0] == '\t' {
			if inside {
				value += text
			}
			continue
		}
		name, body, ok := strings.Cut(text, ":")
		if inside = ok && strings.EqualFold(strings.TrimRight(name, " \t"), "TLS-Required"); inside {
			found++
			value = body
		}
	}
	return found == 1 && strings.EqualFold(strings.TrimSpace(value), "No")
}

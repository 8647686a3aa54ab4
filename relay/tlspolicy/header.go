package tlspolicy

import (
	"bytes"
	"strings"
)

// OptionalTLS reports whether the header of a message, which is all before the first
// empty line, has "TLS-Required: No" (RFC 8689 §3): its sender wants it to arrive more
// than to be protected, as reports of TLS that does not work do. Then requirements of
// the recipient's domain are not applied. Two such fields, or another value, mean
// nothing.
func OptionalTLS(header []byte) bool {
	found, no := 0, false
	for line := range bytes.Lines(header) {
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		name, value, ok := strings.Cut(string(line), ":")
		if ok && strings.EqualFold(strings.TrimRight(name, " \t"), "TLS-Required") {
			found++
			no = strings.EqualFold(strings.TrimSpace(value), "No")
		}
	}
	return found == 1 && no
}

package tlspolicy

import "strings"

// maxID is the longest id of a policy (RFC 8461 §3.1).
const maxID = 32

// parseRecords returns the id of the policy that TXT records announce. With two records
// of the kind, or a malformed one, there is none (RFC 8461 §3.1).
func parseRecords(texts []string) (id string, ok bool) {
	count := 0
	for _, t := range texts {
		version, rest, found := strings.Cut(t, ";")
		if !found || strings.TrimSpace(version) != "v=STSv1" {
			continue
		}
		count++
		id, ok = parseFields(rest)
	}
	return id, ok && count == 1
}

// parseFields returns the id among the fields after the version.
func parseFields(s string) (id string, ok bool) {
	for field := range strings.SplitSeq(s, ";") {
		key, value, found := strings.Cut(strings.TrimSpace(field), "=")
		if key = strings.TrimSpace(key); !found || key != "id" {
			continue // another extension
		}
		if value = strings.TrimSpace(value); ok || !isID(value) {
			return "", false
		}
		id, ok = value, true
	}
	return id, ok
}

func isID(s string) bool {
	return s != "" && len(s) <= maxID && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

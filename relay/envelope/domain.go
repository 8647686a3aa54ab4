package envelope

import (
	"strings"

	"golang.org/x/net/idna"
)

// maxDomain bounds what is looked at, in octets: RFC 5321 §4.5.3.1.2 has 255,
// and a domain in another script is longer than its A-labels.
const maxDomain = 1024

// ASCIIDomain returns a domain in the form in which domains are compared: lower
// case, no final dot, labels in other scripts as A-labels (RFC 5890 §2.3.2.1). It
// does not validate: a domain that IDNA does not accept is returned unchanged, and
// matches only a route with the same spelling.
func ASCIIDomain(domain string) string {
	domain = strings.TrimSuffix(domain, ".")
	if IsASCII(domain) {
		return strings.ToLower(domain)
	}
	if len(domain) > maxDomain {
		return domain
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return domain
	}
	return ascii
}

// ASCIIPath returns an address with the A-labels of its domain. An address whose local
// part is not ASCII, or whose domain IDNA does not accept, is returned unchanged.
func ASCIIPath(path string) string {
	at := strings.LastIndexByte(path, '@')
	if IsASCII(path) || !IsASCII(path[:at+1]) {
		return path
	}
	return path[:at+1] + ASCIIDomain(path[at+1:])
}

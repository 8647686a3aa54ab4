package config

import (
	"cmp"
	"crypto/rsa"
	"fmt"
	"strings"
)

// checkSigning reports keys that cannot be used, and settings of the keys of one
// domain that contradict each other.
func checkSigning(l *loader, keys []Signing) {
	seen := make(map[string]int)    // domain and selector
	foreign := make(map[string]int) // domain
	for i := range keys {
		k, path := &keys[i], element("dkim", i)
		checkSigningKey(l, k, path)
		domain := strings.ToLower(k.Domain)
		if first, ok := seen[domain+" "+strings.ToLower(k.Selector)]; ok {
			l.fail(path+".selector", fmt.Sprintf("%q is the selector of %s, too: one name has one key", k.Selector, element("dkim", first)), "use another selector")
			continue
		}
		seen[domain+" "+strings.ToLower(k.Selector)] = i
		if first, ok := foreign[domain]; ok && keys[first].Foreign != k.Foreign {
			l.fail(path+".foreign", fmt.Sprintf("differs from that of %s, which is for the same domain", element("dkim", first)), "write the same for all keys of a domain")
		} else if !ok {
			foreign[domain] = i
		}
	}
}

func checkSigningKey(l *loader, k *Signing, path string) {
	switch {
	case k.Domain == "":
		l.fail(path+".domain", "is missing", `write the domain of the addresses in From, for example "example.com"`)
	case strings.HasPrefix(k.Domain, "*."):
		l.fail(path+".domain", fmt.Sprintf("%q is not a domain", k.Domain), fmt.Sprintf("write %q, and subdomains = true", k.Domain[2:]))
	case !isDomain(k.Domain):
		l.fail(path+".domain", fmt.Sprintf("%q is not a domain", k.Domain), `write for example "example.com"; a name in another script as xn--…`)
	}
	switch {
	case k.Selector == "":
		l.fail(path+".selector", "is missing", `write the name that stands before ._domainkey in DNS, for example "s1"`)
	case !isDomain(k.Selector):
		l.fail(path+".selector", fmt.Sprintf("%q is not a selector", k.Selector), `write letters, digits and hyphens, for example "s1"`)
	}
	oneOf(l, path+".foreign", k.Foreign, ForeignSkip, ForeignResign)
	checkSignedHeaders(l, k, path+".headers")
	if k.KeyFile == "" {
		l.fail(path+".key_file", "is missing", fmt.Sprintf(`make one: reconvene dkim keygen --domain %s --selector %s --out dkim.pem`, cmp.Or(k.Domain, "example.com"), cmp.Or(k.Selector, "s1")))
		return
	}
	if !l.readable(path+".key_file", k.KeyFile, true) {
		return
	}
	key, err := k.Load()
	if err != nil {
		l.fail(path+".key_file", err.Error(), `"reconvene dkim keygen" makes one`)
		return
	}
	if key, ok := key.(*rsa.PrivateKey); ok && (key.N.BitLen() < 2048 || key.N.BitLen() > 4096) {
		l.warn(path+".key_file", fmt.Sprintf("has an RSA key of %d bits; receivers may ignore signatures with fewer than 2048 or more than 4096 (RFC 8301)", key.N.BitLen()), "make another one with another selector")
	}
}

// checkSignedHeaders wants From, without which there is no valid signature (RFC 6376
// §5.4), and no field that changes on the way.
func checkSignedHeaders(l *loader, k *Signing, path string) {
	from := len(k.Headers) == 0
	for i, name := range k.Headers {
		switch lower := strings.ToLower(name); {
		case lower == "from":
			from = true
		case lower == "dkim-signature" || lower == "received" || lower == "return-path" || lower == "bcc":
			l.fail(element(path, i), fmt.Sprintf("%s must not be signed: other servers change it", name), "remove it")
		case !isFieldName(name):
			l.fail(element(path, i), fmt.Sprintf("%q is not the name of a header field", name), `write for example "Subject"`)
		}
	}
	if !from {
		l.fail(path, "lacks From, which must be signed (RFC 6376 section 5.4)", `add "From", or leave headers out`)
	}
}

// isFieldName reports whether s can stand in the tag h= of a signature: printable
// ASCII without colon and semicolon (RFC 6376 §3.5).
func isFieldName(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == ':' || c == ';' {
			return false
		}
	}
	return s != ""
}

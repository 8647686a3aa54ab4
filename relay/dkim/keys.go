package dkim

import (
	"crypto"
	"fmt"
	"strings"
)

// Key is a private key and what it signs.
type Key struct {
	Domain     string // of the signature, in lower case
	Subdomains bool   // also for authors in a domain below it
	Selector   string
	Signer     crypto.Signer // *rsa.PrivateKey or ed25519.PrivateKey
	Headers    []string      // fields to sign; empty: the usual ones
	Resign     bool          // also what has a signature already
}

// Name returns where the public key is in DNS.
func (k *Key) Name() string { return k.Selector + "._domainkey." + k.Domain }

// Keys are all keys of a configuration. A nil *Keys signs nothing. It is safe for
// concurrent use.
type Keys struct{ byDomain map[string][]Key }

// NewKeys returns the keys in the order given.
func NewKeys(list []Key) *Keys {
	if len(list) == 0 {
		return nil
	}
	k := &Keys{byDomain: make(map[string][]Key)}
	for _, key := range list {
		domain := strings.ToLower(key.Domain)
		k.byDomain[domain] = append(k.byDomain[domain], key)
	}
	return k
}

// Choice is what is to be done with one message.
type Choice struct {
	Keys   []Key  // to sign it with; none: it is not signed
	Resign bool   // it may be changed although it has signatures
	Signed bool   // it has a signature
	Own    bool   // one of them is of the domain of Keys
	Why    string // why a message that has an author with a key is not signed; else ""
}

// Choose returns the keys for a message with this header section.
func (k *Keys) Choose(header []byte) Choice {
	if k == nil {
		return Choice{}
	}
	domains, fields := authorDomains(header)
	var found []Key
	for _, d := range domains {
		if list := k.of(d); len(list) > 0 {
			found = list
		}
	}
	switch {
	case len(found) == 0:
		return Choice{}
	case fields > 1:
		return Choice{Why: fmt.Sprintf("there are %d From fields, and receivers differ in which of them they show", fields)}
	case len(domains) > 1:
		return Choice{Why: "the authors in From have different domains: " + strings.Join(domains, ", ")}
	}
	c := Choice{Keys: found, Resign: found[0].Resign}
	c.Signed, c.Own = signatures(header, found[0].Domain)
	return c
}

// of returns the keys for a domain: its own, else those of the next domain above it
// that signs for names below.
func (k *Keys) of(domain string) []Key {
	if list := k.byDomain[domain]; len(list) > 0 {
		return list
	}
	for {
		_, above, ok := strings.Cut(domain, ".")
		if !ok {
			return nil
		}
		var list []Key
		for _, key := range k.byDomain[above] {
			if key.Subdomains {
				list = append(list, key)
			}
		}
		if len(list) > 0 {
			return list
		}
		domain = above
	}
}

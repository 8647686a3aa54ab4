package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Record returns the text of the DNS record for a public key (RFC 6376 §3.6.1, RFC
// 8463 §4).
func Record(public crypto.PublicKey) (string, error) {
	kind, octets, err := encodePublic(public)
	if err != nil {
		return "", err
	}
	return "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(octets), nil
}

func encodePublic(public crypto.PublicKey) (kind string, octets []byte, err error) {
	switch key := public.(type) {
	case ed25519.PublicKey:
		return "ed25519", key, nil
	case *rsa.PublicKey:
		octets, err = x509.MarshalPKIXPublicKey(key)
		return "rsa", octets, err
	}
	return "", nil, fmt.Errorf("a key of type %T cannot sign", public)
}

// maxString is the longest string of a TXT record (RFC 1035 §3.3).
const maxString = 255

// ZoneLine returns the record as a line of a zone file: its text is split, since one
// string of a TXT record has at most 255 octets.
func ZoneLine(name, record string) string {
	var parts []string
	for len(record) > maxString {
		parts = append(parts, `"`+record[:maxString]+`"`)
		record = record[maxString:]
	}
	parts = append(parts, `"`+record+`"`)
	return name + ". IN TXT ( " + strings.Join(parts, "\n\t") + " )"
}

// CheckRecord compares the records that DNS has for a key with the key. It returns
// nil when receivers find the key there.
func CheckRecord(records []string, public crypto.PublicKey) error {
	kind, octets, err := encodePublic(public)
	switch {
	case err != nil:
		return err
	case len(records) == 0:
		return errors.New("there is no TXT record")
	case len(records) > 1:
		return fmt.Errorf("there are %d TXT records; receivers use any of them (RFC 6376 section 3.6.2.2): remove all but one", len(records))
	}
	tags, err := parseRecord(records[0])
	if err != nil {
		return err
	}
	if err := checkUse(tags); err != nil {
		return err
	}
	has, known := tags["k"]
	if !known {
		has = "rsa"
	}
	got, err := base64.StdEncoding.DecodeString(tags["p"])
	switch {
	case tags["p"] == "":
		return errors.New("the record has no key (p=): the key was revoked")
	case has != kind:
		return fmt.Errorf("the record is for a key of kind %s, and the key is of kind %s", has, kind)
	case err != nil:
		return errors.New("the key in the record (p=) is not base64: it was probably cut off")
	case string(got) != string(octets) && !samePKCS1(got, public):
		return errors.New("the record has another key")
	}
	return nil
}

// parseRecord returns the tags of a record (RFC 6376 §3.2), without white space.
func parseRecord(record string) (map[string]string, error) {
	tags := make(map[string]string)
	for tag := range strings.SplitSeq(record, ";") {
		name, value, _ := strings.Cut(tag, "=")
		name = strings.TrimSpace(name)
		switch _, twice := tags[name]; {
		case name == "":
			continue
		case twice:
			return nil, fmt.Errorf("the record has the tag %s= twice: receivers ignore it", name)
		case name == "v" && len(tags) > 0:
			return nil, errors.New("v= is not at the beginning of the record: receivers may ignore it")
		}
		tags[name] = strings.Join(strings.Fields(value), "")
	}
	return tags, nil
}

// checkUse returns what keeps receivers from using a record for our signatures (RFC 6376
// §3.6.1).
func checkUse(tags map[string]string) error {
	lists := func(tag string, words ...string) bool {
		value, ok := tags[tag]
		return ok && slices.ContainsFunc(strings.Split(value, ":"), func(s string) bool { return slices.Contains(words, s) })
	}
	_, hashes := tags["h"]
	_, services := tags["s"]
	v, version := tags["v"]
	switch {
	case version && v != "DKIM1":
		return fmt.Errorf("the record is of version %q, not DKIM1", v)
	case hashes && !lists("h", "sha256"):
		return fmt.Errorf("the record does not admit signatures with sha256 (h=%s): remove h=", tags["h"])
	case services && !lists("s", "*", "email"):
		return fmt.Errorf("the record is not for mail (s=%s): remove s=", tags["s"])
	case lists("t", "y"):
		return errors.New("the record says that the domain only tests (t=y): receivers treat its mail as if it were not signed; remove that")
	}
	return nil
}

// samePKCS1 reports whether octets are an RSA key without the wrapping that most
// records have; verifiers accept both.
func samePKCS1(octets []byte, public crypto.PublicKey) bool {
	key, ok := public.(*rsa.PublicKey)
	return ok && string(octets) == string(x509.MarshalPKCS1PublicKey(key))
}

// IsName reports whether s can be a domain or a selector: labels of letters, digits,
// hyphens and underscores.
func IsName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

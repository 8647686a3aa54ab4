package config

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// Load reads the private key: PEM with PKCS #8, or PKCS #1 for RSA.
func (k Signing) Load() (crypto.Signer, error) {
	text, err := readPEM(k.KeyFile)
	if err != nil {
		return nil, err
	}
	if encrypted(text) {
		return nil, fmt.Errorf("%s is encrypted with a password; write it without one: openssl pkey -in %s -out key.pem", k.KeyFile, k.KeyFile)
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY", "RSA PRIVATE KEY":
			return parseSigningKey(block)
		case "PUBLIC KEY", "CERTIFICATE":
			return nil, fmt.Errorf("%s has a %s, not a private key", k.KeyFile, block.Type)
		}
	}
	return nil, fmt.Errorf("%s has no private key in PEM", k.KeyFile)
}

// minSigningBits is the shortest RSA key that verifiers accept (RFC 8301 §3.2).
const minSigningBits = 1024

func parseSigningKey(block *pem.Block) (crypto.Signer, error) {
	var key any
	var err error
	if block.Type == "RSA PRIVATE KEY" {
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	} else {
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, fmt.Errorf("the private key cannot be read: %w", err)
	}
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return key, nil
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < minSigningBits {
			return nil, fmt.Errorf("an RSA key of %d bits is too short: no receiver accepts its signatures", bits)
		}
		return key, nil
	}
	return nil, errors.New("the key is neither RSA nor Ed25519, and DKIM has no other kinds")
}

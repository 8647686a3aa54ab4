package config

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// fromPEM reads a certificate with its chain, and its key, from PEM files. What
// editors and PowerShell add to a text is no error, see [PlainText].
func fromPEM(cert, key string) (*tls.Certificate, error) {
	certPEM, err := readPEM(cert)
	if err != nil {
		return nil, err
	}
	keyPEM, err := readPEM(key)
	if err != nil {
		return nil, err
	}
	if encrypted(keyPEM) {
		return nil, fmt.Errorf("%s is encrypted with a password; write it without one: openssl pkey -in %s -out key.pem", key, key)
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "tls: "))
	}
	return &pair, nil
}

// Authorities reads certificate authorities from a PEM file. text is the part of the
// file that was used.
func Authorities(file string) (roots *x509.CertPool, text []byte, err error) {
	if text, err = readPEM(file); err != nil {
		return nil, nil, err
	}
	roots = x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, nil, fmt.Errorf("%s has no certificate", file)
	}
	return roots, text, nil
}

// readPEM reads a file as text, and says what a binary one is.
func readPEM(file string) ([]byte, error) {
	text, err := readFile(file)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(text, []byte{0x30, 0x82}) { // a SEQUENCE of 256 octets to 64 KiB (X.690 §8.9)
		return nil, fmt.Errorf("%s is binary, not PEM; convert a .cer file by certutil -encode, name a .pfx file as cert without key", file)
	}
	return PlainText(text), nil
}

func encrypted(key []byte) bool {
	for {
		var b *pem.Block
		if b, key = pem.Decode(key); b == nil {
			return false
		}
		if b.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(b.Headers["Proc-Type"], "ENCRYPTED") {
			return true
		}
	}
}

package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// certificateWarning is how many days before its end check warns of a certificate.
const certificateWarning = 30

// readCertificate checks the keys that name a certificate and reads it; nil when it
// cannot be used, which is reported.
func readCertificate(l *loader, c Certificate, path string) *tls.Certificate {
	switch {
	case c.InStore():
		return storeCertificate(l, c, path)
	case !l.readable(path+".cert", c.Cert, c.Key == ""):
		return nil
	case c.Key != "" && !l.readable(path+".key", c.Key, true):
		return nil
	case c.PasswordFile != "" && !l.readable(path+".cert_password_file", c.PasswordFile, true):
		return nil
	}
	if c.Key != "" && c.PasswordFile != "" {
		l.warn(path+".cert_password_file", "has no effect: it is for a PFX file, which has no key beside it", "remove it or key")
	}
	pair, err := c.Load()
	if err == nil {
		checkValidity(l, pair, path)
		return pair
	}
	l.fail(path+".cert", "certificate and key cannot be used: "+strings.TrimPrefix(err.Error(), "tls: "), c.remedyFor(err))
	return nil
}

// remedyFor returns what to do about a certificate that cannot be used.
func (c Certificate) remedyFor(err error) string {
	switch {
	case c.Key != "":
		return "both must be PEM and belong together"
	case errors.Is(err, errKeyNotNamed):
		return "name the file of the key with key"
	case errors.Is(err, errPassword) && c.PasswordFile == "":
		return "name a file with its password in cert_password_file"
	case errors.Is(err, errPassword):
		return "correct the first line of cert_password_file, " + c.PasswordFile
	}
	return "export it as PFX (PKCS #12) with its private key, or name a certificate and a key in PEM"
}

func storeCertificate(l *loader, c Certificate, path string) *tls.Certificate {
	kind, value, ok := strings.Cut(strings.TrimPrefix(c.Cert, storePrefix), ":")
	const example = `write "store:thumbprint:…" or "store:subject:mail.example.com"`
	switch {
	case !ok || value == "" || kind != "thumbprint" && kind != "subject":
		l.fail(path+".cert", fmt.Sprintf("%q names no certificate of the store", c.Cert), example)
		return nil
	case kind == "thumbprint" && len(thumbprint(value)) != 40:
		l.fail(path+".cert", fmt.Sprintf("%q is not a thumbprint of 40 hexadecimal digits", value), example)
		return nil
	case c.Key != "" || c.PasswordFile != "":
		l.fail(path+".cert", "is in the store, and so is its key", "remove key and cert_password_file")
		return nil
	case runtime.GOOS != "windows":
		l.fail(path+".cert", "the certificate store is one of Windows", "name files in PEM, or a PFX file")
		return nil
	}
	pair, err := c.Load()
	if err != nil {
		l.fail(path+".cert", "cannot be used: "+err.Error(), `certlm.msc shows the store`)
		return nil
	}
	checkValidity(l, pair, path)
	return pair
}

// checkValidity warns of a certificate that ends soon. A running server says so in its own
// time, not with each reading.
func checkValidity(l *loader, pair *tls.Certificate, path string) {
	if days := DaysLeft(pair.Leaf, time.Now()); l.machine && days >= 0 && days < certificateWarning {
		l.warn(path+".cert", fmt.Sprintf("the certificate ends on %s, in %d days", pair.Leaf.NotAfter.Format(time.DateOnly), days), "renew it")
	}
}

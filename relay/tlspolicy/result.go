package tlspolicy

import (
	"crypto/x509"
	"errors"
	"net"
)

// Result is what became of TLS on one connection to a mail exchanger.
type Result struct {
	Domain        string       // whose policy it was about
	Host          string       // the mail exchanger
	Must          *Requirement // nil: nothing was required
	Policy        *Policy      // of MTA-STS; nil: none was looked at
	Failure       string       // one of those below; "": success
	Reason        string       // the failure in words
	Local, Remote net.Addr     // nil: there was no connection
}

// Results of a connection that failed (RFC 8460 §4.3).
const (
	StartTLSNotSupported = "starttls-not-supported"
	HostMismatch         = "certificate-host-mismatch"
	Expired              = "certificate-expired"
	NotTrusted           = "certificate-not-trusted"
	ValidationFailure    = "validation-failure"
	TLSAInvalid          = "tlsa-invalid"
	FetchError           = "sts-policy-fetch-error"
	PolicyInvalid        = "sts-policy-invalid"
	WebPKIInvalid        = "sts-webpki-invalid"
)

// ResultOf returns the result for an error of a TLS handshake or a check.
func ResultOf(err error) string {
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var unnamed *UnnamedError
	switch {
	case errors.As(err, &unnamed):
		return ValidationFailure
	case errors.As(err, &name):
		return HostMismatch
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Expired
	case errors.As(err, &authority):
		return NotTrusted
	}
	return ValidationFailure
}

// FetchResultOf returns the result for an error of the fetch of a policy.
func FetchResultOf(err error) string {
	var invalid *invalidError
	if errors.As(err, &invalid) {
		return PolicyInvalid
	}
	switch ResultOf(err) {
	case HostMismatch, Expired, NotTrusted:
		return WebPKIInvalid
	}
	return FetchError
}

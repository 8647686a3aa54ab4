package relay

import (
	"crypto/tls"
	"fmt"

	"github.com/reconvene/reconvene/config"
)

// tlsVersion reads min_version: "1.0", "1.1", "1.2" or "1.3"; "" is "1.2".
func tlsVersion(v config.TLSVersion) (uint16, error) {
	switch v {
	case "", config.TLS12:
		return tls.VersionTLS12, nil
	case config.TLS10:
		return tls.VersionTLS10, nil
	case config.TLS11:
		return tls.VersionTLS11, nil
	case config.TLS13:
		return tls.VersionTLS13, nil
	}
	return 0, fmt.Errorf("min_version %q is not one of 1.0, 1.1, 1.2, 1.3", v)
}

// serverTLS is the TLS side of a listener; nil when it has none. The certificate
// is read here, so that a reload brings the new one.
func serverTLS(l config.ListenerTLS) (*tls.Config, error) {
	if l.Mode == "" || l.Mode == config.ListenerTLSOff {
		return nil, nil
	}
	version, err := tlsVersion(l.MinVersion)
	if err != nil {
		return nil, err
	}
	cert, err := l.Certificate().Load()
	if err != nil {
		return nil, fmt.Errorf("certificate of the listener: %w", err)
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: version}
	if version < tls.VersionTLS12 {
		cfg.CipherSuites = oldSuites()
	}
	return cfg, nil
}

// oldSuites returns what Exchange 2003 and 2007 support on Windows 2003 and 2008:
// key exchange by RSA, AES in CBC mode where an update added it, else 3DES. RC4 is
// omitted: every client that supports it supports 3DES. The modern suites come
// first; Go orders by its own preference anyway.
func oldSuites() []uint16 {
	var ids []uint16
	for _, s := range tls.CipherSuites() {
		ids = append(ids, s.ID)
	}
	return append(ids,
		tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
		tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
		tls.TLS_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_RSA_WITH_AES_128_CBC_SHA,
		tls.TLS_RSA_WITH_AES_256_CBC_SHA,
		tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
	)
}

// weakTLS reports whether the connection uses a version below TLS 1.2.
func weakTLS(s *tls.ConnectionState) bool { return s != nil && s.Version < tls.VersionTLS12 }

// describeTLS returns the state as it is logged.
func describeTLS(s *tls.ConnectionState) string {
	if s == nil {
		return ""
	}
	return tls.VersionName(s.Version) + " " + tls.CipherSuiteName(s.CipherSuite)
}

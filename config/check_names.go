package config

import (
	"fmt"
	"strings"
)

// checkAllowNames wants TLS and an authority beside the names of certificates
// that let clients send.
func checkAllowNames(l *loader, ln *Listener, path string) {
	if len(ln.AllowNames) == 0 {
		if ln.ClientCA != "" {
			l.warn(path+".client_ca", "has no effect without allow_names", "list the names in the certificates of the clients that may send, or remove it")
		}
		return
	}
	switch {
	case ln.TLS.Mode == ListenerTLSOff:
		l.fail(path+".allow_names", `needs TLS, and tls.mode is "off": no client could present a certificate`, `set tls.mode to "optional" or "required"`)
	case ln.ClientCA == "":
		l.fail(path+".client_ca", "is missing, and allow_names needs it", `name a PEM file with the certificate authorities, or write "system"`)
	case ln.ClientCA == "system":
	case l.readable(path+".client_ca", ln.ClientCA, false):
		if _, _, err := Authorities(ln.ClientCA); err != nil {
			l.fail(path+".client_ca", err.Error(), "it must be PEM: -----BEGIN CERTIFICATE-----")
		}
	}
	for i, name := range ln.AllowNames {
		at := element(path+".allow_names", i)
		switch {
		case !isDomain(name):
			l.fail(at, fmt.Sprintf("%q is not a host name", name), `write the name in the certificate, without "*"`)
		case ln.Direction != Inbound && strings.HasSuffix("."+strings.ToLower(name), ".outlook.com"):
			l.warn(at, fmt.Sprintf("every customer of Microsoft 365 sends with the certificate of %s, not only you", name),
				"let only Exchange Online reach the listener, and see docs/exchange-online.md")
		}
	}
}

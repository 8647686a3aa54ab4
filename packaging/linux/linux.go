// Package linux holds the files that make Reconvene a service of systemd, for the
// packages and for "reconvene service install".
package linux

import _ "embed"

// Unit is reconvene.service as the packages install it.
//
//go:embed reconvene.service
var Unit string

// The program and the configuration that Unit names.
const (
	Program = "/usr/bin/reconvene"
	Config  = "/etc/reconvene/reconvene.toml"
)

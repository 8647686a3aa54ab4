// Package config is Reconvene's configuration file: its types, defaults,
// loading, checking and reloading.
//
// It is called in this order: [Load] reads reconvene.toml and the environment
// into a [Config] and checks it; every fault is a [Problem] with file, line and
// a suggestion, and all of them are reported at once. [Watch] delivers a new
// Config whenever the file changed and is good; a bad one is reported and the
// old one stays. A Config never changes after it was delivered.
//
// It never opens a listener, never looks anything up in DNS and never prints a
// secret.
package config

// Package config is Reconvene's configuration file: its types, defaults, loading,
// checking and reloading.
//
// It is called in this order: [Load] reads reconvene.toml and the environment into a
// [Config] and checks it; every error is a [Problem] with file, line and a suggestion,
// and all of them are reported at once. [Watcher] delivers a new Config whenever the
// files were changed; when they have an error it reports that, and the old Config stays
// in use. A Config never changes after it was delivered.
//
// How a file becomes a Config, in the order in which to read the files:
//
//	reconvene.toml  the commented sample, which defines the defaults
//	config.go       the types; their tags are the names of the keys
//	enum.go         the values of keys with a fixed set of values, as types
//	load.go         parse, environment, keys and types, merge, decode, check
//	position.go     which line a key is on
//	schema.go       which keys exist
//	value.go        sizes, durations and networks
//	env.go          RECONVENE_…
//	check*.go       settings that can be parsed but cannot work
//	problem.go      errors and warnings
//	show.go         the effective values, as a file again
//	watch.go        changed files
//
// It never opens a listener, never looks anything up in DNS and never prints a secret.
package config

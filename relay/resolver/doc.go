// Package resolver asks DNS servers for what mail delivery needs: MX, addresses, TXT
// and TLSA records, and whether an answer was validated by DNSSEC.
//
//	resolver.go  Resolver: options, Lookup
//	lookups.go   the look-ups by type of record
//	flight.go    one look-up for all who ask the same at the same time
//	chain.go     aliases (CNAME), what is taken from an answer
//	exchange.go  one question to the servers: UDP, TCP, the next server
//	cache.go     answers until they expire
//	servers.go   which servers are asked; system_*.go: those of the system
//
// The resolver does not validate signatures itself. An answer is authentic if the
// server has set the AD bit and can be believed: because the administrator has named
// one on this machine, or says that the way to it is safe (RFC 7672 §2.2, RFC 4035
// §4.9.3).
//
// A look-up ends within a fixed time, follows a bounded number of aliases, and
// returns a bounded number of records. The cache is bounded.
package resolver

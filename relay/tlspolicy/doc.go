// Package tlspolicy knows what the owner of a domain asks of the connections to its
// mail exchangers: DANE (RFC 7672), by TLSA records that DNSSEC protects, and MTA-STS
// (RFC 8461), by a policy that is fetched over HTTPS.
//
//	requirement.go  Requirement: what one host must prove; the check of its certificate
//	dane.go         TLSA records: which are usable, what they match
//	lookup.go       the TLSA records of a host
//	sts.go          STS: the policy of a domain, from memory, file or host
//	sts_record.go   the TXT record that says that there is a policy
//	sts_policy.go   the policy: syntax, which hosts it names
//	sts_fetch.go    fetching it
//	sts_files.go    policies on disk
//	result.go       what became of a connection, in the terms of RFC 8460
//	header.go       the field TLS-Required (RFC 8689)
//
// A policy is never weakened by something that is missing: a look-up that fails makes
// the host unusable for now, a policy that cannot be fetched again stays in force until
// it expires, and a check that is required and fails ends the connection before any
// mail is sent.
package tlspolicy

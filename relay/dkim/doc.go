// Package dkim signs outbound messages (RFC 6376, RFC 8463) with the keys of the
// domain of their author.
//
//	keys.go    Keys: which keys a message is signed with, going by its From field
//	author.go  the domain of the author; what signatures a header has already
//	fields.go  the header fields that are signed
//	sign.go    Sign: the DKIM-Signature fields for a message
//	record.go  the record in DNS for a key
//
// The octets that are signed are those that the next hop gets. The caller signs a
// message after its last change, and puts the fields in front of it.
//
// The canonicalization is relaxed/relaxed: servers on the way may fold header fields
// anew and remove white space at the ends of lines without breaking the signature.
package dkim

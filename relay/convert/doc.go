// Package convert changes the form of a message for a next hop that does not take it
// as it is: without 8BITMIME (RFC 6152), without SMTPUTF8 (RFC 6531), and where lines
// are longer than SMTP carries (RFC 5321 §4.5.3.1.6).
//
//	convert.go  Message: what is converted, part by part; Result
//	part.go     which transfer encoding a part gets, and what must not be changed
//	encode.go   the encodings, written in pieces
//	header.go   header fields with octets above 127
//	address.go  those with addresses
//	words.go    encoded words (RFC 2047)
//	refusal.go  why a message is not converted
//
// What a receiver reads is the same before and after: the octets of each decoded part,
// the decoded text of each header field. Only the form changes. Nothing is converted
// that is signed or encrypted, or that can be read in two ways; the message then cannot
// be sent to that next hop, and the [Refusal] says why.
//
// The message is never in memory as a whole: parts are encoded while they are written.
package convert

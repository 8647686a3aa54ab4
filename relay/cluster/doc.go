// Package cluster lets several relays share what their ledgers store, so that each of
// them answers for all.
//
//	member.go   Member: joins and leaves; connects again when the connection is lost
//	stream.go   the JetStream stream that all changes go through
//	publish.go  from the ledger's outbox into the stream
//	follow.go   from the stream into the ledger
//
// A record is in the outbox of its ledger from the transaction on that stores it. It is
// removed when the stream has acknowledged it. What the stream brings is stored together
// with its position. A change that comes twice is stored once: by its ID in the stream, and
// by the ID of the record in the ledger.
//
// What it never does: hold mail up. While NATS cannot be reached the outbox grows, and is
// told later.
package cluster

// Package cluster shares the records of several relays' ledgers through NATS JetStream,
// so that each ledger has the records of all.
//
//	member.go   Member: connects, and connects again when the connection is lost
//	stream.go   the JetStream stream of all changes
//	publish.go  from the ledger's outbox into the stream
//	follow.go   from the stream into the ledger
//	differ.go   relays whose ledgers store addresses otherwise
//	probe.go    what the servers and the stream say to somebody who asks
//
// A record is put into the outbox of its ledger in the transaction that stores it. It is
// removed when the stream has acknowledged it. A change from the stream is stored
// together with its position. A change that is received twice is stored once: by its ID
// in the stream, and by the ID of the record in the ledger.
//
// It never delays mail: while NATS cannot be reached the outbox grows, and is published
// later.
package cluster

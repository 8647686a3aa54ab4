// Package jetstream keeps the queue of several relays in NATS JetStream: each relay
// sends what any of them has accepted.
//
// The order of the files to read:
//
//	store.go      Store: Open, Close; the connection
//	streams.go    where things are kept, and the conditions under which that is safe
//	commit.go     how a message becomes durable
//	read.go       Get, Body, Load
//	change.go     Update, Remove, SetAside
//	lease.go      which relay sends what: leases on partitions
//	share.go      taking and giving back partitions; follow.go: the messages of one
//	request.go    requests to NATS, and what the answers mean
//	status.go     Status: what an administrator should know
//	sweep.go      large bodies that belong to no message
//
// What is stored, with the default name:
//
//	RECONVENE_QUEUE          stream: each message, envelope and body
//	OBJ_RECONVENE_QUEUE      object store: bodies above 512 KiB, stored before the message
//	RECONVENE_QUEUE_STATE    stream: the envelope of each message that was changed since
//	KV_RECONVENE_QUEUE_OWNER key-value bucket: leases
//
// A message belongs to one of 24 partitions, by a hash of the UID of its first meeting, or
// of its ID. A partition belongs to the relay that has the lease on it; the relays
// share the partitions evenly. So all mails about a meeting are sent by one relay, which keeps
// their order: that in which the stream has stored them. A lease is renewed three times
// in its duration. The lease of a relay that has died ends, and another relay takes
// the partition, reads its messages and states, and goes on.
//
// A work-queue stream with a consumer for all relays would not do: it knows no order
// for each meeting and no schedule for each destination, and it counts each message
// that waits for a retry as one that is not acknowledged, so that one destination that
// is down holds up all the others.
//
// What is not excluded: a message is sent twice when its relay dies after the next
// hop's reply and before the state is stored, or cannot reach NATS in that time; or when its
// relay stands still for longer than its lease in the middle of an attempt. These are
// at most the messages that were being sent at that moment. The relay looks at its
// lease before each attempt, and a state that another relay has stored meanwhile is
// merged: a recipient whose delivery has ended stays so.
//
// A message with several meetings follows the first one: the order to a recipient is
// kept for the others only within its partition.
package jetstream

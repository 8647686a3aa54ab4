// Package relay is the SMTP side of Reconvene: it takes mail from Exchange and
// hands it to the next hop.
//
// The life of a message, in the order in which to read the files:
//
//	server.go    Server: listeners, reload, orderly shutdown
//	listener.go  one client: who may connect, greeting, TLS, conversation
//	limits.go    how many may be connected
//	smtpd/       the conversation with the client: commands, replies, bodies by DATA
//	             and BDAT; its doc.go has the order
//	session.go   the transaction: policy, envelope, body
//	intake.go    the body as it comes: collected, or passed on (arrival.go: the
//	             look at it meanwhile)
//	delivery.go  one message, from its last octet to the verdict for the client
//	handover.go  rewriting, and the message as it goes out (rehearsal.go: whether
//	             it can be written, before the next hop gets any of it)
//	fallback.go  what is tried when the next hop refuses the content
//	             (fallback_memory.go: and what worked there lately)
//	fields.go    header fields of an answer that tell which program wrote it
//	dkim.go      signatures, verified before a message on its way in is changed
//	spool/       the body at rest: memory first, then an unlinked file
//	dsn.go       what becomes of DSN where the next hop does not offer it
//	received.go  the Received field; loop.go: mail that runs in a circle
//	route.go     which next hop a recipient belongs to
//	nexthop/     the conversation with the next hop: hosts and failover,
//	             connections, one message on one of them; its doc.go has the order
//	envelope/    the vocabulary: reverse-path, recipient, body, verdict
//	maillog.go   one line per event (logevents.go: the other events;
//	             loghandler.go: what a stranger chose is cleaned)
//	metrics.go   counters and durations
//	admin.go     health, readiness and metrics by HTTP
//
// A message is collected, rewritten and handed over. One
// of more than 128 KiB (passAfter) is looked at then: when the rewriter has seen
// no part so far that could be a meeting, the next hop gets what has come and what
// comes, as far as it is certain that nothing will be changed there. When a part
// that could be one comes after all, it and what follows are collected, repaired
// and sent at the end; only X-Reconvene is missing on such a message, since its
// place on top has been sent, and the fallbacks, since a second try would need all of it.
// A message that does not become whole (the client goes, it is larger than
// max_size, the next hop cannot carry it) never gets its last chunk or its final
// dot: the connection to the next hop is closed instead. What the next hop says
// meanwhile is the verdict, once the client has sent its last octet. An inbound
// listener always collects, and so does a next hop without 8BITMIME, or with
// CHUNKING but not PIPELINING: there the octets must be known first.
//
// Line ends: a command ends with CRLF, anything else is refused. A body ends with
// CRLF.CRLF or with the last octet of its last chunk, and with nothing else. A
// bare CR, a bare LF and NUL within a body are content: they go on unchanged
// where the next hop takes chunks, and are refused with the reason where they
// could be taken for a line end.
//
// What it never does: answer 250 to a message before the next hop has
// answered 250; change a message that the rewriter did not change (but for the
// Received field); keep mail of its own; read or write a connection without a
// deadline.
package relay

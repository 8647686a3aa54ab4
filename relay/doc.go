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
//	session.go   the transaction: policy, envelope
//	handover.go  the body, and the verdict on it
//	delivery/    one message on its way: rewriting, fallbacks; its doc.go has the order
//	spool/       the body at rest: memory first, then an unlinked file
//	dsn.go       what becomes of DSN where the next hop does not offer it
//	received.go  the Received field
//	summary.go   what the log says of a message beside its meeting (statusreport.go:
//	             what a notification reports; fields.go: which program wrote an answer)
//	event.go     all that is known of a message at its end
//	route.go     which next hop a recipient belongs to
//	nexthop/     the conversation with the next hop: hosts and failover,
//	             connections, one message on one of them; its doc.go has the order
//	envelope/    the vocabulary: reverse-path, recipient, body, verdict
//	maillog.go   one line per event (logevents.go: the other events;
//	             loghandler.go: what a stranger chose is cleaned)
//	metrics.go   counters and durations
//	admin.go     health, readiness and metrics by HTTP
//
// Line ends: a command ends with CRLF, anything else is refused. A body ends with
// CRLF.CRLF or with the last octet of its last chunk, and with nothing else. A
// bare CR, a bare LF and NUL within a body are content: they go on unchanged
// where the next hop takes chunks, and are refused with the reason where they
// could be taken for a line end.
//
// What it never does: answer 250 to a message before the next hop has
// answered 250; keep mail of its own; read or write a connection without a
// deadline.
package relay

// Package relay is the SMTP smart host: it receives mail from Exchange and forwards it
// to the next hop.
//
// The path of a message, in the order in which to read the files:
//
//	server.go    Server: start, reload, shutdown (relisten.go: its sockets; setup.go:
//	             what is made from one configuration)
//	listener.go  one client: who may connect, greeting, TLS, conversation
//	limits.go    the number of connections; logon_limit.go: failed logons
//	smtpd/       the conversation with the client: commands, replies, bodies by DATA
//	             and BDAT; its doc.go has the order
//	session.go   the transaction: policy, envelope
//	handover.go  the body, and the verdict on it; deliverylog.go: what was done with it
//	delivery/    one message to its next hop: rewriting, fallbacks; its doc.go has the
//	             order
//	spool/       the body: in memory first, then in a file without a name
//	dsn.go       DSN parameters where the next hop does not offer DSN
//	received.go  the Received field
//	summary.go   what is logged of a message besides its meeting (statusreport.go: the
//	             contents of a notification; fields.go: which program wrote an answer)
//	event.go     all that is known of a message at its end
//	route.go     the route of a recipient
//	nexthop/     the conversation with the next hop: hosts and failover,
//	             connections, one message on one of them; its doc.go has the order
//	envelope/    the vocabulary: reverse-path, recipient, body, verdict
//	maillog.go   one line for each event (logevents.go: the other events;
//	             loghandler.go: cleans the values)
//	metrics.go   counters and durations
//	admin.go     health, readiness and metrics over HTTP
//
// Line ends: a command must end with CRLF, anything else is refused. A body ends with
// CRLF.CRLF or with the last octet of its last chunk, and with nothing else. A bare CR,
// a bare LF and NUL within a body are content: they are forwarded unchanged to a next
// hop with CHUNKING, and refused with the reason where another server could read them as
// a line end.
//
// With handoff = "queue" the path is another one:
//
//	storing.go   the transaction: recipients with any route, the body to the store
//	queue/       the queue: durable messages, schedule, expiry; its doc.go has the order
//	carrier.go   one attempt: a transaction for each route and profile, by delivery/
//	compose.go   notifications to the sender, written by dsn/
//	queueing.go  opening and running the queue, its events (queue_state.go: whether
//	             messages can be stored)
//
// The package never replies 250 to a message before the next hop has replied 250, or the
// message is durable in the queue; never stores other mail; and never reads or writes a connection without a deadline.
package relay

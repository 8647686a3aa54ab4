// Package nexthop is the client side of SMTP: it finds a host of a route that accepts
// mail, and sends one message at a time to it. It returns the host's own replies as
// verdicts.
//
// The order of calls, and of the files to read:
//
//	engine.go       Engine: what all transactions share; New, Begin, Close
//	route.go        Route: the hosts for some domains, and how to connect to them
//	session.go      Session: the transactions of one client
//	transaction.go  Transaction: Envelope, then Deliver, Stream or Abort
//	search.go       the choice of a host: directory.go has its addresses, health.go the
//	                recent failures, capacity.go the limits that hosts have shown
//	                (perdomain.go: hosts that depend on the recipient's domain; policy.go:
//	                what domains ask of connections; requiretls.go: what senders ask)
//	open.go         a new connection: greeting, EHLO, TLS (tls.go), AUTH (sasl.go);
//	                conn.go its commands, transport.go its deadlines, reply.go the replies
//	pool.go         idle connections; pace.go detects a host that slows a connection down
//	batch.go        MAIL and RCPT, pipelined
//	deliver.go      the body, by BDAT or DATA (body_writer.go, chunk_writer.go);
//	                stream.go: while it is still being received
//	unsolicited.go  replies to no command
//	probe.go        Probe: what a host offers (fingerprint.go: which product it is);
//	                reach.go: Reach, whether it could accept mail now
//	observer.go     Observer: receives the events of connections
//	dialogue.go     Record: what was said in a transaction, for a person
//
// Replies: a next hop answers each command once, in order. After an unsolicited reply
// every later reply would be attributed to the wrong command. Therefore the connection
// is checked for unread input (in the buffer, on the socket and below TLS) before and
// after each group of commands, before a body, after the reply to it, and whenever the
// connection enters or leaves the pool. When there is any, the connection is closed and
// its transaction ends with 451, whatever the unsolicited reply says: even a 5xx was no
// answer to this client. The exception is a refusal after 354, which is an early answer
// to the body.
//
// An unsolicited reply that arrives while another one is awaited cannot be detected in
// that way. Two replies are therefore compared with what they should look like: a reply
// to MAIL on a connection from the pool that differs from the first one, and a reply to
// a message that resembles one to an address or, by BDAT, to a chunk. Then QUIT is sent:
// its reply (221) is the only one that no other command has, so that it shows how many
// replies are outstanding. What remains undetected is a surplus reply that arrives while
// another one is awaited and resembles that one; it is detected at the next check. By
// DATA it mostly takes the place of the 354, before a message can be lost. By BDAT, or
// between 354 and the final dot, a message can be reported as accepted that the next hop
// then refuses. SMTP has no command that would show this in time.
//
// The package never reports a message as accepted unless the host has accepted it in
// reply to that message; never uses a connection again on which a transaction is open;
// never reads or writes without a deadline; and does not know the client's session, the
// log or the rewriter.
package nexthop

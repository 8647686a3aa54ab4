// Package nexthop is the conversation with the next hop: it finds a host of a route
// that works, and hands over one message at a time with the host's own verdicts.
//
// The order of calls, and of the files to read:
//
//	engine.go       Engine: what all transactions share; New, Begin, Close
//	route.go        Route: the hosts for some mail, and how to speak with them
//	visit.go        Visit: the transactions of one client
//	transaction.go  Transaction: Envelope, then Deliver, Stream or Abort
//	search.go       the host for it: directory.go its addresses, health.go what failed
//	                lately, capacity.go how many connections it bears
//	open.go         a new connection: greeting, EHLO, TLS (tls.go), AUTH (sasl.go);
//	                conn.go its commands, transport.go its deadlines, reply.go the replies
//	pool.go         idle connections; pace.go how many messages one may carry
//	batch.go        MAIL and RCPT, pipelined
//	deliver.go      the body, by BDAT or DATA (body_writer.go, chunk_row.go);
//	                stream.go: while it still arrives
//	in_step.go      replies that nobody asked for
//	probe.go        what a host shows of itself (fingerprint.go: whose it is);
//	                reach.go whether it could take mail now
//	observer.go     who is told of connections
//
// Replies: a next hop answers each command once, in order. Whatever it says
// without having been asked makes every later reply somebody else's, so that the
// connection is looked at before each group of commands, behind it, before a body,
// behind the reply to it, and before it goes into the pool and comes out of it: in
// the buffer, on the socket and below TLS. When something waits there the connection
// is given up and its transaction ends in 451, whatever was said; a 5xx among it
// was no answer to this client. Behind 354 a refusal is an answer, if an early one.
// A connection from the pool whose reply to MAIL looks like another one, and one
// whose reply to a message looks like that to an address or, by BDAT, to a chunk, is
// asked to QUIT, the only command whose reply tells how many are owed. What remains is a
// reply too many that arrives while we wait for another one and looks like that:
// it is taken for it, until the surplus is seen at the next look. By DATA the 354
// mostly stands in the wrong place before a message is lost; by BDAT, or in the moment
// between 354 and the final dot, a message can be reported as taken that the next hop
// refuses a moment later. No command of SMTP would show it in time, since most share
// their replies.
//
// What it never does: report a message as taken that the host has not taken in
// reply to that very message; use a connection again on which something is open;
// read or write one without a deadline; know of sessions, of the log or of the
// rewriter.
package nexthop

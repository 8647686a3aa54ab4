// Package relay is the SMTP side of Reconvene: it takes mail from Exchange and
// hands it to the next hop.
//
// The life of a message, in the order in which to read the files:
//
//	server.go    Server: listeners, limits, reload, orderly shutdown
//	listener.go  who may connect; one gate and one go-smtp server per connection
//	gate.go      the guarded connection: one command line at a time, STARTTLS,
//	             replies of our own; what waits in the pipeline can be seen
//	data.go      the body, in bulk: DATA and BDAT, dot-unstuffed
//	session.go   the transaction: policy, envelope, body, rewriting, hand-over
//	spool.go     the body at rest: memory first, then an unlinked file
//	received.go  the Received field, and loop detection
//	route.go     which next hop a recipient belongs to
//	nexthop.go   the next hop's engine: hosts and failover (pool.go: what is idle)
//	hop_open.go  a new connection: greeting, EHLO, TLS, AUTH; hop_conn.go: its waits
//	transaction.go  one message on it: MAIL and RCPT (batch.go), then the body
//	             (deliver.go, body_writer.go: by BDAT or DATA)
//	probe.go     what a next hop shows of itself (fingerprint.go: whose it is)
//	verdict.go   what a server said, as data
//	maillog.go   one line per event (logevents.go: the other events;
//	             loghandler.go: what a stranger chose is cleaned)
//	metrics.go   counters and durations
//	admin.go     health, readiness and metrics by HTTP
//
// What it never does: answer 250 to a message before the next hop has
// answered 250; change a message that the rewriter did not change (but for the
// Received field); keep mail of its own; read or write a connection without a
// deadline.
package relay

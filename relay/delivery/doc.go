// Package delivery sends one message to its next hop: it receives the body, has the
// calendars in it repaired, sends it, and tries other forms of a meeting whose content
// the next hop refuses.
//
// An [Engine] has what all messages share: memory and processors, and what is known of
// receivers. For each message whose recipients the next hop has accepted:
//
//	d := engine.Begin(ctx, message)   delivery.go
//	defer d.Close()
//	body.WriteTo(d)                   collected; a large message without a meeting is
//	                                  sent while it is received (stream.go; scan.go:
//	                                  the examination meanwhile)
//	d.Finish() or d.Abort(err)        finish.go: the verdict, and what was found
//
// Finish uses these files, in this order:
//
//	loop.go       whether the message is in a mail loop
//	rewrite.go    the options for the rewriter, and its result
//	effort.go     memory and time for that (budget.go shares them among all messages)
//	dkim.go       signatures, verified before an inbound message is changed; forged.go:
//	              results that claim to be ours
//	trial.go      whether a result can be written, before the next hop gets any of it
//	unstorable.go an invitation that is refused instead
//	payload.go    the octets of a form of the message
//	adapt.go      what the next hop gets of it (newlines.go: bare line ends; package
//	              convert; sign.go: the signatures of the author's domain)
//	fallback.go   further forms after a refusal of the content (first_form.go: the form
//	              that is sent first; form_memory.go: the form that a place accepted)
//
// A message of more than 128 KiB (streamAfter) is examined when that much was received.
// If the rewriter has seen no part that could be a meeting, the next hop gets what was
// received and what follows, up to the octets that will certainly not be changed. When a
// part that could be a meeting follows, it and the rest are collected, repaired and sent
// at the end. Such a message has no X-Reconvene field, since its header was sent
// already, and no fallbacks, since they would need the whole message. The next hop never
// gets the last chunk or the final dot of an incomplete message. An inbound message is
// always collected, and so is one that is to be signed, and one for a next hop without 8BITMIME, or with CHUNKING but
// without PIPELINING: there all octets must be known first.
//
// The package knows neither the client nor the listener: [Caller] stands for whoever
// waits for the verdict, and [Observer] for the log of what was done.
//
// It never reports 250 before the next hop has replied 250; never sends what the
// rewriter could not complete; and never changes a message that the rewriter did not
// change, except for the Received field, signatures, forged results, and line ends where the
// listener converts them.
package delivery

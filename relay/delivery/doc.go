// Package delivery hands one message to its next hop: it takes the body in, has the
// calendars in it repaired, sends it, and tries other forms of a meeting that the
// next hop refuses for its content.
//
// An [Engine] holds what all messages share: memory and processors, and what is
// remembered of receivers. For each message whose recipients the next hop has accepted:
//
//	d := engine.Begin(ctx, message)   delivery.go
//	defer d.Close()
//	body.WriteTo(d)                   collected; a large message without a meeting is
//	                                  sent while it arrives (stream.go; scan.go: the
//	                                  examination meanwhile)
//	d.Finish() or d.Abort(err)        finish.go: the verdict, and what was found
//
// Finish goes through these files, in this order:
//
//	loop.go      whether the message runs in a circle
//	rewrite.go   what the rewriter is asked for, and what it returns
//	effort.go    memory and time for that (budget.go shares them among all messages)
//	dkim.go      signatures, verified before a message on its way in is changed;
//	             forged.go: results that claim to be ours
//	trial.go     whether a result can be written, before the next hop gets any of it
//	unstorable.go  an invitation that is refused instead
//	payload.go   the octets that the next hop gets (newlines.go: bare line ends)
//	fallback.go  further forms after a refusal of the content (first_form.go: the form
//	             to begin with; form_memory.go: what a place took)
//
// A message of more than 128 KiB (streamAfter) is examined when so much has come:
// when the rewriter has seen no part that could be a meeting, the next hop gets what
// has come and what comes, as far as it is certain that nothing will be changed
// there. When a part that could be one comes after all, it and what follows are
// collected, repaired and sent at the end; only X-Reconvene is missing on such a
// message, since its place on top has been sent, and the fallbacks, since a second
// attempt would need all of it. A message that does not become whole never gets its
// last chunk or its final dot. An inbound message is always collected, and so is one
// for a next hop without 8BITMIME, or with CHUNKING but not PIPELINING: there the
// octets must be known first.
//
// It knows neither the client nor the listener: who waits for the verdict, and who is
// told what was done, is behind [Caller].
//
// What it never does: report 250 before the next hop has replied 250; send what the
// rewriter could not finish; change a message that the rewriter did not change, but for
// the Received field, forged results, and line ends where the listener wants that.
package delivery

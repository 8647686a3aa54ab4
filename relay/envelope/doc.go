// Package envelope has the vocabulary of package relay and the packages below it:
// the envelope of a message (ReversePath, Recipient), the message as it is sent
// (Body), and the reply of a server (Verdict). It also checks the syntax of
// addresses, and makes text of other servers safe to log.
//
// It imports no other package of this module and does no I/O.
package envelope

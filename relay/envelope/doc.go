// Package envelope is the vocabulary of package relay and the packages below it: the
// envelope of a message (ReversePath, Recipient), the message as it is sent (Body), and
// what a server says about them (Verdict). It also checks the forms of addresses and of
// the text of other servers.
//
// It imports no other package of this module and does no I/O.
package envelope

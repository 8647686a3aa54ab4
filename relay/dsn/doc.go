// Package dsn writes delivery status notifications (RFC 3461, 3464, 6522, 6533): the
// messages by which a sender is told that a message was not delivered, is delayed, or
// was delivered.
//
//	report.go    Report: what is known; Write: the notification
//	wanted.go    which notifications a sender asked for
//	limiter.go   how many a sender gets in an hour
//	status.go    the part for programs: message/delivery-status
//	text.go      the part for people; words*.go: its sentences, by language
//	meeting.go   what the organizer of a meeting has to know
//	original.go  what is returned of the message, and how it is encoded
//	field.go     header fields with text of other hosts
//
// A notification must be deliverable everywhere, because nobody is told when it is
// not. It is therefore 7-bit, with one exception: a sender with an address that is not
// ASCII can only be reached by SMTPUTF8, which includes 8BITMIME (RFC 6531 §3.1). A
// message that cannot be returned in 7 bits is represented by its header, encoded as
// quoted-printable (RFC 6522 §3 and §4).
//
// Addresses, replies, and the message itself are chosen by others. They reach a header
// field only through field.go, which admits no control character, and never a line
// that could be a delimiter of the notification.
//
// The package does no I/O except reading the message and writing the notification. The
// caller sends it with the null reverse-path (RFC 5321 §4.5.5) to the reverse-path of
// the message and to nobody else; Write refuses a message that has the null
// reverse-path itself.
package dsn

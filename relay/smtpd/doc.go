// Package smtpd is the conversation with a client: it reads commands and bodies, and
// writes replies. It is the only user of go-smtp's server, and knows nothing of what
// becomes of the mail.
//
// A server makes a [Conn] for each connection with [New] and calls, in this order:
// [Conn.TalksEarly], or [Conn.Handshake] where TLS comes first; [Conn.Converse] with a
// [Handler], again behind each handshake that STARTTLS asks for; [Conn.Close]. The
// handler is asked for a verdict on each command that concerns mail, and gets the body
// as a stream. While it waits for others it can ask to be told when the client goes away
// ([Conn.Watch]).
//
// Files: wire.go has the octets in both directions; conn.go reads command lines; command.go, path.go and params.go parse them;
// engine.go and session.go put go-smtp between them and the handler; replies.go decides
// what the client gets; data.go reads bodies by DATA and BDAT; monitor.go looks whether
// the client is still there; close.go ends the connection.
//
// It never takes an octet of a message for a command, or one that comes after a read
// error; never changes a verdict of the handler; never reads or writes without a deadline.
package smtpd

// Package smtpd is the server side of SMTP: it reads commands and bodies from a
// client, and writes replies. It is the only user of go-smtp's server, and does not
// know what is done with the mail.
//
// A server makes a Conn for each connection with [New] and calls, in this order:
// [Conn.TalksEarly], or [Conn.Handshake] for implicit TLS; [Conn.Converse] with a
// [Handler], again after each handshake that STARTTLS asks for; [Conn.Close]. The
// handler returns a verdict on each command that concerns mail, and reads the body
// as a stream. While it waits for the next hop it can be notified when the client
// disconnects ([Conn.Monitor]).
//
// Files: wire.go has the octets in both directions; conn.go reads command lines;
// command.go, path.go and params.go parse them; engine.go and session.go connect
// go-smtp with the handler; replies.go decides the reply that the client gets;
// data.go reads bodies by DATA and BDAT; monitor.go detects that the client
// disconnects; close.go ends the connection.
//
// It never reads an octet of a message as a command, nor one that arrives after a
// read error; never changes a verdict of the handler; never reads or writes without
// a deadline.
package smtpd

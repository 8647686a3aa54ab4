// Package control lets a command of the same machine look at the queue of a running
// server and change it.
//
//	protocol.go  what is said: a request, and the replies to it
//	place.go     where the server is reached: the file "control" in a folder
//	server.go    Serve: answers requests
//	client.go    Ask: sends one
//
// A connection carries one request: a line of JSON from the client, then lines of JSON
// from the server, of which the last one is marked. Request and replies have a bounded
// size, and every read and write a deadline, so that a client that stops reading
// occupies its connection alone, and not for long.
//
// Who may connect is decided by the operating system: the file "control" is for the
// server's user (and root) alone. It is a Unix socket; on Windows, and where the path
// is too long for a socket, it is a file with the port of a socket on the loopback
// interface and a secret that each request must have.
//
// The package never changes a message itself: it calls the methods of [queue.Queue].
package control

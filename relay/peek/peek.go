// Package peek reports unread input of a connection without waiting and without
// reading it. It supports sockets of the operating system; for any other connection,
// and on systems without such a call, it reports Unknown.
package peek

// Waiting is the unread input of a connection.
type Waiting int

const (
	Unknown Waiting = iota
	Nothing
	Input
	End // the other side has closed the connection, or it broke
)

// Package peek reports what waits on a connection without waiting for it and without
// taking it. It knows sockets of the operating system; of anything else, and on systems
// that cannot be asked, it reports Unknown.
package peek

// Waiting is what waits on a connection.
type Waiting int

const (
	Unknown Waiting = iota
	Nothing
	Input
	End // the other side has closed the connection, or it broke
)

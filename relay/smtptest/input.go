package smtptest

import (
	"bytes"
	"io"
	"net"
	"time"
)

// Input is the connection of a client that has sent everything and reads all
// replies.
type Input struct {
	In    []byte
	Piece int // octets for each Read; 0: as many as fit
	Taken int // of In
	Out   bytes.Buffer
}

// Read implements net.Conn.
func (c *Input) Read(b []byte) (int, error) {
	if c.Taken == len(c.In) {
		return 0, io.EOF
	}
	if c.Piece > 0 && len(b) > c.Piece {
		b = b[:c.Piece]
	}
	n := copy(b, c.In[c.Taken:])
	c.Taken += n
	return n, nil
}

// Write implements net.Conn.
func (c *Input) Write(b []byte) (int, error) { return c.Out.Write(b) }

// Close implements net.Conn.
func (c *Input) Close() error { return nil }

// LocalAddr implements net.Conn.
func (c *Input) LocalAddr() net.Addr { return loopback(25) }

// RemoteAddr implements net.Conn.
func (c *Input) RemoteAddr() net.Addr { return loopback(9) }

// SetDeadline implements net.Conn.
func (c *Input) SetDeadline(time.Time) error { return nil }

// SetReadDeadline implements net.Conn.
func (c *Input) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements net.Conn.
func (c *Input) SetWriteDeadline(time.Time) error { return nil }

package control

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
)

// Name is that of the file in the folder of the queue.
const Name = "control"

// maxSocketPath is the longest path of a Unix socket: 104 octets with the final NUL on
// the systems with the least room.
const maxSocketPath = 103

// place is what the file has where it is not a socket.
type place struct {
	Address string `json:"address"` // 127.0.0.1:port
	Secret  string `json:"secret"`
}

// listen makes the file and returns the socket. A file that is left from a server
// that was killed is replaced: the caller has the lock of the folder.
func listen(ctx context.Context, folder string) (l net.Listener, secret string, err error) {
	// A new folder below is for this user alone, whatever the umask is, so that
	// nobody else connects before the file has its mode.
	hidden, err := os.MkdirTemp(folder, "control-")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(hidden)
	fresh, name := filepath.Join(hidden, "c"), filepath.Join(folder, Name)
	if runtime.GOOS == "windows" || len(fresh) > maxSocketPath {
		l, secret, err = listenTCP(ctx, fresh)
	} else {
		l, err = listenUnix(ctx, fresh)
	}
	if err == nil {
		err = os.Rename(fresh, name)
	}
	if err != nil {
		if l != nil {
			l.Close()
		}
		return nil, "", err
	}
	return l, secret, nil
}

func listenUnix(ctx context.Context, name string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "unix", name)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // it gets another name
	if err := os.Chmod(name, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func listenTCP(ctx context.Context, name string) (l net.Listener, secret string, err error) {
	l, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	p := place{Address: l.Addr().String(), Secret: rand.Text()}
	text, err := json.Marshal(p)
	if err == nil {
		err = os.WriteFile(name, append(text, '\n'), 0o600)
	}
	if err != nil {
		l.Close()
		return nil, "", err
	}
	return l, p.Secret, nil
}

// ErrNotRunning reports that no server uses the folder.
var ErrNotRunning = errors.New("no server is running that uses this queue")

// dial connects to the server that uses a folder, and returns the secret that a
// request must have.
func dial(ctx context.Context, folder string) (conn net.Conn, secret string, err error) {
	name := filepath.Join(folder, Name)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", ErrNotRunning
	}
	if err != nil {
		return nil, "", err
	}
	network, address := "unix", name
	if info.Mode().IsRegular() {
		p, err := readPlace(name)
		if err != nil {
			return nil, "", err
		}
		network, address, secret = "tcp", p.Address, p.Secret
	}
	conn, err = new(net.Dialer).DialContext(ctx, network, address)
	switch {
	case err == nil:
		return conn, secret, nil
	case errors.Is(err, fs.ErrPermission) || ctx.Err() != nil:
		return nil, "", err
	}
	return nil, "", ErrNotRunning // it was killed, and left the file
}

func readPlace(name string) (p place, err error) {
	f, err := os.Open(name)
	if err != nil {
		return p, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4<<10))
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return p, fmt.Errorf("%s: %w", name, err)
	}
	host, _, err := net.SplitHostPort(p.Address)
	if ip := net.ParseIP(host); err != nil || !ip.IsLoopback() {
		return p, fmt.Errorf("%s: %q is not an address on this machine", name, p.Address)
	}
	return p, nil
}

// same compares secrets in constant time.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

package config

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// Errors of Windows Sockets, which the package syscall does not count as EADDRINUSE and
// EACCES there. Their texts are in the language of the system.
const (
	wsaEACCES     = syscall.Errno(10013)
	wsaEADDRINUSE = syscall.Errno(10048)
)

// ListenReason returns why an address could not be opened, and what to do about it.
func ListenReason(address string, err error) (text, hint string) {
	switch {
	case inUse(err):
		return address + " is in use by another program", "stop that program or use another port"
	case errors.Is(err, wsaEACCES):
		return address + " is kept by another program, or reserved by Windows",
			`stop that program or use another port; "netsh interface ipv4 show excludedportrange protocol=tcp" lists what is reserved`
	case errors.Is(err, os.ErrPermission):
		return address + " may not be opened by this user",
			"ports below 1024 need root, or CAP_NET_BIND_SERVICE as in reconvene.service: docs/install.md shows how to run check with it"
	}
	return fmt.Sprintf("%s cannot be opened: %v", address, lastReason(err)), "name an address of this machine"
}

func inUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaEADDRINUSE)
}

// tryAddress opens an address. That Reconvene itself has it is no fault: a file is
// checked while the server runs, too. Ours tells whether it is Reconvene that answers.
func tryAddress(l *loader, path, address string, ours func(net.Conn) bool) {
	if l.failed(path) {
		return // it is no address
	}
	socket, err := net.Listen("tcp", address)
	if err == nil {
		socket.Close()
		return
	}
	checkListen(l, path, address, ours, err)
}

// checkListen reports why an address could not be opened.
func checkListen(l *loader, path, address string, ours func(net.Conn) bool, err error) {
	if inUse(err) && answers(address, ours) {
		l.warn(path, address+" is in use, probably by Reconvene", "stop it before you start another one")
		return
	}
	text, hint := ListenReason(address, err)
	l.fail(path, text, hint)
}

// answers asks who has an address of this machine.
func answers(address string, ours func(net.Conn) bool) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	conn, err := dialSelf(host, port)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(tryTimeout))
	return ours(conn)
}

// dialSelf connects to an address of this machine on which somebody listens.
func dialSelf(host, port string) (conn net.Conn, err error) {
	hosts := []string{host}
	if isWildcard(host) {
		hosts = []string{"127.0.0.1", "::1"} // "localhost" would need a name server or a hosts file
	}
	for _, h := range hosts {
		if conn, err = net.DialTimeout("tcp", net.JoinHostPort(h, port), tryTimeout); err == nil {
			break
		}
	}
	return conn, err
}

// greets reports whether it is a listener of Reconvene that greets.
func greets(conn net.Conn) bool {
	line, _ := bufio.NewReaderSize(conn, 512).ReadSlice('\n')
	return strings.HasPrefix(string(line), "220 ") && strings.HasSuffix(strings.TrimSpace(string(line)), " Reconvene")
}

// greetsInTLS is greets for a listener with implicit TLS.
func greetsInTLS(conn net.Conn) bool {
	return greets(tls.Client(conn, &tls.Config{InsecureSkipVerify: true})) // only to read its greeting
}

// showsAdminPage reports whether it is the admin page of Reconvene that answers.
func showsAdminPage(conn net.Conn) bool {
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", conn.RemoteAddr()); err != nil {
		return false
	}
	head := bufio.NewReaderSize(conn, 512)
	for {
		line, err := head.ReadSlice('\n')
		if err != nil {
			return false
		}
		if len(strings.TrimSpace(string(line))) == 0 {
			break
		}
	}
	line, _ := head.ReadSlice('\n')
	return strings.HasPrefix(string(line), "Reconvene: ")
}

// lastReason is an error without what was tried, which is said already.
func lastReason(err error) error {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[*os.SyscallError](err); ok {
		err = e.Err
	}
	return err
}

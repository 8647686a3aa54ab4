package config

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"
)

// tryTimeout bounds each question to the network.
const tryTimeout = 3 * time.Second

// Errors of Windows Sockets, which the package syscall does not count as EADDRINUSE and
// EACCES there. Their texts are in the language of the system.
const (
	wsaEACCES     = syscall.Errno(10013)
	wsaEADDRINUSE = syscall.Errno(10048)
)

// try looks for what would make serve fail on this machine, as the user that runs
// it. It opens addresses and makes files for a moment only, and leaves nothing.
func try(l *loader, cfg *Config) {
	trySockets(l, cfg)
	for i := range cfg.Listeners {
		ln := &cfg.Listeners[i]
		if portOfSocket(l, ln.Address) {
			continue
		}
		tryAddress(l, element("listener", i)+".address", ln.Address, ln.TLS.Mode == ListenerTLSImplicit)
	}
	if cfg.Admin.Address != "" {
		tryAddress(l, "admin.address", cfg.Admin.Address, false)
	}
	if cfg.Log.File != "" {
		tryLog(l, &cfg.Log)
	}
	if d := cfg.State.Directory; d != "" && d != "none" {
		tryFolder(l, "state.directory", d)
	}
	if cfg.Limits.Directory != "" {
		tryFolder(l, "limits.directory", cfg.Limits.Directory)
	}
	tryRoutes(l, cfg)
}

// tryAddress opens an address. That Reconvene itself has it is no fault: a file is
// checked while the server runs, too.
func tryAddress(l *loader, path, address string, implicit bool) {
	if l.failed(path) {
		return // it is no address
	}
	socket, err := net.Listen("tcp", address)
	if err == nil {
		socket.Close()
		return
	}
	judgeListen(l, path, address, implicit, err)
}

// judgeListen reports why an address could not be opened.
func judgeListen(l *loader, path, address string, implicit bool, err error) {
	switch {
	case errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaEADDRINUSE):
		if path == "admin.address" || greets(address, implicit) {
			l.warn(path, address+" is in use, probably by Reconvene", "stop it before you start another one")
			return
		}
		l.fail(path, address+" is in use by another program", "stop that program or use another port")
	case errors.Is(err, wsaEACCES):
		l.fail(path, address+" is kept by another program, or reserved by Windows", `stop that program or use another port; "netsh interface ipv4 show excludedportrange protocol=tcp" lists what is reserved`)
	case errors.Is(err, os.ErrPermission):
		l.fail(path, address+" may not be opened by this user", "ports below 1024 need root, or CAP_NET_BIND_SERVICE as in reconvene.service: docs/install.md shows how to run check with it")
	default:
		l.fail(path, fmt.Sprintf("%s cannot be opened: %v", address, lastReason(err)), "name an address of this machine")
	}
}

// greets reports whether a Reconvene answers at an address of this machine.
func greets(address string, implicit bool) bool {
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
	if implicit {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // only to read its greeting
	}
	line, _ := bufio.NewReaderSize(conn, 512).ReadSlice('\n')
	return strings.HasPrefix(string(line), "220 ") && strings.HasSuffix(strings.TrimSpace(string(line)), " Reconvene")
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

// tryFolder wants a folder in which files can be made.
func tryFolder(l *loader, path, folder string) {
	f, err := os.CreateTemp(folder, ".reconvene-*")
	if err == nil {
		f.Close()
		os.Remove(f.Name())
		return
	}
	if errors.Is(err, os.ErrNotExist) {
		l.fail(path, fmt.Sprintf("the folder %s does not exist", folder), "create it, or name another")
		return
	}
	l.fail(path, fmt.Sprintf("no file can be created in %s: %s", folder, reason(err)), "let the user that runs Reconvene write there, or name another folder")
}

// tryRoutes looks up the names of next hops: one that leads to an address of this
// machine, and to the port of a listener, would bring each mail back.
func tryRoutes(l *loader, cfg *Config) {
	ctx, cancel := context.WithTimeout(context.Background(), tryTimeout)
	defer cancel()
	for i, r := range cfg.Routes {
		for j, via := range r.Via {
			host, port := splitVia(via, r.TLS)
			if _, err := netip.ParseAddr(host); err == nil || ownListener(l, cfg, host, port) >= 0 {
				continue // judged by checkLoop
			}
			addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
			if err != nil {
				continue // a name server that is down is what --probe finds
			}
			for _, a := range addrs {
				if k := ownListener(l, cfg, a.Unmap().String(), port); k >= 0 {
					failLoop(l, i, j, k, via, cfg)
					break
				}
			}
		}
	}
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

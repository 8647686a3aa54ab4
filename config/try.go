package config

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"
)

// tryTimeout bounds each question to the network.
const tryTimeout = 3 * time.Second

// try looks for what serve would fail on, or warn of, on this machine, as the user that
// runs it. It opens addresses and makes files for a moment only, and leaves nothing.
func try(l *loader, cfg *Config) {
	trySockets(l, cfg)
	for i := range cfg.Listeners {
		ln := &cfg.Listeners[i]
		if portOfSocket(l, ln.Address) {
			continue
		}
		ours := greets
		if ln.TLS.Mode == ListenerTLSImplicit {
			ours = greetsInTLS
		}
		tryAddress(l, element("listener", i)+".address", ln.Address, ours)
	}
	if cfg.Admin.Address != "" {
		tryAddress(l, "admin.address", cfg.Admin.Address, showsAdminPage)
	}
	if cfg.Log.File != "" {
		tryLog(l, &cfg.Log)
	}
	if d := cfg.StateDirectory(); d != "" {
		if text, hint := TryFolder(d); text != "" {
			l.warn("state.directory", text+": there is no ledger", hint)
		}
	}
	if d := cfg.QueueDirectory(); d != "" && cfg.UsesQueue() && cfg.Queue.Engine != QueueNATS {
		if _, err := os.Stat(d); err == nil { // otherwise the server makes it
			if text, hint := TryFolder(d); text != "" {
				l.fail("queue.directory", text, hint)
			}
		}
	}
	if !l.failed("limits.directory") {
		for _, p := range cfg.TrySpool() {
			l.warn(p.Key, p.Text, p.Hint)
		}
	}
	tryRoutes(l, cfg)
}

// TrySpool returns a warning when no file can be created for messages that are too
// large for memory.
func (c *Config) TrySpool() Problems {
	text, hint := TryFolder(cmp.Or(c.Limits.Directory, os.TempDir()))
	if text == "" {
		return nil
	}
	return Problems{{Key: "limits.directory", Warning: true, Hint: hint,
		Text: fmt.Sprintf("%s: a message larger than %v that has to be kept meanwhile gets 452, and waits in the queue of the client", text, c.Limits.Memory)}}
}

// TryFolder returns why no file can be made in a folder, and what to do; nothing when one
// can.
func TryFolder(folder string) (text, hint string) {
	f, err := os.CreateTemp(folder, ".reconvene-*")
	switch {
	case err == nil:
		f.Close()
		os.Remove(f.Name())
		return "", ""
	case errors.Is(err, os.ErrNotExist):
		return fmt.Sprintf("the folder %s does not exist", folder), "create it, or name another"
	}
	return fmt.Sprintf("no file can be created in %s: %s", folder, reason(err)), "let the user that runs Reconvene write there, or name another folder"
}

// tryRoutes looks up the names of next hops: one that leads to an address of this
// machine, and to the port of a listener, would bring each mail back. A server starts
// with it, and sends no mail there.
func tryRoutes(l *loader, cfg *Config) {
	ctx, cancel := context.WithTimeout(context.Background(), tryTimeout)
	defer cancel()
	for i, r := range cfg.Routes {
		for j, via := range r.Via {
			if via == ViaMX {
				continue
			}
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
					noteLoop(l.warn, element(element("route", i)+".via", j), k, via, cfg)
					break
				}
			}
		}
	}
}

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"time"

	"github.com/reconvene/reconvene/config"
)

// postPatience bounds the sending of one cancellation; the next hop answers
// within it, or Exchange would not wait either.
const postPatience = 10 * time.Minute

// postCancel sends a message to the running server as any client does, so that it is
// routed, repaired, signed, logged and recorded in the same way.
func postCancel(ctx context.Context, cfg *config.Config, server, from, to string, text []byte) error {
	ln, err := outboundListener(cfg)
	if err != nil {
		return err
	}
	addr := server
	if addr == "" {
		addr = ownAddress(ln.Address)
	}
	ctx, cancel := context.WithTimeout(ctx, postPatience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("the server does not answer; is it running? %w", err)
	}
	defer conn.Close()
	if until, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(until); err != nil {
			return err
		}
	}
	// The name in the certificate is that which Exchange uses. To ourselves it
	// proves nothing that the address does not.
	secure := &tls.Config{ServerName: cfg.Hostname, InsecureSkipVerify: loopback(addr)}
	if ln.TLS.Mode == config.ListenerTLSImplicit {
		conn = tls.Client(conn, secure)
	}
	c, err := smtp.NewClient(conn, cfg.Hostname)
	if err != nil {
		return err
	}
	defer c.Close()
	if ok, _ := c.Extension("STARTTLS"); ok && ln.TLS.Mode != config.ListenerTLSImplicit {
		if err := c.StartTLS(secure); err != nil {
			return err
		}
	}
	return transact(c, from, to, text)
}

func transact(c *smtp.Client, from, to string, text []byte) error {
	if err := c.Mail(from); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_ = c.Quit() // it is sent
	return nil
}

// outboundListener is the one that takes Exchange's mail.
func outboundListener(cfg *config.Config) (config.Listener, error) {
	for _, ln := range cfg.Listeners {
		if ln.Direction != config.Inbound {
			return ln, nil
		}
	}
	return config.Listener{}, errors.New("the configuration has no outbound listener")
}

// ownAddress is where a listener is reached from this machine.
func ownAddress(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, port)
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

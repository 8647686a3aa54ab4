package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/reconvene/reconvene/relay"
)

// adminServer is the HTTP server of [admin]. It is used from one goroutine at a
// time.
type adminServer struct {
	handler http.Handler
	log     *relay.MailLog
	address string
	server  *http.Server
}

// listen moves to an address; "" means none.
func (a *adminServer) listen(address string) error {
	if address == a.address {
		return nil
	}
	var server *http.Server
	if address != "" {
		socket, err := net.Listen("tcp", address)
		if err != nil {
			return fmt.Errorf("admin: %w; choose another address under [admin], or none: address = \"\"", err)
		}
		server = &http.Server{Handler: a.handler, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute,
			IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
		go func() { _ = server.Serve(socket) }() // ends when it is closed
		a.log.ListenerUp("admin", socket.Addr().String())
	}
	a.close()
	a.address, a.server = address, server
	return nil
}

func (a *adminServer) close() {
	if a.server != nil {
		a.server.Close()
		a.log.ListenerDown("admin", a.address)
	}
}

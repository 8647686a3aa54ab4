package relay

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Only who names this machine is answered: a browser that was led here by
// another name is not.
func TestAdminHost(t *testing.T) {
	hosts := &AdminHosts{Handler: AdminHandler(new(Readiness), NewMetrics("1", nil))}
	hosts.Use("127.0.0.1:8025", "Relay.example", "")
	srv := httptest.NewServer(hosts)
	defer srv.Close()
	for _, tt := range []struct {
		request string // its line, and its Host
		host    string
		code    int
	}{
		{"GET /healthz HTTP/1.1", "127.0.0.1", 200},
		{"GET /healthz HTTP/1.1", "127.0.0.1:8025", 200},
		{"GET /healthz HTTP/1.1", "127.1.2.3:99", 200},
		{"GET /healthz HTTP/1.1", "LocalHost:8025", 200},
		{"GET /healthz HTTP/1.1", "localhost.", 200},
		{"GET /healthz HTTP/1.1", "[::1]:8025", 200},
		{"GET /healthz HTTP/1.1", "[::1]", 200},
		{"GET /healthz HTTP/1.1", "relay.example:8025", 200},
		{"GET /healthz HTTP/1.0", "", 200},
		{"GET /healthz HTTP/1.1", "evil.test", 404},
		{"GET /metrics HTTP/1.1", "evil.test:8025", 404},
		{"GET /readyz HTTP/1.1", "localhost.evil.test", 404},
		{"GET /healthz HTTP/1.1", "127.0.0.1.evil.test", 404},
		{"GET /healthz HTTP/1.1", "evil-relay.example", 404},
		{"GET /healthz HTTP/1.1", "192.0.2.7", 404},
		{"GET /healthz HTTP/1.1", "2130706433", 404},
		{"GET /healthz HTTP/1.1", "0.0.0.0", 404},
		{"GET http://evil.test/healthz HTTP/1.1", "localhost", 404},
		{"GET /nothing HTTP/1.1", "localhost", 404},
		{"GET /metrics/ HTTP/1.1", "localhost", 404},
		{"GET //metrics HTTP/1.1", "localhost", 404},
		{"GET /x/../metrics HTTP/1.1", "localhost", 404},
	} {
		t.Run(tt.request+" "+tt.host, func(t *testing.T) {
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			host := "Host: " + tt.host + "\r\n"
			if tt.host == "" {
				host = ""
			}
			fmt.Fprintf(conn, "%s\r\n%sConnection: close\r\n\r\n", tt.request, host)
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if body, _ := io.ReadAll(res.Body); res.StatusCode != tt.code || tt.code != 200 && strings.Contains(string(body), "reconvene_") {
				t.Errorf("%d %.100q, want %d", res.StatusCode, body, tt.code)
			}
		})
	}
}

package config_test

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
)

func TestSameAddress(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"0.0.0.0:25", "0.0.0.0:25"}: true, {"0.0.0.0:25", "[::]:25"}: true, {":25", "[::]:25"}: true, {"127.0.0.1:25", "127.0.0.1:25"}: true,
		{"[::1]:25", "[0:0::1]:25"}: true, {"127.0.0.1:25", "[::ffff:127.0.0.1]:25"}: true,
		{"0.0.0.0:25", "0.0.0.0:26"}: false, {"127.0.0.1:25", "0.0.0.0:25"}: false, {"127.0.0.1:25", "127.0.0.1"}: false, {"/run/smtp", ":25"}: false,
	} {
		if config.SameAddress(pair[0], pair[1]) != want || config.SameAddress(pair[1], pair[0]) != want {
			t.Errorf("%v: want %v", pair, want)
		}
	}
}

// Each difference between listeners and the sockets of systemd names what to write
// where. Nothing that systemd may hold is opened or connected to.
func TestCheckSockets(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0") // as systemd holds it
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held := other.Addr().String()
	_, port, _ := net.SplitHostPort(held)
	for _, c := range []struct {
		name      string
		listeners []string
		sockets   []string
		want      []string // "!": an error
	}{
		{"no socket unit", []string{"127.0.0.1:0"}, nil, nil},
		{"the same", []string{held}, []string{held}, nil},
		{"all addresses of both families", []string{"0.0.0.0:" + port}, []string{"[::]:" + port}, nil},
		{"another port", []string{"127.0.0.1:0"}, []string{"0.0.0.0:25"}, []string{
			`listener[0].address: is 127.0.0.1:0, but systemd opens 0.0.0.0:25 (reconvene.socket), where clients get no greeting; write address = "0.0.0.0:25" here, or ListenStream=127.0.0.1:0 in reconvene.socket`}},
		{"another address of the same port", []string{held}, []string{"0.0.0.0:" + port}, []string{
			"!listener[0].address: is " + held + ", but systemd opens 0.0.0.0:" + port}},
		{"one socket too many", []string{held}, []string{held, "0.0.0.0:587"}, []string{
			`listener: none has the address 0.0.0.0:587, which systemd opens (reconvene.socket): clients get no greeting there; add a [[listener]] with address = "0.0.0.0:587", or remove ListenStream=0.0.0.0:587 from reconvene.socket`}},
		{"one listener too many", []string{held, "127.0.0.1:0"}, []string{held}, []string{
			"listener[1].address: reconvene.socket does not have 127.0.0.1:0, so Reconvene opens it: while it restarts, connections are refused; write ListenStream=127.0.0.1:0 in reconvene.socket, too"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "hostname = \"a.example.com\"\n[[route]]\nvia = [\"192.0.2.1:24\"]\n[admin]\naddress = \"\"\n"
			for _, address := range c.listeners {
				text += fmt.Sprintf("[[listener]]\naddress = %q\n", address)
			}
			path := filepath.Join(t.TempDir(), "reconvene.toml")
			write(t, path, text)
			_, problems := config.Check(path, nil, c.sockets...)
			if len(problems) != len(c.want) {
				t.Fatalf("got %v\nwant %q", problems, c.want)
			}
			for i, p := range problems {
				text, failed := strings.CutPrefix(c.want[i], "!")
				if !strings.Contains(p.Error(), text) || p.Warning == failed || p.Line == 0 {
					t.Errorf("got %v\nwant %q", p, c.want[i])
				}
			}
		})
	}
}

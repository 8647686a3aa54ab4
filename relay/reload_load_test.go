package relay

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"sync"
	"testing"
)

// certifiedBy begins TLS on a listener and returns the name in its certificate.
func certifiedBy(r *rig, listener string) (string, error) {
	cfg := &tls.Config{InsecureSkipVerify: true}
	conn, err := net.Dial("tcp", r.srv.Addr(listener).String())
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if listener == "implicit" {
		conn = tls.Client(conn, cfg)
	}
	c, err := smtp.NewClient(conn, "relay.example")
	if err != nil {
		return "", err
	}
	if listener == "plain" {
		if err := c.StartTLS(cfg); err != nil {
			return "", err
		}
	}
	state, _ := c.TLSConnectionState()
	if err := c.Noop(); err != nil {
		return "", err
	}
	return state.PeerCertificates[0].Subject.CommonName, c.Quit()
}

// The certificate's files are written over while clients come all the time, as a
// renewal does: no handshake fails, a reload between the two files changes nothing,
// and whoever comes after one that succeeded sees the new certificate.
func TestCertificateReloadUnderLoad(t *testing.T) {
	r := newRig(t, nil)
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for _, listener := range []string{"plain", "implicit", "plain", "implicit"} {
		clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := certifiedBy(r, listener); err != nil {
					t.Errorf("%s, handshake %d: %v", listener, n, err)
					return
				}
			}
		})
	}
	was := "relay.example"
	for i := range 8 {
		name := fmt.Sprintf("cert%d.example", i)
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		var next [2][]byte
		for k := range r.cfg.Listeners {
			l := &r.cfg.Listeners[k].TLS
			oldKey, err := os.ReadFile(l.Key)
			if err != nil {
				t.Fatal(err)
			}
			writeCert(t, l.Cert, l.Key, private, &private.PublicKey, name)
			if next[k], err = os.ReadFile(l.Key); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(l.Key, oldKey, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.srv.Reload(r.cfg); err == nil {
			t.Error("a certificate without its key was taken")
		}
		for _, listener := range []string{"plain", "implicit"} {
			if got, err := certifiedBy(r, listener); got != was || err != nil {
				t.Errorf("%s: the certificate of %s, %v; want that of %s", listener, got, err, was)
			}
		}
		for k := range r.cfg.Listeners {
			if err := os.WriteFile(r.cfg.Listeners[k].TLS.Key, next[k], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.srv.Reload(r.cfg); err != nil {
			t.Fatal(err)
		}
		for _, listener := range []string{"plain", "implicit"} {
			if got, err := certifiedBy(r, listener); got != name || err != nil {
				t.Errorf("%s: the certificate of %s, %v; want that of %s", listener, got, err, name)
			}
		}
		was = name
	}
	close(stop)
	clients.Wait()
}

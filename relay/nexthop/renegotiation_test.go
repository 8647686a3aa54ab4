package nexthop

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// opensslHop is OpenSSL's test server on a line: what it reads appears on its
// output, what is typed is sent, and "r" asks for a new handshake.
type opensslHop struct {
	t    *testing.T
	addr string
	in   io.Writer
	out  smtptest.Buffer
	seen int // octets of out that were waited for
}

func newOpenSSLHop(t *testing.T, ca *smtptest.CA) *opensslHop {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	own := ca.Config("127.0.0.1").Certificates[0]
	pkcs8, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: own.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := &opensslHop{t: t, addr: smtptest.FreeAddr(t)}
	server := exec.CommandContext(t.Context(), openssl, "s_server", "-accept", h.addr, "-cert", cert, "-key", key, "-tls1_2", "-crlf", "-naccept", "1")
	server.Stdout, server.Stderr = &h.out, &h.out
	if h.in, err = server.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	if !h.wait("ACCEPT") {
		t.Fatalf("it does not listen: %q", h.out.String())
	}
	return h
}

// wait reports whether a text has come after the one before, until the test is over.
func (h *opensslHop) wait(text string) bool {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && h.t.Context().Err() == nil; time.Sleep(5 * time.Millisecond) {
		if at := strings.Index(h.out.String()[h.seen:], text); at >= 0 {
			h.seen += at + len(text)
			return true
		}
	}
	return false
}

func (h *opensslHop) enter(line string) { io.WriteString(h.in, line+"\n") }

// A next hop that asks for a new handshake, as TLS 1.2 allows, does not get one:
// who is at the other end was settled by the first. In the middle of the dialogue
// that ends the connection, and the client hears 451 and no verdict.
func TestNextHopRenegotiates(t *testing.T) {
	ca := smtptest.NewCA(t)
	for _, at := range []string{"EHLO", "MAIL", "DATA", "\r\n.\r\n", ""} {
		t.Run(strings.TrimSpace(at), func(t *testing.T) {
			hop := newOpenSSLHop(t, ca)
			go func() {
				hop.wait("CIPHER is")
				hop.wait("Secure Renegotiation")
				hop.enter("220 hop.test")
				for _, step := range []struct{ command, reply string }{
					{"EHLO", "250 hop.test"}, {"MAIL", "250 2.1.0 ok"}, {"RCPT", "250 2.1.5 ok"}, {"DATA", "354 go"}, {"\r\n.\r\n", "250 2.0.0 queued"},
				} {
					if !hop.wait(step.command) {
						return
					}
					if step.command == at {
						hop.enter("r")
						hop.wait("SSL_do_handshake") // or it would take both lines for one
						hop.enter(step.reply)
						return
					}
					hop.enter(step.reply)
				}
			}()
			h := newEngine(t)
			h.route = &Route{TLS: "implicit", Via: []string{hop.addr}, Roots: ca.Pool}
			v := h.mail(smtptest.Note)
			switch {
			case at == "" && v.Code != 250:
				t.Errorf("without a new handshake: %v", v)
			case at != "" && (v.Code != 451 || !strings.Contains(v.Error(), "renegotiation")):
				t.Errorf("verdict %v", v)
			}
		})
	}
}

//go:build unix

package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
)

// issue makes a certificate and its key that end at a time.
func issue(t *testing.T, end time.Time) (der []byte, key *ecdsa.PrivateKey) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(end.UnixNano()), Subject: pkix.Name{CommonName: "smarthost.example.com"},
		DNSNames: []string{"smarthost.example.com"}, NotBefore: end.AddDate(-1, 0, 0), NotAfter: end}
	der, err = x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	return der, private
}

// endingCert writes a certificate and its key that end at a time.
func endingCert(t *testing.T, dir string, end time.Time) (cert, key string) {
	t.Helper()
	der, private := issue(t, end)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// Each stage is said once: 30 days, 7, 1, ended; a renewed certificate ends it.
func TestCertificateEnds(t *testing.T) {
	var out bytes.Buffer
	end := time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)
	now := end.AddDate(0, 0, -40)
	clock := func() time.Time { return now }
	dir := t.TempDir()
	cert, key := endingCert(t, dir, end)
	w := &certWatch{log: relay.NewMailLog(relay.NewLogHandler(&out, "text", slog.LevelInfo), clock), now: clock,
		reload: func() { t.Error("a file is watched by others") }}
	cfg := &config.Config{Listeners: []config.Listener{{TLS: config.ListenerTLS{Mode: "optional", Cert: cert, Key: key}}}}
	w.Use(cfg)
	if out.Len() > 0 || w.Trouble() != nil {
		t.Errorf("40 days before: %s, %v", out.String(), w.Trouble())
	}
	for _, c := range []struct {
		left time.Duration
		says string // "": nothing new
	}{
		{29 * 24 * time.Hour, "level=WARN msg=certificate-ends key=listener[0].tls.cert subject=\"CN=smarthost.example.com\" ends=2026-06-30T12:00:00Z days=29"},
		{28 * 24 * time.Hour, ""}, {8 * 24 * time.Hour, ""}, {6 * 24 * time.Hour, "level=WARN msg=certificate-ends"},
		{2 * 24 * time.Hour, ""}, {20 * time.Hour, "level=ERROR msg=certificate-ends"}, {time.Hour, ""},
		{-time.Minute, "days=-1"}, {-48 * time.Hour, ""},
	} {
		out.Reset()
		now = end.Add(-c.left)
		w.look()
		if got := out.String(); c.says == "" && got != "" || !strings.Contains(strings.ReplaceAll(got, `"listener[0].tls.cert"`, "listener[0].tls.cert"), c.says) {
			t.Errorf("%v before: %q, want %q", c.left, got, c.says)
		}
		if err := w.Trouble(); err == nil || !strings.Contains(err.Error(), "2026-06-30") {
			t.Errorf("%v before: %v", c.left, err)
		}
	}
	out.Reset()
	endingCert(t, dir, end.AddDate(1, 0, 0))
	w.Use(cfg)
	if out.Len() > 0 || w.Trouble() != nil {
		t.Errorf("renewed: %s, %v", out.String(), w.Trouble())
	}
}

// A running server says so when it starts, and takes up the renewed files.
func TestServeCertificateEnds(t *testing.T) {
	dir := t.TempDir()
	endingCert(t, dir, time.Now().Add(3*24*time.Hour+time.Hour))
	file := serveConfig(t, filepath.Join(dir, "reconvene.toml"), newSink(t, nil).addr, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("[[route]]"), []byte("[listener.tls]\nmode = \"optional\"\ncert = \"cert.pem\"\nkey = \"key.pem\"\n[[route]]"), 1)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	p := startServe(t, nil, "--config", file)
	p.line(1, "msg=certificate-ends", "days=3")
	if code, body := p.get("/readyz"); code != 200 || !strings.Contains(body, "warning: listener[0].tls.cert: the certificate for CN=smarthost.example.com ends on") {
		t.Errorf("%d %s", code, body)
	}
	endingCert(t, dir, time.Now().Add(300*24*time.Hour))
	p.line(2, "msg=config-loaded")
	if code, body := p.get("/readyz"); code != 200 || strings.Contains(body, "certificate") {
		t.Errorf("%d %s", code, body)
	}
}

// endingPFX makes a PFX file of a certificate that ends at a time.
func endingPFX(t *testing.T, password string, end time.Time) []byte {
	t.Helper()
	der, key := issue(t, end)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	octets, err := pkcs12.Modern2023.Encode(key, cert, nil, password)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// shown is the end of the certificate that a server shows.
func shown(t *testing.T, address string) time.Time {
	t.Helper()
	c := dial(t, address)
	if err := c.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil { // only to look at it
		t.Fatal(err)
	}
	state, ok := c.TLSConnectionState()
	if !ok {
		t.Fatal("no TLS")
	}
	return state.PeerCertificates[0].NotAfter
}

// A renewed PFX file is taken up by the running server, and so is the password that
// changes with it. What cannot be used is said, and the certificate of before stays.
func TestServeRenewedPFX(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, octets []byte) { // as a program that renews does
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name+".new"), octets, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, name+".new"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	today := time.Now().Truncate(time.Second).UTC()
	year := func(n int) time.Time { return today.AddDate(n, 0, 0) }
	put("cert.pfx", endingPFX(t, "first", year(1)))
	put("secret", []byte("first\r\n"))
	file := serveConfig(t, filepath.Join(dir, "reconvene.toml"), newSink(t, nil).addr, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	put("reconvene.toml", bytes.Replace(text, []byte("[[route]]"),
		[]byte("[listener.tls]\nmode = \"optional\"\ncert = \"cert.pfx\"\ncert_password_file = \"secret\"\n[[route]]"), 1))
	p := startServe(t, nil, "--config", file)
	loaded, rejected := 1, 0
	address := p.addr("exchange")
	is := func(want time.Time, when string) {
		t.Helper()
		if got := shown(t, address); !got.Equal(want) {
			t.Fatalf("%s: the certificate ends on %v, want %v", when, got, want)
		}
	}
	good := func(want time.Time, when string) {
		t.Helper()
		loaded++
		p.line(loaded, "msg=config-loaded")
		is(want, when)
		if code, body := p.get("/readyz"); code != 200 || body != "ready\n" {
			t.Errorf("%s: %d %s", when, code, body)
		}
	}
	bad := func(want time.Time, when string, words ...string) {
		t.Helper()
		rejected++
		p.line(rejected, "msg=config-rejected")
		p.line(1, append(words, "msg=config-rejected")...)
		is(want, when)
		if _, body := p.get("/readyz"); !hasAll(body, append(words, "warning: ")) {
			t.Errorf("%s: %s", when, body)
		}
	}
	p.line(1, "msg=config-loaded")
	is(year(1), "at the start")
	put("cert.pfx", endingPFX(t, "first", year(2)))
	good(year(2), "renewed with the same password")
	put("cert.pfx", endingPFX(t, "second", year(3)))
	bad(year(2), "renewed with another password", "listener[0].tls.cert", "the password is wrong", "cert_password_file")
	put("secret", []byte("second"))
	good(year(3), "and the password")
	put("cert.pfx", endingPFX(t, "second", year(4))[:500])
	bad(year(3), "cut off", "listener[0].tls.cert", "no whole PFX file")
	if err := os.Remove(filepath.Join(dir, "cert.pfx")); err != nil {
		t.Fatal(err)
	}
	bad(year(3), "removed", "listener[0].tls.cert", "cert.pfx cannot be read")
	put("cert.pfx", endingPFX(t, "second", year(5)))
	good(year(5), "there again")
	put("secret", nil)
	bad(year(5), "an empty password file", "listener[0].tls.cert_password_file", "is empty")
	put("secret", []byte("second\n"))
	good(year(5), "the password is back")
}

//go:build unix

package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
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

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
)

// endingCert writes a certificate and its key that end at a time.
func endingCert(t *testing.T, dir string, end time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(end.UnixNano()), Subject: pkix.Name{CommonName: "smarthost.example.com"},
		DNSNames: []string{"smarthost.example.com"}, NotBefore: end.AddDate(-1, 0, 0), NotAfter: end}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
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

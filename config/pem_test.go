package config_test

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/reconvene/reconvene/config"
)

// Certificates and keys are read as Windows writes texts; what is no PEM is named.
func TestPEM(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	makeCertificate(t, cert, key, time.Hour)
	certText, keyText := read(t, cert), read(t, key)
	block, _ := pem.Decode([]byte(certText))
	sealed := string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}))
	for name, c := range map[string]struct{ cert, key, want string }{
		"plain":         {certText, keyText, ""},
		"UTF-16":        {asUTF16(certText), asUTF16(keyText), ""},
		"UTF-8 mark":    {"\xef\xbb\xbf" + certText, "\xef\xbb\xbf" + keyText, ""},
		"CR LF":         {strings.ReplaceAll(certText, "\n", "\r\n"), strings.ReplaceAll(keyText, "\n", "\r\n"), ""},
		"DER":           {string(block.Bytes), keyText, "certutil -encode"},
		"encrypted key": {certText, sealed, "openssl pkey -in"},
		"no key":        {certText, "text", "failed to find any PEM data"},
	} {
		write(t, cert, c.cert)
		write(t, key, c.key)
		if _, err := (config.Certificate{Cert: cert, Key: key}).Load(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: key pair: %v", name, err)
		}
		if name == "encrypted key" || name == "no key" {
			continue
		}
		roots, _, err := config.Authorities(cert)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || err == nil && roots == nil {
			t.Errorf("%s: authorities: %v", name, err)
		}
	}
	write(t, cert, "text")
	if _, _, err := config.Authorities(cert); err == nil || !strings.Contains(err.Error(), "has no certificate") {
		t.Errorf("no certificate: %v", err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func asUTF16(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

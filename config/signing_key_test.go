package config_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
)

func pemFile(t *testing.T, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// A key is read from each form that openssl writes; the others are refused, with the
// reason.
func TestSigningKeys(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	large, err := rsa.GenerateKey(rand.Reader, 4160)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, _ := ed25519.GenerateKey(rand.Reader)
	ecKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	for _, tt := range []struct {
		name, file, want string // want: a part of the problem; "" none
		fails            bool
	}{
		{"PKCS #1", pemFile(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), "", false},
		{"PKCS #8", pemFile(t, "PRIVATE KEY", pkcs8(t, rsaKey)), "", false},
		{"Ed25519", pemFile(t, "PRIVATE KEY", pkcs8(t, edKey)), "", false},
		{"1024 bits", pemFile(t, "PRIVATE KEY", pkcs8(t, weak)), "1024 bits; receivers may ignore", false},
		{"4160 bits", pemFile(t, "PRIVATE KEY", pkcs8(t, large)), "4160 bits; receivers may ignore", false},
		{"elliptic curve", pemFile(t, "PRIVATE KEY", pkcs8(t, ecKey)), "neither RSA nor Ed25519", true},
		{"public", pemFile(t, "PUBLIC KEY", nil), "not a private key", true},
		{"encrypted", pemFile(t, "ENCRYPTED PRIVATE KEY", nil), "encrypted with a password", true},
		{"damaged", pemFile(t, "PRIVATE KEY", []byte("x")), "cannot be read", true},
		{"missing", filepath.Join(t.TempDir(), "none.pem"), "cannot be read: ", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "reconvene.toml")
			write(t, file, "hostname = \"relay.example.com\"\n[[listener]]\n[[route]]\nvia = [\"192.0.2.1:25\"]\n"+
				"[[dkim]]\ndomain = \"example.com\"\nselector = \"s1\"\nkey_file = '"+tt.file+"'\n")
			cfg, problems := config.Load(file, nil)
			if (cfg == nil) != tt.fails {
				t.Fatalf("used: %v, want %v: %v", cfg != nil, !tt.fails, problems)
			}
			switch {
			case tt.want == "" && len(problems) > 0:
				t.Error(problems)
			case tt.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), tt.want) || problems[0].Line != 8):
				t.Errorf("got %v, want %q in line 8", problems, tt.want)
			case cfg != nil:
				if _, err := cfg.DKIM[0].Load(); err != nil || cfg.DKIM[0].Foreign != config.ForeignSkip {
					t.Errorf("%v, foreign %q", err, cfg.DKIM[0].Foreign)
				}
			}
		})
	}
}

// A changed key file is read again; a bad one keeps the configuration in use.
func TestWatchSigningKey(t *testing.T) {
	key := filepath.Join(t.TempDir(), "dkim.pem")
	fresh := func() string {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8(t, private)}))
	}
	write(t, key, fresh())
	_, got := startWatch(t, good+"[[dkim]]\ndomain = \"example.com\"\nselector = \"s1\"\nkey_file = '"+key+"'\n", nil)
	write(t, key, fresh()+"\n")
	if d := next(t, got); d.cfg == nil {
		t.Fatalf("a good key: %v", d.problems)
	}
	write(t, key, "none")
	if d := next(t, got); d.cfg != nil || d.problems.Err() == nil {
		t.Fatal("a bad key was accepted")
	}
}

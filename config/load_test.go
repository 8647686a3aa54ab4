package config_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/reconvene/reconvene/config"
)

var update = flag.Bool("update", false, "write the .want files anew")

// TestGolden loads each file of testdata/configs and compares what is said about
// it, and for good ones the effective values, with the .want file beside it.
func TestGolden(t *testing.T) {
	for _, kind := range []string{"good", "bad"} {
		files, err := filepath.Glob(filepath.Join("..", "testdata", "configs", kind, "*.toml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s files: %v", kind, err)
		}
		for _, file := range files {
			t.Run(kind+"/"+filepath.Base(file), func(t *testing.T) {
				cfg, problems := config.Load(file, nil)
				if (cfg != nil) != (kind == "good") {
					t.Errorf("loaded: %v", cfg != nil)
				}
				if (cfg == nil) != (problems.Err() != nil) {
					t.Errorf("Config and Problems do not agree: %v", problems)
				}
				golden(t, strings.TrimSuffix(file, ".toml")+".want", told(file, cfg, problems))
			})
		}
	}
}

// told is all that a user would see, without the folder of this checkout.
func told(file string, cfg *config.Config, problems config.Problems) []byte {
	var b bytes.Buffer
	for _, p := range problems {
		fmt.Fprintln(&b, p)
	}
	if cfg != nil {
		b.WriteString("\n")
		cfg.Limits.MemoryTotal = 1e9 // depends on the machine
		_ = cfg.Write(&b)
	}
	dir := filepath.Dir(file) + string(filepath.Separator)
	return bytes.ReplaceAll(b.Bytes(), []byte(dir), nil)
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		write(t, path, string(got))
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestSample keeps the sample file what it says of itself: complete, and made of
// the defaults.
func TestSample(t *testing.T) {
	t.Run("complete", func(t *testing.T) {
		table, seen := "", make(map[string]bool)
		for line := range strings.Lines(config.Sample) {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "# "))
			if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
				table = strings.Trim(line, "[]") + "."
			} else if name, _, ok := strings.Cut(line, " = "); ok && !strings.ContainsAny(name, " .") {
				seen[table+name] = true
			}
		}
		for _, k := range config.Keys() {
			if !seen[k] {
				t.Errorf("%s is not in the sample file", k)
			}
			delete(seen, k)
		}
		for k := range seen {
			t.Errorf("%s is in the sample file and does not exist", k)
		}
	})
	t.Run("loads", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "reconvene.toml")
		text := strings.NewReplacer("# hostname", "hostname", "# via", "via").Replace(config.Sample)
		write(t, path, text)
		cfg, problems := config.Load(path, nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		small := filepath.Join(t.TempDir(), "small.toml")
		write(t, small, "hostname = \"smarthost.example.com\"\n[[listener]]\n[[route]]\nvia = [\"gateway.example.net:25\"]\n")
		defaults, problems := config.Load(small, nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if diff := cmp.Diff(defaults, cfg, prefixes, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("-defaults +sample:\n%s", diff)
		}
	})
}

var prefixes = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

func TestEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reconvene.toml")
	write(t, path, "hostname = \"a.example.com\"\n[[listener]]\nname = \"one\"\nmax_size = \"1MB\"\n[listener.tls]\nmin_version = \"1.3\"\n[[route]]\nvia = [\"b:25\"]\n")
	cfg, problems := config.Load(path, []string{
		"PATH=/bin",
		"RECONVENE_HOSTNAME=c.example.com",
		"RECONVENE_LISTENER_2_NAME=three",
		"RECONVENE_LISTENER_2_ADDRESS=127.0.0.1:2628",
		"RECONVENE_LISTENER_0_ADDRESS=127.0.0.1:2626",
		"RECONVENE_LISTENER_0_ALLOW=10.0.0.0/8, 192.0.2.7",
		"RECONVENE_LISTENER_1_NAME=two",
		"RECONVENE_LISTENER_1_ADDRESS=127.0.0.1:2627",
		"RECONVENE_LIMITS_CONNECTIONS_PER_CLIENT=7",
		"RECONVENE_LIMITS_POOL_IDLE=90s",
		"RECONVENE_REWRITE_HEADER=false",
		"RECONVENE_REWRITE_DISABLE=seq-cdo",
		"RECONVENE_ROUTE_0_AUTH_MECHANISM=",
		"RECONVENE_CONFIG=ignored",
		"RECONVENE_PORT_25_TCP_ADDR=10.9.9.9",
		"RECONVENE_SERVICE_HOST=10.9.9.9",
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	one, two := cfg.Listeners[0], cfg.Listeners[1]
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"over the file", cfg.Hostname, "c.example.com"},
		{"the file stays", one.Name, "one"},
		{"a file's table keeps its other keys", one.TLS.MinVersion, config.TLS13},
		{"size of the file", one.MaxSize, config.Size(1_000_000)},
		{"address", one.Address, "127.0.0.1:2626"},
		{"list", fmt.Sprint(one.Allow), "[10.0.0.0/8 192.0.2.7/32]"},
		{"new table", two.Name, "two"},
		{"whatever their order", cfg.Listeners[2].Name, "three"},
		{"new table has defaults", two.TLS.MinVersion, config.TLS12},
		{"number", cfg.Limits.ConnectionsPerClient, 7},
		{"number beside it", cfg.Limits.Connections, 500},
		{"duration", cfg.Limits.PoolIdle, 90 * time.Second},
		{"truth", cfg.Rewrite.Header, false},
		{"list of words", fmt.Sprint(cfg.Rewrite.Disable), "[seq-cdo]"},
		{"empty is not set", cfg.Routes[0].Auth.Mechanism, config.MechanismAuto},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
}

func TestEnvironmentProblems(t *testing.T) {
	for _, c := range []struct{ variable, want string }{
		{"RECONVENE_LISTNER_0_ADDRESS=x:25", "RECONVENE_LISTNER_0_ADDRESS: there is no such key"},
		{"RECONVENE_LISTENER_ADDRESS=x:25", "RECONVENE_LISTENER_ADDRESS: there is no such key"},
		{"RECONVENE_LISTENER_0=x:25", "RECONVENE_LISTENER_0: there is no such key"},
		{"RECONVENE_LISTENER_2_ADDRESS=x:25", "RECONVENE_LISTENER_2_ADDRESS: there is no listener[0]"},
		{"RECONVENE_LOG=text", "RECONVENE_LOG: there is no such key"},
		{"RECONVENE_LIMITS_ERRORS=many", "RECONVENE_LIMITS_ERRORS: limits.errors: must be a whole number"},
		{"RECONVENE_LIMITS_MEMORY=10", `RECONVENE_LIMITS_MEMORY: limits.memory: "10" has no unit`},
		{"RECONVENE_REWRITE_HEADER=maybe", "RECONVENE_REWRITE_HEADER: rewrite.header: must be true or false"},
		{"RECONVENE_LOG_LEVEL=inof", `RECONVENE_LOG_LEVEL: log.level: "inof" is not known; did you mean "info"?`},
		{"RECONVENE_AUDIT_DIRECTORY=/x", "RECONVENE_AUDIT_DIRECTORY: there is no such key"},
	} {
		t.Run(c.variable, func(t *testing.T) {
			cfg, problems := config.Load("", []string{c.variable})
			// A variable that is none of ours is named, and that is all; one
			// that is ours and wrong is refused.
			ours := !strings.HasSuffix(c.want, "there is no such key")
			if refused := cfg == nil; refused != ours || !strings.Contains(strings.ReplaceAll(fmt.Sprint(problems), "warning: ", ""), c.want) {
				t.Errorf("refused: %v, got %v\nwant %s", refused, problems, c.want)
			}
		})
	}
}

func TestNoFile(t *testing.T) {
	cfg, problems := config.Load("", nil)
	if cfg == nil {
		t.Fatal(problems)
	}
	for _, ln := range cfg.Listeners {
		if a := netip.MustParseAddrPort(ln.Address); !a.Addr().IsLoopback() {
			t.Errorf("listens on %v without being told", a)
		}
		for _, p := range ln.Allow {
			if !p.Addr().IsLoopback() {
				t.Errorf("lets %v send without being told", p)
			}
		}
	}
	said := fmt.Sprint(problems)
	for _, need := range []string{"[[listener]]", "[[route]]", "hostname"} {
		if !strings.Contains(said, need) {
			t.Errorf("does not say that it needs %s: %s", need, said)
		}
	}
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.toml")
	write(t, large, strings.Repeat("#\n", 1<<20))
	for _, path := range []string{dir, filepath.Join(dir, "none.toml"), large} {
		cfg, problems := config.Load(path, nil)
		if cfg != nil || len(problems) != 1 || problems[0].File != path {
			t.Errorf("%s: got %v, %v", path, cfg, problems)
		}
	}
}

// TestFiles covers what depends on files that a checkout cannot hold.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	makeCertificate(t, in("cert.pem"), in("key.pem"), time.Hour)
	makeCertificate(t, in("old.pem"), in("old.key"), -time.Hour)
	write(t, in("users"), "# ours\nalice:$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234\n")
	write(t, in("bad-users"), "alice:secret\n")
	write(t, in("secret"), "hunter2\n")
	write(t, in("empty"), "\n")
	write(t, in("bom"), "\ufeffhunter2\r\n")
	write(t, in("utf16"), "\xff\xfeh\x00u\x00n\x00\n\x00")
	write(t, in("lines"), "hunter2\nfor the gateway\n")
	write(t, in("blank"), "\nhunter2\n")
	write(t, in("users16"), "\xff\xfe"+wide("alice:$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234\r\n"))
	password := "[[listener]]\n[[route]]\nvia = [\"x:25\"]\ntls = \"verify\"\n[route.auth]\nuser = \"u\"\npassword_file = "
	tls := "[[listener]]\n[listener.tls]\nmode = \"optional\"\n"
	for _, c := range []struct{ name, text, want string }{
		{"good", tls + "cert = \"cert.pem\"\nkey = \"key.pem\"\n[listener.auth]\nusers_file = \"users\"\n", ""},
		{"not a pair", tls + "cert = \"cert.pem\"\nkey = \"old.key\"\n", "certificate and key cannot be used"},
		{"swapped", tls + "cert = \"key.pem\"\nkey = \"cert.pem\"\n", "certificate and key cannot be used"},
		{"expired", tls + "cert = \"old.pem\"\nkey = \"old.key\"\n", "warning: listener[0].tls.cert: the certificate expired on "},
		{"another name", "hostname = \"b.example.com\"\n" + tls + "cert = \"cert.pem\"\nkey = \"key.pem\"\n", "warning: listener[0].tls.cert: the certificate is for another name"},
		{"users in UTF-16", tls + "cert = \"cert.pem\"\nkey = \"key.pem\"\n[listener.auth]\nusers_file = \"users16\"\n", ""},
		{"BOM in a password", password + "\"bom\"\n", "warning: route[0].auth.password_file: "},
		{"password in UTF-16", password + "\"utf16\"\n", "byte order mark"},
		{"two lines", password + "\"lines\"\n", "has more than one line"},
		{"empty first line", password + "\"blank\"\n", "first line is empty"},
		{"no password", password + "\"none\"\n", "name a file that exists"},
		{"bad users", tls + "cert = \"cert.pem\"\nkey = \"key.pem\"\n[listener.auth]\nusers_file = \"bad-users\"\n", "line 1 of"},
		{"empty users", tls + "cert = \"cert.pem\"\nkey = \"key.pem\"\n[listener.auth]\nusers_file = \"empty\"\n", "empty is empty"},
		{"no roots", "[[listener]]\n[[route]]\nvia = [\"x:25\"]\ntls = \"verify\"\nca_file = \"secret\"\n", "has no certificate"},
		{"roots", "[[listener]]\n[[route]]\nvia = [\"x:25\"]\ntls = \"verify\"\nca_file = \"cert.pem\"\n", ""},
		{"password", "[[listener]]\n[[route]]\nvia = [\"x:25\"]\ntls = \"verify\"\n[route.auth]\nuser = \"u\"\npassword_file = \"secret\"\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := c.text
			if !strings.HasPrefix(text, "hostname") {
				text = "hostname = \"a.example.com\"\n" + text
			}
			if !strings.Contains(text, "[[route]]") {
				text += "[[route]]\nvia = [\"x:25\"]\n"
			}
			write(t, in("reconvene.toml"), text)
			_, problems := config.Load(in("reconvene.toml"), nil)
			switch {
			case c.want == "" && len(problems) > 0:
				t.Errorf("got %v", problems)
			case c.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), c.want)):
				t.Errorf("got %v\nwant %s", problems, c.want)
			}
			for _, p := range problems {
				if strings.Contains(p.Error(), "hunter2") {
					t.Error("a secret was printed")
				}
			}
		})
	}
}

// TestRoundTrip shows that the effective values, written as a file, mean the
// same.
func TestRoundTrip(t *testing.T) {
	cfg, _ := config.Load(filepath.Join("..", "testdata", "configs", "good", "full.toml"), nil)
	if cfg == nil {
		t.Fatal("full.toml does not load")
	}
	var text bytes.Buffer
	if err := cfg.Write(&text); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "testdata", "configs", "good", ".roundtrip.toml")
	write(t, path, text.String())
	defer os.Remove(path)
	again, problems := config.Load(path, nil)
	if err := problems.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	if diff := cmp.Diff(cfg, again, prefixes); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(config.Sample))
	f.Add([]byte(good))
	f.Add([]byte("listener = [ {}, {tls = {mode = \"off\"}} ]\nroute = 7\n"))
	f.Add([]byte("[listener]\naddress = \"x\"\n[[route]]\nvia.x = 1\n"))
	f.Add([]byte("\"a::b\" = 1\n[log.\"level\"]\nx = [[1],[{y=2}]]\n"))
	path := filepath.Join(f.TempDir(), "reconvene.toml")
	f.Fuzz(func(t *testing.T, text []byte) {
		write(t, path, string(text))
		cfg, problems := config.Load(path, nil)
		if (cfg == nil) != (problems.Err() != nil) {
			t.Fatalf("Config %v, Problems %v", cfg, problems)
		}
		for _, p := range problems {
			if p.Line < 0 || p.Line > 1+bytes.Count(text, []byte("\n")) {
				t.Errorf("no such line: %v", p)
			}
		}
	})
}

// makeCertificate writes a self-signed certificate that is good for so long.
func makeCertificate(t *testing.T, certFile, keyFile string, life time.Duration) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	model := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "smarthost.example.com"},
		NotBefore:    time.Now().Add(-24 * time.Hour),
		NotAfter:     time.Now().Add(life),
		DNSNames:     []string{"smarthost.example.com", "a.example.com"},
	}
	der, err := x509.CreateCertificate(rand.Reader, model, model, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
}

// TestDocumented holds docs/configuration.md and the types together.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	table, seen := "", make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "#"):
			_, after, ok := strings.Cut(line, "`[")
			name, _, _ := strings.Cut(strings.TrimPrefix(after, "["), "]")
			table = ""
			if ok {
				table = name + "."
			}
		case strings.HasPrefix(line, "| `") && !strings.HasPrefix(line, "| `"+config.EnvPrefix):
			name, _, _ := strings.Cut(strings.TrimPrefix(line, "| `"), "`")
			seen[table+name] = true
		}
	}
	for _, k := range config.Keys() {
		if !seen[k] {
			t.Errorf("%s is not documented", k)
		}
		delete(seen, k)
	}
	for k := range seen {
		t.Errorf("%s is documented and does not exist", k)
	}
}

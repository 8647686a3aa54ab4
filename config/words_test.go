package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The octets that the sample names for a size are those that are read for it.
func TestSampleNamesSizes(t *testing.T) {
	list := regexp.MustCompile(`"(\d+[A-Za-z]+)"\s+(?:#\s+)?\(([\d ]+) octets\)`).FindAllStringSubmatch(Sample, -1)
	if len(list) != 2 {
		t.Fatalf("%q", list)
	}
	for _, m := range list {
		if size, err := parseSize(m[1]); err != nil || fmt.Sprint(int64(size)) != strings.ReplaceAll(m[2], " ", "") {
			t.Errorf("%s is said to be %s octets", m[1], m[2])
		}
	}
}

// What is printed is what was written, and can be read again.
func TestShortDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{400 * 24 * time.Hour: "400d", 24 * time.Hour: "24h", 36 * time.Hour: "36h", time.Hour: "1h", 90 * time.Minute: "1h30m",
		30 * time.Second: "30s", 0: "0s"} {
		got := shortDuration(d)
		if back, err := ParseDuration(got); got != want || err != nil || back != d {
			t.Errorf("%v: %q, read as %v (%v)", d, got, back, err)
		}
	}
}

// One mistake is one error: what a key does with a mode of TLS that does not exist is not said.
func TestWrongTLSIsOneError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "reconvene.toml")
	text := "hostname = \"smarthost.example.com\"\n[[listener]]\naddress = \"127.0.0.1:0\"\n[[route]]\nvia = [\"gateway.example.net\"]\ntls = \"verfy\"\nca_file = \"none.pem\"\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, problems := Load(file, nil)
	if cfg != nil || len(problems) != 1 || !strings.Contains(problems[0].Error(), "verify") {
		t.Errorf("%v", problems)
	}
}

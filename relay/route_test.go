package relay

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

func TestRoute(t *testing.T) {
	router, err := NewRouter(&config.Config{Routes: []config.Route{
		{Domains: []string{"Partner.Example", "*.partner.example"}, Via: []string{"a"}},
		{Domains: []string{"bücher.example"}, Via: []string{"b:2525"}, TLS: "implicit"},
		{Domains: []string{"xn--strae-oqa.example"}, Via: []string{"2001:db8::1"}},
		{Domains: []string{"sub.partner.example"}, Via: []string{"never"}},
		{Via: []string{"rest"}, TLS: "implicit"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ path, via string }{
		{"a@partner.example", "a:25"},
		{"a@PARTNER.example.", "a:25"},
		{"a@sub.Partner.example", "a:25"},
		{"a@x.y.partner.example", "a:25"},
		{"a@notpartner.example", "rest:465"},
		{`"a@partner.example"@elsewhere.example`, "rest:465"},
		{"ü@Bücher.example", "b:2525"},
		{"ü@xn--bcher-kva.EXAMPLE", "b:2525"},
		{"ü@Bu\u0308cher.example", "b:2525"},
		{"ü@bücher\u3002example", "b:2525"},
		{"a@straße.example", "[2001:db8::1]:25"},
		{"postmaster", "rest:465"},
		{"a@[192.0.2.1]", "rest:465"},
		{"a@.partner.example", "rest:465"},
	} {
		t.Run(tt.path, func(t *testing.T) {
			if got := router.route(tt.path); got == nil || got.Via[0] != tt.via {
				t.Errorf("route %+v, want via %s", got, tt.via)
			}
		})
	}
	var names []string
	for _, r := range router.Routes() {
		names = append(names, r.Name)
	}
	if want := "partner.example xn--bcher-kva.example xn--strae-oqa.example sub.partner.example *"; strings.Join(names, " ") != want {
		t.Errorf("names %q", names)
	}
}

func TestRouterWithoutCatchAll(t *testing.T) {
	router, err := NewRouter(&config.Config{Routes: []config.Route{{Domains: []string{"a.example"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"a@b.example", "postmaster", "a@", ""} {
		if r := router.route(path); r != nil {
			t.Errorf("%q has route %v", path, r.Name)
		}
	}
}

func TestRouteRoots(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	ca := smtptest.NewCA(t)
	good := write("good.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Cert.Raw}))
	for _, tt := range []struct{ name, file, words string }{
		{"good", good, ""},
		{"missing", filepath.Join(dir, "none.pem"), "route 1: ca_file: "},
		{"not PEM", write("bad.pem", []byte("hello")), "has no certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			router, err := NewRouter(&config.Config{Routes: []config.Route{{CAFile: tt.file}}})
			if tt.words != "" {
				if err == nil || !strings.Contains(err.Error(), tt.words) {
					t.Errorf("error %v, want %q", err, tt.words)
				}
				return
			}
			if err != nil || !router.Routes()[0].Roots.Equal(ca.Pool) {
				t.Errorf("error %v, roots %v", err, router.Routes()[0].Roots)
			}
		})
	}
}

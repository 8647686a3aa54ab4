package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// A configuration that is read while the server stops is not called wrong.
func TestReloadWhileStopping(t *testing.T) {
	file := filepath.Join(t.TempDir(), "reconvene.toml")
	text := "hostname = \"relay.test\"\n[[listener]]\nname = \"in\"\naddress = \"127.0.0.1:0\"\ndirection = \"outbound\"\nallow = [\"127.0.0.1\"]\n" +
		"[[route]]\nvia = [\"127.0.0.1:9\"]\ntls = \"off\"\n[admin]\naddress = \"\"\n[state]\ndirectory = \"none\"\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, problems := config.Load(file, nil)
	if cfg == nil {
		t.Fatal(problems)
	}
	var log smtptest.Buffer
	d, err := startDaemon(&env{stderr: &log, now: time.Now}, file, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.Abort("a test")
	d.deliver(cfg, nil)
	d.cancel()
	_ = d.Wait() // says that it was aborted
	if s := log.String(); strings.Contains(s, "config-rejected") || !strings.Contains(s, "msg=stopping") {
		t.Error(s)
	}
}

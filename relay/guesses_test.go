package relay

import (
	"encoding/base64"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
)

// Strangers have places of their own: when they hold all of them, a listed client
// is served.
func TestStrangersTakeNoPlaces(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) {
		cfg.Listeners[1].Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		cfg.Limits.Strangers, cfg.Limits.StrangersPerClient = 5, 3
		cfg.Limits.Connections, cfg.Limits.StrangerTimeout = 2, 10*time.Second
	})
	for range 3 {
		r.connect("implicit")
	}
	eventually(t, func() bool {
		r.srv.strangers.mu.Lock()
		defer r.srv.strangers.mu.Unlock()
		return r.srv.strangers.total == 3
	})
	r.connect("implicit") // one too many
	eventually(t, func() bool { return strings.Contains(r.log.String(), "too many connections from your address") })
	c := r.hello("plain")
	c.envelope()
}

// A stranger that says nothing is sent away soon, however long others may take.
func TestStrangerTimeout(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) {
		cfg.Listeners[0].Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		cfg.Limits.StrangerTimeout = 100 * time.Millisecond
		cfg.Limits.CommandTimeout = time.Hour
	})
	c := r.connect("plain")
	c.expect("220")
	if got := c.expectClosed(); len(got) != 1 || !strings.HasPrefix(got[0], "421") {
		t.Errorf("got %q", got)
	}
}

// An address with many failed logons gets no further check.
func TestGuessesAreCounted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(file, []byte("x:y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(cfg *config.Config) {
		cfg.Listeners[0].Auth = config.ListenerAuth{UsersFile: file, AllowInsecure: true}
	})
	c := r.hello("plain")
	g := &r.srv.guesses
	plain := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00bob\x00wrong"))
	c.say(plain, "535")
	g.mu.Lock()
	g.count[clientOf(netip.MustParseAddr("127.0.0.1"))] = maxGuesses
	g.mu.Unlock()
	c.say(plain, "454 4.7.0")
}

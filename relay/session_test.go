package relay

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
)

func TestOneMessage(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		got := c.expect("250")
		if want := "250 2.6.0 <queue-17> taken"; got[0] != want {
			t.Errorf("final reply %q, want the next hop's own: %q", got, want)
		}
		c.say("QUIT", "221 2.0.0 relay.example")
		wantBodies(t, r, message)
		if r.hop.from.Path != "a@sender.example" || r.hop.rcpts[0].Path != "b@rcpt.example" {
			t.Errorf("envelope %+v %+v", r.hop.from, r.hop.rcpts)
		}
	})
}

// What the next hop cannot take the client must not be told of.
func TestHiddenExtensions(t *testing.T) {
	hide := func(cfg *config.Config) {
		for i := range cfg.Listeners {
			cfg.Listeners[i].Hide = []string{"8BITMIME", "CHUNKING"}
		}
	}
	eachTransport(t, hide, func(t *testing.T, _ *rig, c *talker) {
		lines := c.say("EHLO client.example", "250")
		for _, line := range lines {
			if strings.HasSuffix(line, "8BITMIME") || strings.HasSuffix(line, "CHUNKING") {
				t.Errorf("offered: %q", lines)
			}
		}
		if !strings.Contains(strings.Join(lines, " "), "PIPELINING") {
			t.Errorf("PIPELINING is missing in %q", lines)
		}
	})
}

func TestGreeting(t *testing.T) {
	r := newRig(t, nil)
	c := r.connect("plain")
	c.expect("220 relay.example ESMTP Reconvene")
	lines := c.say("EHLO client.example extra", "250")
	if lines[0] != "250-relay.example greets client.example" {
		t.Errorf("first line %q", lines[0])
	}
	all := strings.Join(lines, "\n")
	for _, keyword := range []string{"PIPELINING", "8BITMIME", "SIZE 1048576", "CHUNKING", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS"} {
		if !strings.Contains(all, keyword) {
			t.Errorf("%s is missing in %q", keyword, lines)
		}
	}
	c.say("STARTTLS", "220")
	c.startTLS(nil)
	if got := strings.Join(c.say("EHLO client.example", "250"), "\n"); strings.Contains(got, "STARTTLS") {
		t.Errorf("STARTTLS offered again: %q", got)
	}
}

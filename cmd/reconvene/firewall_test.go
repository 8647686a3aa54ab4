package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestFirewallRule(t *testing.T) {
	const program = `C:\Program Files\Reconvene\reconvene.exe`
	var calls [][]string
	none := errors.New("no rule matches")
	run := func(args ...string) error {
		calls = append(calls, args)
		if slices.Contains(args, "delete") {
			return none
		}
		return nil
	}
	if err := openFirewall(run, program, "10.1.2.0/24, 10.1.3.4,2001:db8::/32"); err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"advfirewall", "firewall", "delete", "rule", "name=Reconvene"},
		{"advfirewall", "firewall", "add", "rule", "name=Reconvene", "dir=in", "action=allow", "protocol=TCP", "program=" + program,
			"remoteip=10.1.2.0/24,10.1.3.4,2001:db8::/32"},
	}
	if !slices.EqualFunc(calls, want, slices.Equal) {
		t.Errorf("got %q\nwant %q", calls, want)
	}
	for _, networks := range []string{"any", "", "10.1.2.0/24,", "0.0.0.0/0", "::/0", "10.1.2.0/24 action=block", "exchange.example.com", "10.1.2.0/33"} {
		calls = nil
		if err := openFirewall(run, program, networks); err == nil || !strings.Contains(err.Error(), "10.1.2.0/24,10.1.3.4") || len(calls) > 0 {
			t.Errorf("%q: %v, %q", networks, err, calls)
		}
	}
}

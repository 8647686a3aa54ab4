package main

import (
	"fmt"
	"net/netip"
	"strings"
)

// firewallRule are the arguments of netsh.exe for a rule that lets networks connect
// to a program. The rule has the name of the service.
func firewallRule(program, networks string) ([]string, error) {
	var list []string
	for network := range strings.SplitSeq(networks, ",") {
		network = strings.TrimSpace(network)
		prefix, err := netip.ParsePrefix(network)
		if _, notAddress := netip.ParseAddr(network); err != nil && notAddress != nil {
			return nil, usageError("--firewall: %q is no network; write the addresses of your Exchange servers: 10.1.2.0/24,10.1.3.4", network)
		}
		if err == nil && prefix.Bits() == 0 {
			return nil, usageError("--firewall: %s is the whole internet; write the addresses of your Exchange servers: 10.1.2.0/24,10.1.3.4", network)
		}
		list = append(list, network)
	}
	return []string{"advfirewall", "firewall", "add", "rule", "name=" + serviceName, "dir=in", "action=allow", "protocol=TCP",
		"program=" + program, "remoteip=" + strings.Join(list, ",")}, nil
}

// openFirewall replaces the rule of an installation before.
func openFirewall(run func(args ...string) error, program, networks string) error {
	rule, err := firewallRule(program, networks)
	if err != nil {
		return err
	}
	_ = closeFirewall(run) // there may be none
	if err := run(rule...); err != nil {
		return fmt.Errorf("the firewall rule was not written; the service is installed: %w", err)
	}
	return nil
}

func closeFirewall(run func(args ...string) error) error {
	return run("advfirewall", "firewall", "delete", "rule", "name="+serviceName)
}

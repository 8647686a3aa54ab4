//go:build !windows

package resolver

import "github.com/miekg/dns"

// systemServers returns the servers of /etc/resolv.conf (resolv.conf(5)).
func systemServers() []string {
	c, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	return c.Servers
}

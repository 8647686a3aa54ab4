package config

import (
	"fmt"
	"strings"
	"time"
)

// checkLedger reports what cannot be meant in [state] and [ledger].
func checkLedger(l *loader, cfg *Config) {
	c := cfg.Ledger
	oneOf(l, "ledger.addresses", c.Addresses, PlainAddresses, HashedAddresses)
	if c.Keep < 24*time.Hour {
		l.fail("ledger.keep", fmt.Sprintf("%v is too short: the messages about a meeting are days apart", c.Keep), `write at least "1d"; "400d" covers a yearly meeting`)
	}
	if c.MaxSize < 1_000_000 {
		l.fail("ledger.max_size", fmt.Sprintf("%v is too small", c.MaxSize), `write at least "1MB"; "10GB" is good`)
	}
	if c.Grace < time.Second || c.Grace > 7*24*time.Hour {
		l.fail("ledger.grace", fmt.Sprintf("%v is out of range", c.Grace), `write from "1s" to "7d"; "15m" is good`)
	}
	for i, d := range c.OwnDomains {
		if !isDomain(strings.TrimPrefix(d, "*.")) {
			l.fail(element("ledger.own_domains", i), fmt.Sprintf("%q is not a domain", d), `write for example "example.com" or "*.example.com"`)
		}
	}
}

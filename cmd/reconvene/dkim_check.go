package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/dkim"
	"github.com/reconvene/reconvene/relay/resolver"
)

func newDKIMCheckCmd(e *env) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Compare the keys of the configuration with DNS",
		Long: `Looks up the DNS record of each key under [[dkim]] and compares it with the private
key. Receivers ignore a signature whose record is missing or has another key.

Exit status: 0 all records are right, 1 one is not, 3 wrong usage.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := loadConfig(e, configFile(e, file))
			if err != nil {
				return err
			}
			return checkRecords(cmd.Context(), e, cfg, recordsFrom(e, cfg.DNS))
		},
	}
	addConfigFlag(cmd, &file)
	return cmd
}

// recordsFrom returns what looks up records: the DNS servers of the configuration, else
// those of the system.
func recordsFrom(e *env, dns config.DNS) delivery.Resolver {
	if len(dns.Servers) == 0 {
		return net.DefaultResolver
	}
	return resolver.New(resolver.Options{Servers: dns.Servers, Trusted: dns.Trusted, Now: e.now})
}

// recordTimeout is how long dkim check waits for one record.
const recordTimeout = 10 * time.Second

// checkRecords prints one line for each key; the error says that one is wrong.
func checkRecords(ctx context.Context, e *env, cfg *config.Config, dns delivery.Resolver) error {
	if len(cfg.DKIM) == 0 {
		return errors.New(`the configuration has no [[dkim]]: nothing is signed; "reconvene dkim keygen" makes a key`)
	}
	bad := 0
	for _, s := range cfg.DKIM {
		name := dkim.Key{Domain: s.Domain, Selector: s.Selector}
		if err := checkKeyRecord(ctx, s, name.Name(), dns); err != nil {
			bad++
			fmt.Fprintf(e.stdout, "%s: %s\n", name.Name(), visible(err.Error()))
			continue
		}
		fmt.Fprintf(e.stdout, "%s: good\n", name.Name())
	}
	if bad > 0 {
		return exitError{code: exitProblem}
	}
	return nil
}

func checkKeyRecord(ctx context.Context, s config.Signing, name string, dns delivery.Resolver) error {
	key, err := s.Load()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	records, err := dns.LookupTXT(ctx, name)
	var failed *net.DNSError
	switch {
	case errors.As(err, &failed) && failed.IsNotFound:
		records = nil
	case err != nil:
		return fmt.Errorf("the lookup failed: %w", err)
	}
	return dkim.CheckRecord(records, key.Public())
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/cluster"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/resolver"
	"github.com/reconvene/reconvene/relay/tlspolicy"
)

type checkFlags struct {
	file    string
	probe   bool
	json    bool
	example bool
	upgrade string
	hash    string
}

func newCheckCmd(e *env) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration and show the effective settings",
		Long: `Reads the configuration as serve does, reports every error with its line number
and a suggestion, and prints the effective values, including defaults. Secrets are
not printed.

It also checks what serve needs on this machine: each address is free, or is the
one that reconvene.socket opens, the folders of the log, the ledger and large
messages are writable, no next hop is this machine, and each certificate is valid
and matches the host name. It leaves nothing behind. Run it as the user that serve
runs as, because it checks that user's permissions.

An error is what serve does not start with, and a warning what it starts with
nevertheless, and says in its log. An address that a running Reconvene has is a
warning, too.

With --probe it also connects to each next hop, authenticates if configured, and
shows the greeting, extensions, TLS, and the profile that would be used. No mail
is sent. With [cluster] it connects to each NATS server, too, and shows whether the
streams of the ledger and of the queue exist and have their replicas; of servers inside
the relays it shows which can be reached.

With --upgrade it shows what this version reads differently than an older one:
values, defaults, new keys and keys that are gone. Give it what "check --json" of
the older version printed.

Exit status: 0 no errors (there may be warnings), 1 an error, or with --probe a
route without a next hop that can be used, 3 wrong usage.`,
		Example: `  reconvene check --config reconvene.toml
  reconvene check --probe
  reconvene check --example > reconvene.toml
  reconvene check --hash alice >> users`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch {
			case f.example:
				_, err := io.WriteString(e.stdout, config.Sample)
				return err
			case f.hash != "":
				return hashPassword(e, f.hash)
			default:
				return check(e, f)
			}
		},
	}
	addConfigFlag(cmd, &f.file)
	cmd.Flags().BoolVar(&f.probe, "probe", false, "connect to each next hop and show its extensions")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&f.example, "example", false, "print a commented configuration file with all keys")
	cmd.Flags().StringVar(&f.upgrade, "upgrade", "", "show what differs from `FILE`, which \"check --json\" of an older version printed")
	cmd.Flags().StringVar(&f.hash, "hash", "", "read a password and print the line of users_file for `USER`")
	cmd.MarkFlagsMutuallyExclusive("example", "hash", "probe")
	cmd.MarkFlagsMutuallyExclusive("example", "hash", "json")
	cmd.MarkFlagsMutuallyExclusive("example", "hash", "upgrade")
	return cmd
}

// checkReport is what "check --json" prints.
type checkReport struct {
	File     string          `json:"file"` // "" when there is none
	OK       bool            `json:"ok"`
	Problems config.Problems `json:"problems"`
	Config   map[string]any  `json:"config,omitempty"`
	Probe    []probedRoute   `json:"probe,omitempty"`
	Cluster  *cluster.Probed `json:"cluster,omitempty"`
	Upgrade  []setting       `json:"upgrade,omitempty"` // what the older version of --upgrade reads differently

	upgrade bool
}

// probedRoute is what the next hops of a route showed us.
type probedRoute struct {
	Route string       `json:"route"`
	Hosts []probedHost `json:"hosts"`
}

type probedHost struct {
	Host        string   `json:"host"`
	Address     string   `json:"address,omitempty"`
	OK          bool     `json:"ok"`
	Error       string   `json:"error,omitempty"`
	Greeting    string   `json:"greeting,omitempty"`
	Extensions  []string `json:"extensions,omitempty"`
	TLS         string   `json:"tls,omitempty"`
	Certificate string   `json:"certificate,omitempty"`
	Auth        []string `json:"auth,omitempty"`
	Profile     string   `json:"profile,omitempty"`
	TookMS      float64  `json:"took_ms"` // until it was ready, or had failed
}

func check(e *env, f checkFlags) error {
	file := configFile(e, f.file)
	cfg, problems := config.Check(file, e.environ, serviceSockets(file)...)
	if cfg != nil {
		problems = append(problems, tryServiceLogs(file)...)
	}
	report := checkReport{File: file, OK: cfg != nil, Problems: append(config.Problems{}, problems...)}
	if cfg != nil {
		report.Config = cfg.Values()
		if f.probe {
			var err error
			if report.Probe, err = probe(e, cfg); err != nil {
				return err
			}
			report.Cluster = probeCluster(context.Background(), cfg)
		}
	}
	if cfg != nil && f.upgrade != "" {
		before, err := readBefore(f.upgrade)
		if err != nil {
			return err
		}
		after, err := flat(report.Config)
		if err != nil {
			return err
		}
		report.Upgrade, report.upgrade = readDifferently(before, after), true
	}
	for _, r := range report.Probe {
		report.OK = report.OK && r.usable()
	}
	if f.json {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(report); err != nil {
			return err
		}
	} else if err := report.print(e, cfg); err != nil {
		return err
	}
	if !report.OK {
		return exitError{code: exitProblem}
	}
	return nil
}

// usable reports whether mail can go by the route: one host is enough.
func (r probedRoute) usable() bool {
	for _, h := range r.Hosts {
		if h.OK {
			return true
		}
	}
	return false
}

// print shows the values and the probe on standard output and the problems on
// standard error, the verdict last.
func (r checkReport) print(e *env, cfg *config.Config) error {
	if r.upgrade {
		printUpgrade(e.stdout, r.Upgrade)
	} else if cfg != nil {
		if err := cfg.Write(e.stdout); err != nil {
			return err
		}
	}
	for _, route := range r.Probe {
		route.print(e.stdout)
	}
	if r.Cluster != nil {
		printCluster(e.stdout, r.Cluster)
	}
	for _, p := range r.Problems {
		fmt.Fprintln(e.stderr, p)
	}
	name := r.File
	if name == "" {
		name = "no configuration file"
	}
	warnings := len(r.Problems.Warnings())
	switch {
	case cfg == nil:
		fmt.Fprintf(e.stderr, "%s: cannot be used: %s, %s\n", name,
			count(len(r.Problems)-warnings, "error"), count(warnings, "warning"))
	case !r.OK:
		var closed []string
		for _, route := range r.Probe {
			if !route.usable() {
				closed = append(closed, "route "+route.Route)
			}
		}
		fmt.Fprintf(e.stderr, "%s: good, but no mail can go out by %s\n", name, strings.Join(closed, ", "))
	case warnings > 0:
		fmt.Fprintf(e.stderr, "%s: good, with %s\n", name, count(warnings, "warning"))
	default:
		fmt.Fprintf(e.stderr, "%s: good\n", name)
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (r probedRoute) print(w io.Writer) {
	fmt.Fprintf(w, "\n# route %s\n", r.Route)
	for _, h := range r.Hosts {
		name := h.Host
		if h.Address != "" && h.Address != h.Host {
			name += " (" + h.Address + ")"
		}
		fmt.Fprintf(w, "#   %s\n", name)
		for _, line := range [][2]string{
			{"error", h.Error}, {"greeting", h.Greeting}, {"extensions", strings.Join(h.Extensions, ", ")},
			{"tls", h.TLS}, {"certificate", h.Certificate}, {"auth", strings.Join(h.Auth, " ")}, {"profile", h.Profile},
			{"took", fmt.Sprintf("%.0f ms", h.TookMS)},
		} {
			if line[1] != "" {
				fmt.Fprintf(w, "#     %-12s %s\n", line[0], visible(line[1]))
			}
		}
	}
}

// probe asks every host of every route.
func probe(e *env, cfg *config.Config) ([]probedRoute, error) {
	router, err := relay.NewRouter(cfg)
	if err != nil {
		return nil, err
	}
	dns := resolver.New(resolver.Options{Servers: cfg.DNS.Servers, Trusted: cfg.DNS.Trusted, Now: e.now})
	hop := nexthop.New(nexthop.Options{Hostname: cfg.Hostname, Limits: cfg.Limits, Bounds: cfg.NextHop,
		Dial: new(net.Dialer).DialContext, Now: e.now,
		DNS: dns, STS: tlspolicy.NewSTS(tlspolicy.STSOptions{DNS: func() tlspolicy.STSResolver { return dns }, Now: e.now})})
	defer hop.Close()
	routes := make([]probedRoute, len(router.Routes()))
	var all sync.WaitGroup
	for i, r := range router.Routes() {
		all.Go(func() {
			routes[i].Route = r.Name
			for _, p := range hop.Probe(context.Background(), r) {
				routes[i].Hosts = append(routes[i].Hosts, newProbedHost(p))
			}
		})
	}
	all.Wait()
	return routes, nil
}

func newProbedHost(p nexthop.ProbeResult) probedHost {
	h := probedHost{Host: p.Host, Address: p.Address, OK: p.Err == nil, Greeting: p.Greeting, Extensions: p.Extensions,
		Certificate: p.Certificate, Auth: p.Auth, Profile: p.Profile, TookMS: float64(p.Took.Microseconds()) / 1000}
	if p.Err != nil {
		h.Error = p.Err.Error()
		h.Profile = ""
	}
	h.TLS = strings.TrimSpace(p.TLSVersion + " " + p.TLSCipher)
	return h
}

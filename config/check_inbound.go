package config

import (
	"fmt"
	"slices"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

func isInbound(ln Listener) bool { return ln.Direction == Inbound }

func allInbound(listeners []Listener) bool {
	return len(listeners) > 0 && !slices.ContainsFunc(listeners, func(ln Listener) bool { return !isInbound(ln) })
}

// checkInbound checks that the routes suit an inbound listener, which
// takes mail only for the domains that a route names.
func checkInbound(l *loader, cfg *Config) {
	first := slices.IndexFunc(cfg.Listeners, isInbound)
	if first < 0 {
		return
	}
	if len(cfg.Routes) > 0 && !slices.ContainsFunc(cfg.Routes, func(r Route) bool { return len(r.Domains) > 0 }) {
		l.warn(element("listener", first)+".direction", `is "inbound", and no route names domains: all mail will be refused`,
			"add a [[route]] with your own domains and via = your Exchange server")
	}
	if !allInbound(cfg.Listeners) {
		return
	}
	for i, r := range cfg.Routes {
		path := element("route", i)
		switch {
		case len(r.Domains) == 0:
			l.warn(path, "is never used: every listener is inbound and accepts mail only for domains that a route names",
				"name your own domains in it, or remove it")
		case !slices.Contains([]Profile{ProfileAuto, Profile(remedy.Exchange2003), Profile(remedy.Exchange2007), Profile(remedy.Exchange)}, r.Profile):
			l.warn(path+".profile", fmt.Sprintf("is %q, but an inbound message goes to your own Exchange", r.Profile),
				`write "exchange2003", "exchange2007" or "exchange"`)
		}
	}
}

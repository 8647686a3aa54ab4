package relay

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/config"
)

// keepPolicies makes the MTA-STS policies of domains be stored in the state folder, if
// a route obeys them.
func (s *Server) keepPolicies(cfg *config.Config) {
	folder := cfg.StateDirectory()
	if folder == "" || !slices.ContainsFunc(cfg.Routes, func(r config.Route) bool { return slices.Contains(r.TLSPolicy, config.PolicySTS) }) {
		return
	}
	if err := s.sts.Use(filepath.Join(folder, "mta-sts")); err != nil {
		s.opt.Log.policyFailed("", err)
	}
}

// policyFailed logs "tls-policy-failed": the MTA-STS policy of a domain is announced
// and cannot be fetched, or, without a domain, policies cannot be stored.
func (m *MailLog) policyFailed(domain string, err error) {
	l := m.line(slog.LevelWarn, "tls-policy-failed")
	l.str("domain", domain)
	l.err(err)
	l.write()
}

// TLSReportFailed logs "tls-report-failed": a report on TLS cannot be written.
func (m *MailLog) TLSReportFailed(err error) {
	l := m.line(slog.LevelWarn, "tls-report-failed")
	l.err(err)
	l.write()
}

// WantsTLSReports reports whether a domain has asked for reports on TLS (RFC 8460 §3).
func (s *Server) WantsTLSReports(ctx context.Context, domain string) bool {
	list, err := s.setup.Load().dns.LookupTXT(ctx, "_smtp._tls."+domain)
	return err == nil && slices.ContainsFunc(list, func(t string) bool { return strings.HasPrefix(t, "v=TLSRPTv1;") })
}

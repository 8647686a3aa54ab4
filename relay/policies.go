package relay

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/queue"
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

// LookupTXT looks up TXT records by the configuration that is in force.
func (s *Server) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return s.setup.Load().dns.LookupTXT(ctx, name)
}

// SendReport puts a report on TLS into the queue, with the null reverse-path: nobody is
// told when it cannot be delivered.
func (s *Server) SendReport(to string, mail []byte) error {
	if s.queue == nil {
		return errNoQueue
	}
	id := s.nextID()
	w, err := s.queue.Create(id)
	if err != nil {
		return err
	}
	if _, err := w.Write(mail); err != nil {
		w.Discard()
		return err
	}
	return s.queue.Accept(w, &queue.Message{ID: id, Received: s.opt.Now().Round(0), Sender: queue.Sender{OptionalTLS: true},
		MaxSize: int64(len(mail)), Recipients: []queue.Recipient{{Path: to, Notify: "NEVER"}}})
}

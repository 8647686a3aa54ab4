package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/reconvene/reconvene/config"
)

// serverStatus is what the admin page of a running server contains.
type serverStatus struct {
	Address     string         `json:"address"`
	Version     string         `json:"version"`
	Since       time.Time      `json:"since"`
	Ready       bool           `json:"ready"`
	Reasons     []string       `json:"reasons"`  // why it is not ready
	Warnings    []string       `json:"warnings"` // what needs attention while mail goes out
	Messages    map[string]int `json:"messages"` // by outcome
	Meetings    map[string]int `json:"meetings"`
	Recipients  map[string]int `json:"recipients"` // by verdict
	Clients     int            `json:"clients"`    // connected now
	NextHops    int            `json:"nexthops"`   // open connections now
	NotNotified int            `json:"not_notified"`
	Ledger      bool           `json:"ledger"` // is in use, and can be written
	LostLines   int            `json:"log_lines_lost"`
}

// statusTimeout is more than /readyz takes when a next hop does not answer.
const statusTimeout = 45 * time.Second

// maxStatus bounds what is read of one page.
const maxStatus = 8 << 20

// adminAddress is where the server answers: the flag's, else the configuration's.
// A server that listens everywhere is asked on this machine.
func adminAddress(e *env, f statusFlags) (string, error) {
	address := f.address
	if address == "" {
		cfg, _ := config.Load(configFile(e, f.file), e.environ)
		if cfg == nil {
			return "", errors.New(`the configuration cannot be read, which names the admin address; see "reconvene check", or name it with --address`)
		}
		if address = cfg.Admin.Address; address == "" {
			return "", errors.New(`there is no admin page: [admin] address is empty in the configuration`)
		}
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", usageError("%q is not host:port", visible(address))
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}

// askStatus requests the admin page of the server.
func askStatus(e *env, address string) (*serverStatus, error) {
	client := &http.Client{Timeout: statusTimeout, Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}
	get := func(path string) (int, []byte, error) {
		r, err := client.Get("http://" + address + path)
		if err != nil {
			return 0, nil, fmt.Errorf(`the server does not answer at %s: %w; is it running? "reconvene service status" tells`, address, lastCause(err))
		}
		defer r.Body.Close()
		body, err := io.ReadAll(io.LimitReader(r.Body, maxStatus))
		return r.StatusCode, body, err
	}
	s := &serverStatus{Address: address, Reasons: []string{}, Warnings: []string{},
		Messages: map[string]int{}, Meetings: map[string]int{}, Recipients: map[string]int{}}
	code, body, err := get("/readyz")
	if err != nil {
		return nil, err
	}
	if code != http.StatusOK && code != http.StatusServiceUnavailable {
		return nil, fmt.Errorf("what answers at %s is not Reconvene: %d to /readyz", address, code)
	}
	s.Ready = code == http.StatusOK
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if warning, ok := strings.CutPrefix(line, "warning: "); ok {
			s.Warnings = append(s.Warnings, warning)
		} else if line != "" && !s.Ready {
			s.Reasons = append(s.Reasons, line)
		}
	}
	if code, body, err = get("/metrics"); err != nil {
		return nil, err
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(string(body)))
	if err != nil || code != http.StatusOK {
		return nil, fmt.Errorf("the metrics at %s cannot be read: %d, %v", address, code, err)
	}
	s.take(families)
	return s, nil
}

// lastCause is an error of the client without the address, which is said already.
func lastCause(err error) error {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e.Err
	}
	return err
}

// take reads the metrics.
func (s *serverStatus) take(families map[string]*dto.MetricFamily) {
	sum := func(name, label string, into map[string]int) (total int) {
		for _, m := range families[name].GetMetric() {
			value := int(cmp.Or(m.GetCounter().GetValue(), m.GetGauge().GetValue(), m.GetUntyped().GetValue()))
			total += value
			for _, l := range m.GetLabel() {
				if l.GetName() == label {
					into[l.GetValue()] += value
				}
			}
		}
		return total
	}
	sum("reconvene_messages_total", "outcome", s.Messages)
	sum("reconvene_meetings_total", "outcome", s.Meetings)
	sum("reconvene_recipients_total", "verdict", s.Recipients)
	s.Clients = sum("reconvene_client_connections", "", nil)
	s.NextHops = sum("reconvene_nexthop_connections", "", nil)
	s.NotNotified = sum("reconvene_not_notified", "", nil)
	s.Ledger = sum("reconvene_ledger_writable", "", nil) == 1
	s.LostLines = sum("reconvene_log_lines_lost_total", "", nil)
	s.Since = time.Unix(int64(sum("process_start_time_seconds", "", nil)), 0)
	versions := map[string]int{}
	sum("reconvene_build_info", "version", versions)
	for _, version := range slices.Sorted(maps.Keys(versions)) {
		s.Version = version
	}
}

func (s *serverStatus) total() int {
	n := 0
	for _, v := range s.Messages {
		n += v
	}
	return n
}

func (s *serverStatus) print(e *env) error {
	var b strings.Builder
	row := func(name, value string) { fmt.Fprintf(&b, "%-13s %s\n", name, visible(value)) }
	row("server", fmt.Sprintf("reconvene %s at %s, running since %s (%s)", s.Version, s.Address,
		s.Since.Local().Format("2006-01-02 15:04:05"), e.now().Sub(s.Since).Round(time.Second)))
	if s.Ready {
		row("mail", "can go out by each route")
	}
	for _, r := range s.Reasons {
		row("mail", r)
	}
	for _, w := range s.Warnings {
		row("warning", w)
	}
	row("messages", counts(s.Messages))
	row("with calendar", counts(s.Meetings))
	row("recipients", counts(s.Recipients))
	row("now", fmt.Sprintf("%s, %s to next hops", count(s.Clients, "client"), count(s.NextHops, "connection")))
	switch {
	case !s.Ledger:
		row("ledger", "not in use, or it cannot be written")
	case s.NotNotified > 0:
		row("not notified", doNot(s.NotNotified)+` not know of the newest revision of a meeting; "reconvene meetings not-notified" names them`)
	default:
		row("not notified", "nobody")
	}
	if s.LostLines > 0 {
		row("log", count(s.LostLines, "line")+" could not be written")
	}
	_, err := io.WriteString(e.stdout, b.String())
	return err
}

// counts lists numbers by name, those that are not 0.
func counts(m map[string]int) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if m[name] > 0 {
			list = append(list, fmt.Sprintf("%d %s", m[name], name))
		}
	}
	if len(list) == 0 {
		return "none since the start"
	}
	return strings.Join(list, ", ")
}

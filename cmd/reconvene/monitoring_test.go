package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/reconvene/reconvene/relay"
)

var (
	metricName    = regexp.MustCompile(`\breconvene_[a-z_]+`)
	describedName = regexp.MustCompile(`fqName: "(reconvene_[a-z_]+)"`)
)

// registeredNames are the names of the metrics of serve, also of those for which
// nothing has been counted yet.
func registeredNames(t *testing.T) map[string]bool {
	t.Helper()
	descriptions := make(chan *prometheus.Desc)
	go func() {
		metrics := relay.NewMetrics("0.0.0", nil)
		metrics.Register(ledgerMetrics{new(ledgerHolder)})
		metrics.Register(queueMetrics{})
		metrics.Register(sharedQueueMetrics{})
		metrics.Describe(descriptions)
		close(descriptions)
	}()
	names := make(map[string]bool)
	for d := range descriptions {
		if name := describedName.FindStringSubmatch(d.String()); name != nil {
			names[name[1]] = true
		}
	}
	if !names["reconvene_build_info"] || !names["reconvene_messages_total"] {
		t.Fatalf("the names were not found: %v", names)
	}
	return names
}

// What is built on the metrics names none that does not exist, and the page about
// them names them all.
func TestMonitoringNamesMetrics(t *testing.T) {
	registered := registeredNames(t)
	for _, file := range []string{"packaging/grafana/reconvene.json", "packaging/prometheus/rules.yml", "docs/metrics.md"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
			if err != nil {
				t.Fatal(err)
			}
			found := make(map[string]bool)
			for _, name := range metricName.FindAllString(string(text), -1) {
				found[strings.TrimSuffix(name, "_bucket")] = true
			}
			for name := range found {
				if !registered[name] {
					t.Errorf("there is no metric %s", name)
				}
			}
			for name := range registered {
				if strings.HasSuffix(file, ".md") && !found[name] {
					t.Errorf("%s is not described", name)
				}
			}
			if strings.HasSuffix(file, ".json") && !json.Valid(text) {
				t.Error("this is no JSON")
			}
		})
	}
}

func TestPrometheusRules(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	if out, err := exec.Command(promtool, "check", "rules", "../../packaging/prometheus/rules.yml").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

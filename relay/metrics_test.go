package relay

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
)

func TestMetrics(t *testing.T) {
	m := NewMetrics("1.2.3", []string{"seq-cdo", "cn-quote"})
	m.Message(&sample)
	odd := sample
	odd.Outcome, odd.Recipients = "odd", []RecipientEvent{{}}
	odd.Meeting = &delivery.Meeting{Calendars: calendar("x-stranger"), Findings: []string{"invented"}, Vetoed: []string{"invented", "seq-cdo"}}
	m.Message(&odd)
	plain := sample
	plain.Meeting, plain.Outcome, plain.Recipients = nil, delivery.Deferred, []RecipientEvent{{Verdict: envelope.Verdict{Code: 452}}, {Verdict: envelope.Verdict{Code: 550}}}
	m.Message(&plain)
	lower := sample
	lower.Outcome, lower.Meeting = delivery.Notice, &delivery.Meeting{Calendars: calendar("request")}
	m.Message(&lower)
	m.clientUp()
	m.clientUp()
	m.clientDown()
	m.clientRefused()
	m.hopUp()
	m.hopReused()
	m.hopFailed()
	m.hopFull()
	m.hopDown()
	m.Rewriting(200 * time.Microsecond)
	m.Reload(true, time.Unix(100, 0))
	m.Reload(false, time.Unix(200, 0))

	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body := w.Body.String()
	for _, want := range []string{
		`reconvene_build_info{version="1.2.3"} 1`,
		`reconvene_messages_total{outcome="repaired",route="example.net"} 1`,
		`reconvene_messages_total{outcome="other",route="example.net"} 1`,
		`reconvene_messages_total{outcome="deferred",route="example.net"} 1`,
		`reconvene_messages_total{outcome="notice",route="example.net"} 1`,
		`reconvene_meetings_total{method="CANCEL",outcome="repaired"} 1`,
		`reconvene_meetings_total{method="REQUEST",outcome="notice"} 1`,
		`reconvene_meetings_total{method="other",outcome="other"} 1`,
		`reconvene_findings_total{applied="true",id="seq-cdo"} 1`,
		`reconvene_findings_total{applied="false",id="cn-quote"} 1`,
		`reconvene_findings_total{applied="false",id="other"} 1`,
		`reconvene_vetoes_total{id="seq-cdo"} 1`,
		`reconvene_vetoes_total{id="other"} 1`,
		`reconvene_recipients_total{route="example.net",verdict="delivered"} 4`,
		`reconvene_recipients_total{route="example.net",verdict="aborted"} 1`,
		`reconvene_recipients_total{route="example.net",verdict="deferred"} 1`,
		`reconvene_recipients_total{route="example.net",verdict="refused"} 1`,
		`reconvene_client_connections_total{result="accepted"} 2`,
		`reconvene_client_connections_total{result="refused"} 1`,
		`reconvene_client_connections 1`,
		`reconvene_nexthop_connections_total{result="opened"} 1`,
		`reconvene_nexthop_connections_total{result="reused"} 1`,
		`reconvene_nexthop_connections_total{result="failed"} 1`,
		`reconvene_nexthop_connections_total{result="full"} 1`,
		`reconvene_nexthop_connections 0`,
		`reconvene_message_bytes_total 20480`,
		`reconvene_message_seconds_count 4`,
		`reconvene_rewrite_seconds_count 1`,
		`reconvene_config_reloads_total{result="bad"} 1`,
		`reconvene_config_loaded_timestamp_seconds{result="good"} 100`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("missing %s", want)
		}
	}
	if strings.Contains(body, "x-stranger") || strings.Contains(body, "invented") {
		t.Error("a stranger's word became a label")
	}
	problems, err := testutil.GatherAndLint(m.registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
}

// What is known beforehand is there from the start: a series that begins at 1 has no
// rate for its first event.
func TestMetricsBeginAtZero(t *testing.T) {
	m := NewMetrics("1", []string{"seq-cdo"})
	r := newRig(t, nil, func(o *Options) { o.Metrics = m })
	c := r.hello("plain")
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`messages_total{outcome="notice",route="*"}`, `messages_total{outcome="refused",route=""}`, `recipients_total{route="*",verdict="deferred"}`,
		`meetings_total{method="CANCEL",outcome="refused"}`, `findings_total{applied="true",id="seq-cdo"}`, `vetoes_total{id="seq-cdo"}`,
		`fallbacks_total{form="notice",result="delivered"}`, `client_connections_total{result="refused"}`, `nexthop_connections_total{result="failed"}`,
		`config_reloads_total{result="bad"}`,
	} {
		if !strings.Contains(w.Body.String(), "reconvene_"+want+" 0\n") {
			t.Errorf("%s is not 0", want)
		}
	}
	c.say("QUIT", "221")
}

func calendar(method string) []rewrite.Meeting {
	return []rewrite.Meeting{{Components: []rewrite.Component{{Received: rewrite.Revision{Method: method}}}}}
}

func TestNilMetrics(t *testing.T) { // must not panic
	var m *Metrics
	m.Message(&sample)
	m.Rewriting(1)
	m.clientUp()
	m.clientDown()
	m.clientRefused()
	m.hopUp()
	m.hopDown()
	m.hopReused()
	m.hopFailed()
	m.Reload(true, time.Time{})
}

// TestMetricsDocumented looks in docs/metrics.md for every name with its kind and
// its labels. That the page names no other metric is tested where all of them
// come together, in the program.
func TestMetricsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) > 4 && strings.HasPrefix(cells[1], " `reconvene_") {
			name := strings.Trim(cells[1], " `")
			labels := strings.Split(strings.NewReplacer("`", "", " ", "").Replace(cells[3]), ",")
			slices.Sort(labels)
			documented[name] = strings.TrimSpace(cells[2]) + " " + strings.Join(labels, ",")
		}
	}
	m := NewMetrics("1", []string{"seq-cdo"})
	everyMetric(m)
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), namespace+"_") {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		slices.Sort(labels)
		have := strings.ToLower(f.GetType().String()) + " " + strings.Join(labels, ",")
		if documented[f.GetName()] != have {
			t.Errorf("%s is a %s; docs/metrics.md says %q", f.GetName(), have, documented[f.GetName()])
		}
	}
	for _, o := range delivery.Outcomes() {
		if log, _ := os.ReadFile(filepath.Join("..", "docs", "log.md")); !strings.Contains(string(log), "| `"+string(o)+"` |") {
			t.Errorf("docs/log.md does not explain the outcome %s", o)
		}
	}
}

// everyMetric counts something in each family.
func everyMetric(m *Metrics) {
	e := sample
	e.Meeting = &delivery.Meeting{Calendars: calendar("REQUEST"), Findings: []string{"seq-cdo"}, Vetoed: []string{"seq-cdo"}}
	m.Message(&e)
	m.Fallback("utc", "delivered")
	m.Rewriting(1)
	m.clientUp()
	m.hopUp()
	m.Reload(true, time.Unix(1, 0))
	m.Log(1, true)
}

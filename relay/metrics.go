package relay

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/reconvene/reconvene/relay/delivery"
)

// Metrics counts what the relay does, in a registry of its own. The values of every
// label are from a fixed set; what a client or another server chose is counted as
// "other". A nil *Metrics counts nothing. It is safe for concurrent use.
type Metrics struct {
	registry   *prometheus.Registry
	messages   *prometheus.CounterVec
	meetings   *prometheus.CounterVec
	findings   *prometheus.CounterVec
	vetoes     *prometheus.CounterVec
	fallbacks  *prometheus.CounterVec
	recipients *prometheus.CounterVec
	clients    *prometheus.CounterVec
	clientsUp  prometheus.Gauge
	hops       *prometheus.CounterVec
	hopsUp     prometheus.Gauge
	octets     prometheus.Counter
	took       prometheus.Histogram
	rewriting  prometheus.Histogram
	signing    *prometheus.CounterVec
	reloads    *prometheus.CounterVec
	lastLoad   *prometheus.GaugeVec
	rejected   prometheus.Gauge
	logLost    prometheus.Counter
	unsent     prometheus.Counter
	certEnds   *prometheus.GaugeVec
	logOK      prometheus.Gauge

	known map[string]bool // finding IDs
}

// methods are the values of the label method (RFC 5546 §1.4).
var methods = []string{"REQUEST", "CANCEL", "REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH", "ADD", "PUBLISH"}

// NewMetrics returns metrics that know the given finding IDs and the build's
// version.
func NewMetrics(version string, findings []string) *Metrics {
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		messages:   counter("messages_total", "Messages, by route and outcome; see docs/log.md for the outcomes.", "route", "outcome"),
		meetings:   counter("meetings_total", "Messages with a calendar, by iTIP method and by outcome.", "method", "outcome"),
		findings:   counter("findings_total", "Defects found in calendars, by ID and by whether they were repaired.", "id", "applied"),
		vetoes:     counter("vetoes_total", "Repairs that the guard reverted because they would have changed the meeting, by ID.", "id"),
		fallbacks:  counter("fallbacks_total", "Further attempts after a refusal of the content, by form and result: delivered, refused, deferred, given-up (the envelope was not accepted again), no-such-form (the message has none).", "form", "result"),
		recipients: counter("recipients_total", "Recipients, by route and verdict: delivered, deferred, refused, aborted.", "route", "verdict"),
		clients:    counter("client_connections_total", "Connections from clients, by result: accepted, refused.", "result"),
		hops:       counter("nexthop_connections_total", "Connections to next hops: opened, reused for another transaction, failed, refused because there are too many (full).", "result"),
		reloads:    counter("config_reloads_total", "Configurations that were read, by result: good, bad.", "result"),
		clientsUp: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "client_connections",
			Help: "Clients that are connected now."}),
		hopsUp: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "nexthop_connections",
			Help: "Connections to next hops that are open now, idle ones included."}),
		octets: prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "message_bytes_total",
			Help: "Octets of the message bodies received."}),
		took: histogram("message_seconds", "Time from MAIL to the next hop's verdict.",
			.001, .002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300),
		rewriting: histogram("rewrite_seconds", "Time spent on finding calendars and repairing them.",
			.00005, .0001, .0002, .0005, .001, .002, .005, .01, .05, .1, .5, 1, 5),
		signing: counter("dkim_signatures_total", "Outbound messages with an author whose domain has a key, by result: signed, failed (sent without a signature).", "result"),
		lastLoad: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "config_loaded_timestamp_seconds",
			Help: "When a configuration was last read, by result: good, bad."}, []string{"result"}),
		rejected: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "config_rejected",
			Help: "1 while the configuration file has errors and the previous configuration is in use."}),
		logLost: prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "log_lines_lost_total",
			Help: "Lines that could not be written to the log."}),
		certEnds: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "certificate_ends_timestamp_seconds",
			Help: "When a certificate ends, by the key of the configuration that names it."}, []string{"key"}),
		unsent: prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "syslog_lines_lost_total",
			Help: "Lines that the syslog server did not get."}),
		logOK: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "log_writable",
			Help: "0 while the log cannot be written to its destination."}),
		known: make(map[string]bool, len(findings)),
	}
	for _, id := range findings {
		m.known[id] = true
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "build_info",
		Help: "Always 1; the label is the version."}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	m.registry.MustRegister(build, m.messages, m.meetings, m.findings, m.vetoes, m.fallbacks, m.recipients, m.clients, m.clientsUp,
		m.hops, m.hopsUp, m.octets, m.took, m.rewriting, m.signing, m.reloads, m.lastLoad, m.rejected, m.logLost, m.unsent, m.certEnds, m.logOK,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.preset(findings)
	return m
}

const namespace = "reconvene"

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func histogram(name, help string, buckets ...float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets})
}

// handler serves the metrics in the text format of Prometheus.
func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Register adds the metrics of another package to the registry. It panics on a
// duplicate.
func (m *Metrics) Register(c prometheus.Collector) { m.registry.MustRegister(c) }

// Describe describes all metrics, also those without a value yet.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) { m.registry.Describe(ch) }

// Message counts a message, its recipients and, when it had one, its calendar.
// e.Route must come from the configuration. It implements [Sink].
func (m *Metrics) Message(e *Event) {
	if m == nil {
		return
	}
	m.messages.WithLabelValues(e.Route, known(e.Outcome)).Inc()
	for _, r := range e.Recipients {
		m.recipients.WithLabelValues(e.Route, r.Verdict.Class()).Inc()
	}
	m.octets.Add(float64(max(e.Size, 0)))
	m.took.Observe(e.Took.Seconds())
	if e.Meeting == nil {
		return
	}
	name := ""
	if list := e.Meeting.Components(); len(list) > 0 {
		name = list[0].Received.Method
	}
	m.meetings.WithLabelValues(method(name), known(e.Outcome)).Inc()
	for _, id := range e.Meeting.Findings {
		applied := "false"
		if slices.Contains(e.Meeting.Applied, id) {
			applied = "true"
		}
		m.findings.WithLabelValues(m.id(id), applied).Inc()
	}
	for _, id := range e.Meeting.Vetoed {
		m.vetoes.WithLabelValues(m.id(id)).Inc()
	}
}

func known(o delivery.Outcome) string {
	if !slices.Contains(delivery.Outcomes(), o) {
		return "other"
	}
	return string(o)
}

// id returns the finding ID, or "other" for an unknown one.
func (m *Metrics) id(id string) string {
	if m.known[id] {
		return id
	}
	return "other"
}

func method(s string) string {
	if s == "" {
		return "none"
	}
	if s = strings.ToUpper(s); slices.Contains(methods, s) {
		return s
	}
	return "other"
}

// Fallback implements delivery.Metrics.
func (m *Metrics) Fallback(form, result string) {
	if m != nil {
		m.fallbacks.WithLabelValues(form, result).Inc()
	}
}

// Rewriting implements delivery.Metrics.
func (m *Metrics) Rewriting(d time.Duration) {
	if m != nil {
		m.rewriting.Observe(d.Seconds())
	}
}

// Signing implements delivery.Metrics.
func (m *Metrics) Signing(done bool) {
	if m == nil {
		return
	}
	result := "failed"
	if done {
		result = "signed"
	}
	m.signing.WithLabelValues(result).Inc()
}

// clientUp counts a client that was accepted; clientDown is called when its
// connection ends.
func (m *Metrics) clientUp() {
	if m != nil {
		m.clients.WithLabelValues("accepted").Inc()
		m.clientsUp.Inc()
	}
}

// clientDown counts the end of a connection that clientUp counted.
func (m *Metrics) clientDown() {
	if m != nil {
		m.clientsUp.Dec()
	}
}

// clientRefused counts a client that was refused.
func (m *Metrics) clientRefused() {
	if m != nil {
		m.clients.WithLabelValues("refused").Inc()
	}
}

// hopUp counts a connection to a next hop that was opened.
func (m *Metrics) hopUp() {
	if m != nil {
		m.hops.WithLabelValues("opened").Inc()
		m.hopsUp.Inc()
	}
}

// hopDown counts the end of a connection that hopUp counted.
func (m *Metrics) hopDown() {
	if m != nil {
		m.hopsUp.Dec()
	}
}

// hopReused counts a transaction that needed no new connection.
func (m *Metrics) hopReused() {
	if m != nil {
		m.hops.WithLabelValues("reused").Inc()
	}
}

// hopFailed counts a host that could not be used.
func (m *Metrics) hopFailed() {
	if m != nil {
		m.hops.WithLabelValues("failed").Inc()
	}
}

// hopFull counts a host that accepts no further connection.
func (m *Metrics) hopFull() {
	if m != nil {
		m.hops.WithLabelValues("full").Inc()
	}
}

// Reload counts a reading of the configuration, by its result and time.
func (m *Metrics) Reload(good bool, at time.Time) {
	if m == nil {
		return
	}
	result := "bad"
	m.rejected.Set(1)
	if good {
		result = "good"
		m.rejected.Set(0)
	}
	m.reloads.WithLabelValues(result).Inc()
	m.lastLoad.WithLabelValues(result).Set(float64(at.Unix()))
}

// Certificates sets the expiry times of the certificates, by the key of the
// configuration that names each.
func (m *Metrics) Certificates(ends map[string]time.Time) {
	if m == nil {
		return
	}
	m.certEnds.Reset()
	for key, end := range ends {
		m.certEnds.WithLabelValues(key).Set(float64(end.Unix()))
	}
}

// Syslog counts lines that a syslog server did not get.
func (m *Metrics) Syslog(lost int) {
	if m != nil {
		m.unsent.Add(float64(lost))
	}
}

// Log counts lines that could not be written to the log, and notes whether it
// can be written now.
func (m *Metrics) Log(lost int, writable bool) {
	if m == nil {
		return
	}
	m.logLost.Add(float64(lost))
	if m.logOK.Set(0); writable {
		m.logOK.Set(1)
	}
}

package relay

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
)

// classes are the values of the label verdict, see [envelope.Verdict.Class].
var classes = []string{"delivered", "deferred", "refused", "aborted", envelope.Queued, envelope.Bounced, envelope.Expired, envelope.Removed}

// preset creates each counter with known labels at 0: a series that begins with its
// first event has no rate for that event.
func (m *Metrics) preset(findings []string) {
	var ends []string
	for _, o := range delivery.Outcomes() {
		ends = append(ends, string(o))
	}
	each(m.meetings, append([]string{"none", "other"}, methods...), ends)
	each(m.findings, findings, []string{"true", "false"})
	each(m.vetoes, findings)
	each(m.fallbacks, delivery.Forms(), append([]string{delivery.NoSuchForm, delivery.GivenUp}, classes...))
	each(m.clients, []string{"accepted", "refused"})
	each(m.hops, []string{"opened", "reused", "failed", "full"})
	each(m.signing, []string{"signed", "failed"})
	each(m.reloads, []string{"good", "bad"})
	m.presetRoutes("")
}

// presetRoutes creates the counters of the routes of the configuration at 0. The
// name "" stands for mail whose recipients have no route.
func (m *Metrics) presetRoutes(names ...string) {
	if m == nil {
		return
	}
	for _, name := range names {
		for _, o := range delivery.Outcomes() {
			m.messages.WithLabelValues(name, string(o))
		}
		for _, v := range classes {
			m.recipients.WithLabelValues(name, v)
		}
	}
}

// each creates a counter for every combination of the labels' values.
func each(c *prometheus.CounterVec, labels ...[]string) {
	combinations := [][]string{nil}
	for _, values := range labels {
		var longer [][]string
		for _, before := range combinations {
			for _, v := range values {
				longer = append(longer, append(slices.Clone(before), v))
			}
		}
		combinations = longer
	}
	for _, values := range combinations {
		c.WithLabelValues(values...)
	}
}

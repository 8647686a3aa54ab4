package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/reconvene/reconvene/relay/ledger"
)

// ledgerMetrics shows the numbers of the ledger that is in use; zeros without
// one.
type ledgerMetrics struct{ holder *ledgerHolder }

func ledgerDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("reconvene_"+name, help, nil, nil)
}

var ledgerDescs = [...]*prometheus.Desc{
	ledgerDesc("ledger_records_total", "Meeting messages recorded in the ledger."),
	ledgerDesc("ledger_records_lost_total", "Meeting messages that could not be recorded."),
	ledgerDesc("ledger_records_waiting", "Meeting messages that wait in memory because the ledger cannot be written."),
	ledgerDesc("ledger_writable", "1 if the ledger is in use and can be written, otherwise 0."),
	ledgerDesc("ledger_lookups_total", "Look-ups of earlier messages for a repair."),
	ledgerDesc("ledger_lookups_failed_total", "Look-ups for a repair that got no reply in time."),
	ledgerDesc("ledger_lookup_seconds_total", "Time spent on look-ups for repairs."),
	ledgerDesc("cluster_connected", "1 if the ledger is shared with other relays and NATS can be reached, otherwise 0."),
	ledgerDesc("cluster_waiting", "Changes of the ledger that the other relays have not been told yet."),
	ledgerDesc("cluster_applied_total", "Changes that other relays told."),
	ledgerDesc("not_notified", "Attendees without the newest revision of a meeting, according to what was sent through this server."),
}

// Describe implements [prometheus.Collector].
func (ledgerMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range ledgerDescs {
		out <- d
	}
}

// Collect implements [prometheus.Collector].
func (m ledgerMetrics) Collect(out chan<- prometheus.Metric) {
	var c ledger.Counts
	writable := 0.0
	if l := m.holder.get(); l != nil {
		if c = l.Counts(); !c.Trouble {
			writable = 1
		}
	}
	shared, _ := m.holder.Cluster()
	connected := 0.0
	if shared.Connected {
		connected = 1
	}
	for i, v := range []float64{float64(c.Written), float64(c.Lost), float64(c.Waiting), writable, float64(c.Recalls), float64(c.RecallsFailed), c.RecallTook.Seconds(),
		connected, float64(shared.Waiting), float64(shared.Applied), float64(c.Missing)} {
		kind := prometheus.GaugeValue
		if i < 2 || i >= 4 && i < 7 || i == 9 {
			kind = prometheus.CounterValue
		}
		out <- prometheus.MustNewConstMetric(ledgerDescs[i], kind, v)
	}
}

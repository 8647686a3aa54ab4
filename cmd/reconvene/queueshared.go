package main

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/reconvene/reconvene/relay/cluster"
	"github.com/reconvene/reconvene/relay/queue/jetstream"
)

// sharedQueueMetrics shows the numbers of the queue of several relays. It has no values
// without such a queue, and none that are not known: a 0 would be a statement, and an alert.
type sharedQueueMetrics struct {
	get func() (jetstream.Status, bool)
}

var sharedQueueDescs = [...]*prometheus.Desc{
	queueDesc("nats_connected", "1 if the queue in NATS can be reached and used, otherwise 0."),
	queueDesc("nats_errors_total", "Requests to NATS for the queue that failed, also when they were repeated."),
	queueDesc("partitions", "Partitions of the queue in NATS."),
	queueDesc("partitions_held", "Partitions of the queue whose messages this relay sends."),
	queueDesc("partitions_free", "Partitions of the queue whose messages no relay sends."),
	queueDesc("cluster_messages", "Messages in the queue in NATS, those of all relays."),
}

// Describe implements [prometheus.Collector].
func (sharedQueueMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range sharedQueueDescs {
		out <- d
	}
}

// Collect implements [prometheus.Collector].
func (m sharedQueueMetrics) Collect(out chan<- prometheus.Metric) {
	s, ok := m.get()
	if !ok {
		return
	}
	connected := 0.0
	if s.Trouble == nil {
		connected = 1
	}
	values := []float64{connected, float64(s.Errors), float64(s.Partitions), float64(s.Held), float64(s.Free), float64(s.Messages)}
	if !s.Known {
		values = values[:4]
	}
	for i, v := range values {
		kind := prometheus.GaugeValue
		if i == 1 {
			kind = prometheus.CounterValue
		}
		out <- prometheus.MustNewConstMetric(sharedQueueDescs[i], kind, v)
	}
}

// sharedStatus returns how the queue of several relays is; false when there is none.
func (d *daemon) sharedStatus() (jetstream.Status, bool) {
	if d.shared == nil {
		return jetstream.Status{}, false
	}
	return d.shared.Status(), true
}

// queueTrouble returns why messages cannot be stored in the queue, or not sent, or nil.
func (d *daemon) queueTrouble() error {
	if s, ok := d.sharedStatus(); ok && s.Trouble != nil {
		return fmt.Errorf("the queue in NATS cannot be used, clients are told to try again and nothing is sent: %w%s", s.Trouble, cluster.Remedy(s.Trouble))
	}
	if s := d.serving.Load(); s != nil {
		return s.QueueTrouble()
	}
	return nil
}

package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/reconvene/reconvene/relay/queue"
)

// queueMetrics shows the numbers of the queue; zeros without one.
type queueMetrics struct{ get func() *queue.Queue }

func queueDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("reconvene_queue_"+name, help, nil, nil)
}

var queueDescs = [...]*prometheus.Desc{
	queueDesc("messages", "Messages in the queue."),
	queueDesc("messages_held", "Messages in the queue that an administrator has held."),
	queueDesc("deliveries", "Messages of the queue that are being sent now."),
	queueDesc("destinations_failing", "Destinations of the queue that wait because they could not be used."),
	queueDesc("oldest_seconds", "Age of the oldest message in the queue."),
}

// Describe implements [prometheus.Collector].
func (queueMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range queueDescs {
		out <- d
	}
}

// Collect implements [prometheus.Collector].
func (m queueMetrics) Collect(out chan<- prometheus.Metric) {
	var s queue.Stats
	if q := m.get(); q != nil {
		s = q.Stats()
	}
	for i, v := range []float64{float64(s.Messages), float64(s.Held), float64(s.Running), float64(s.Failing), s.Oldest.Seconds()} {
		out <- prometheus.MustNewConstMetric(queueDescs[i], prometheus.GaugeValue, v)
	}
}

// queue returns the queue of the server; nil while there is none.
func (d *daemon) queue() *queue.Queue {
	if s := d.serving.Load(); s != nil {
		return s.Queue()
	}
	return nil
}

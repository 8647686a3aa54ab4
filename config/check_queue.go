package config

import (
	"fmt"
	"slices"
	"time"
)

// checkQueue reports what cannot be meant in [queue].
func checkQueue(l *loader, cfg *Config) {
	q := cfg.Queue
	oneOf(l, "queue.engine", q.Engine, QueueDirectory, QueueNATS)
	if q.Engine == QueueNATS {
		checkQueueNATS(l, cfg)
	}
	if cfg.UsesQueue() && q.Engine != QueueNATS && cfg.QueueDirectory() == "" {
		l.fail("queue.directory", `is missing: a listener has handoff = "queue", and there is no [state] directory`, "name a folder for the messages, on a disk that is not shared")
	}
	within(l, "queue.expire", q.Expire, time.Minute, 30*24*time.Hour, "2d")
	within(l, "queue.delay_notice", q.DelayNotice, 0, 30*24*time.Hour, "4h")
	within(l, "queue.delay_notice_meeting", q.DelayNoticeMeeting, 0, 30*24*time.Hour, "15m")
	within(l, "queue.retry_first", q.RetryFirst, time.Second, 24*time.Hour, "1m")
	within(l, "queue.retry_most", q.RetryMost, time.Second, 24*time.Hour, "1h")
	if q.RetryFirst > q.RetryMost {
		l.fail("queue.retry_first", fmt.Sprintf("%v is longer than retry_most (%v)", q.RetryFirst, q.RetryMost), `write for example retry_first = "1m" and retry_most = "1h"`)
	}
	if q.DelayNotice > 0 && q.DelayNotice >= q.Expire {
		l.warn("queue.delay_notice", fmt.Sprintf("%v is not before expire (%v): nobody is told of a delay", q.DelayNotice, q.Expire), `write for example "4h"`)
	}
	for _, n := range []struct {
		path       string
		value, min int
		good       string
	}{{"queue.concurrency", q.Concurrency, 1, "20"}, {"queue.workers", q.Workers, 1, "200"}, {"queue.rate", q.Rate, 0, "0"}} {
		if n.value < n.min || n.value > 100_000 {
			l.fail(n.path, fmt.Sprintf("%d is out of range", n.value), fmt.Sprintf("write from %d to 100000; %s is good", n.min, n.good))
		}
	}
}

// checkQueueNATS reports what the queue of several relays lacks.
func checkQueueNATS(l *loader, cfg *Config) {
	c := cfg.Cluster
	if !c.InUse() {
		l.fail("queue.engine", `"nats" needs [cluster] nats or embedded`, `name the NATS servers, or set engine = "directory"`)
	}
	if cfg.Queue.MaxSize < 100_000_000 {
		l.fail("queue.max_size", fmt.Sprintf("%v is too small", cfg.Queue.MaxSize), `write at least "100MB"; "4GB" is good`)
	}
	if c.Replicas < 3 {
		l.warn("cluster.replicas", fmt.Sprintf("%d is not enough for mail: when the disk of a NATS server is lost, mail that was accepted is lost", c.Replicas), "write 3, with three NATS servers")
	} else if c.Replicas%2 == 0 {
		l.warn("cluster.replicas", fmt.Sprintf("%d replicas survive no more than %d do", c.Replicas, c.Replicas-1), "write an odd number")
	}
}

// checkQueueNeeded reports what only a queue does well.
func checkQueueNeeded(l *loader, cfg *Config) {
	if cfg.UsesQueue() {
		return
	}
	for i := range cfg.Routes {
		r, path := &cfg.Routes[i], element("route", i)
		if slices.Equal(r.Via, []string{"mx"}) {
			l.warn(path+".via", `"mx" without a queue: a message to several domains is accepted for the first of them only, and the client has to send it again to the others`, `set handoff = "queue" on the listener, unless every client does that`)
		}
		if len(r.Fallback) > 0 {
			l.warn(path+".fallback", "has no effect: it is for further attempts, which only a queue makes", `set handoff = "queue" on the listener, or name the hosts in via`)
		}
	}
}

// within reports a duration that is out of range.
func within(l *loader, path string, d, low, high time.Duration, good string) {
	if d < low || d > high {
		l.fail(path, fmt.Sprintf("%v is out of range", d), fmt.Sprintf("write from %q to %q; %q is good", shortDuration(low), shortDuration(high), good))
	}
}

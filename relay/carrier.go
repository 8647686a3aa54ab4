package relay

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/convert"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/queue"
)

// carrier sends the messages of the queue by the same engines as those of a session.
// Each group of recipients with one route and one profile gets a transaction of its
// own, with the message repaired for it.
type carrier struct{ *Server }

var _ queue.Carrier = carrier{}

// Destination implements queue.Carrier.
func (c carrier) Destination(m *queue.Message, r *queue.Recipient) queue.Destination {
	setup := c.setup.Load()
	route := c.routeFor(setup, r.Path)
	if route == nil {
		return queue.Destination{}
	}
	cfg := setup.cfg.Queue
	d := queue.Destination{Key: cmp.Or(route.Domain(), route.Name), Concurrency: cfg.Concurrency}
	if cfg.Rate > 0 {
		d.Interval = time.Minute / time.Duration(cfg.Rate)
	}
	return d
}

// routeFor returns the route of a recipient in a configuration, or nil.
func (c carrier) routeFor(setup *setup, path string) *nexthop.Route {
	return setup.router.routeOf(path)
}

// Carry implements queue.Carrier.
func (c carrier) Carry(ctx context.Context, m *queue.Message, body queue.Body, list []int, attempt int) []queue.Result {
	setup := c.setup.Load()
	results := make([]queue.Result, len(list))
	for _, group := range c.groups(setup, m, list) {
		at := make([]int, len(group))
		for i := range group {
			at[i] = list[group[i]]
		}
		for i, res := range c.carry(ctx, setup, m, body, at, attempt) {
			results[group[i]] = res
		}
	}
	return results
}

// carry makes an attempt for some recipients of a message, and when no host of the route
// can be used, a second one at once with its fallback: otherwise each message would wait
// for a pause first, for as long as these hosts are down.
func (c carrier) carry(ctx context.Context, setup *setup, m *queue.Message, body queue.Body, list []int, attempt int) []queue.Result {
	t := &sending{Server: c.Server, setup: setup, m: m, attempt: attempt, started: c.opt.Now(), route: c.routeFor(setup, m.Recipients[list[0]].Path)}
	t.ctx, t.dialogue = nexthop.Record(ctx)
	spare := t.route != nil && t.route.Fallback() != nil
	if spare && attempt > 1 {
		t.route = t.route.Fallback()
	}
	for _, at := range list {
		t.rcpts = append(t.rcpts, m.Recipients[at].Envelope())
	}
	results := t.send(body)
	used := slices.ContainsFunc(results, func(r queue.Result) bool { return !r.Failed })
	if used || !spare || attempt > 1 || ctx.Err() != nil {
		return results
	}
	return c.carry(ctx, setup, m, body, list, attempt+1)
}

// groups splits recipients by the profile that is known for their domain, so that each
// gets the repair that its system needs. The numbers are indexes in list.
func (c carrier) groups(setup *setup, m *queue.Message, list []int) [][]int {
	route := c.routeFor(setup, m.Recipients[list[0]].Path)
	known := c.opt.Delivery.Profile
	set := route != nil && route.Profile != "" && route.Profile != config.ProfileAuto
	byProfile := map[string][]int{}
	for i, at := range list {
		profile := ""
		if known != nil && !set && !m.Inbound {
			profile = known(m.Recipients[at].Domain())
		}
		byProfile[profile] = append(byProfile[profile], i)
	}
	groups := make([][]int, 0, len(byProfile))
	for _, group := range byProfile {
		groups = append(groups, group)
	}
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return groups
}

// sending is one transaction for a message of the queue. It implements
// [delivery.Caller].
type sending struct {
	*Server
	ctx     context.Context
	setup   *setup
	m       *queue.Message
	attempt int
	started time.Time
	route   *nexthop.Route
	rcpts   []envelope.Recipient
	taken   []envelope.Recipient
	hop     hop
	signed  []string // see Event.Signed

	dialogue *nexthop.Dialogue
}

var _ delivery.Caller = (*sending)(nil)

// send makes the attempt, and returns one result for each recipient.
func (t *sending) send(body queue.Body) []queue.Result {
	if t.route == nil {
		v := envelope.Refuse(550, [3]int{5, 4, 4}, "no route in the configuration accepts mail for this domain")
		return t.end(v, slices.Repeat([]envelope.Verdict{v}, len(t.rcpts)), nil)
	}
	t.hop = t.begin()
	defer func() { t.hop.Abort() }()
	from := t.m.Sender.Envelope()
	from.ALabels = true
	from.Size = t.m.Size + int64(len(t.m.Trace))
	verdicts := t.hop.Envelope(t.ctx, from, t.rcpts, true)
	if len(verdicts) != len(t.rcpts) { // a fault of ours
		verdicts = slices.Repeat([]envelope.Verdict{abortedHop{}.Deliver(nil, nil)}, len(t.rcpts))
	}
	for i, v := range verdicts {
		if v.OK() {
			t.taken = append(t.taken, t.rcpts[i])
		}
	}
	if len(t.taken) == 0 {
		return t.end(worst(verdicts), verdicts, nil)
	}
	r := t.deliver(body)
	t.signed = r.Signed
	for i, v := range verdicts {
		if v.OK() {
			verdicts[i] = r.Verdict
		}
	}
	return t.end(r.Verdict, verdicts, r.Meeting)
}

// deliver sends the body to the recipients that were accepted.
func (t *sending) deliver(body queue.Body) delivery.Result {
	d := t.delivery.Begin(t.ctx, delivery.Message{
		Config: t.setup.cfg, Hostname: t.setup.cfg.Hostname, Inbound: t.m.Inbound, MaxSize: t.m.MaxSize,
		Newlines: config.BareNewlines(t.m.Newlines), From: t.m.Sender.Envelope(), Recipients: t.taken, Route: t.route, Hop: t.hop, Keys: t.setup.keys,
		Convert: true, Regular: func() bool { return t.m.Regular || regular(body) },
	}, t, t.observer())
	defer d.Close()
	if err := copyBody(d, body); err != nil {
		return delivery.Result{Verdict: d.Abort(err)}
	}
	return d.Finish()
}

// regular reports whether nothing is to be converted in the lines of a body.
func regular(body queue.Body) bool {
	var l convert.Lines
	return copyBody(&l, body) == nil && l.Regular()
}

// copyBody passes a body on in pieces. Most are small, and so is their buffer.
func copyBody(to io.Writer, body queue.Body) error {
	buffer := make([]byte, max(1, min(body.Size(), 32<<10)))
	_, err := io.CopyBuffer(onlyWriter{to}, io.NewSectionReader(body, 0, body.Size()), buffer)
	return err
}

// onlyWriter hides other methods.
type onlyWriter struct{ io.Writer }

// end records the attempt and returns its results.
func (t *sending) end(v envelope.Verdict, verdicts []envelope.Verdict, meeting *delivery.Meeting) []queue.Result {
	e := t.queuedEvent(t.m, t.started)
	e.Attempt, e.Meeting, e.Signed, e.NextHop, e.Verdict = t.attempt, meeting, t.signed, v.Remote, v
	if t.route != nil {
		e.Route = t.route.Name
	}
	if t.hop != nil && meeting != nil {
		e.Greeted, e.Greets = t.hop.Greeting()
	}
	results := make([]queue.Result, len(verdicts))
	for i, v := range verdicts {
		results[i] = queue.Result{Verdict: v, Failed: unreachable(v) && !t.broken(v), Relayed: v.OK() && t.hop != nil && t.hop.LacksDSN()}
		if !v.OK() {
			results[i].Dialogue = t.dialogue.Lines(t.rcpts[i].Path)
		}
		if v.Code >= 500 {
			v.Queue = envelope.Bounced
		}
		e.Recipients = append(e.Recipients, RecipientEvent{Address: t.rcpts[i].Path, Verdict: v, NextHop: v.Remote})
	}
	e.Outcome = outcome(meeting, v, e.Recipients)
	t.notifySinks(e)
	return results
}

// unreachable reports whether a verdict is about the destination and not about one
// message: no host replied, or it accepts no mail at present (RFC 5321 §3.8).
func unreachable(v envelope.Verdict) bool {
	return v.Temporary() && (v.Remote == "" || v.Code == 421)
}

// broken reports whether a connection broke, or no valid reply came, after a host had
// accepted the sender. That may be caused by the message, as when a filter there fails on
// it; other mail must not wait for it.
func (t *sending) broken(v envelope.Verdict) bool {
	if v.Code != 451 || v.Remote != "" || t.hop == nil || t.ctx.Err() != nil {
		return false
	}
	line, profile := t.hop.Greeting() // empty until then
	return line != "" || profile != ""
}

func (t *sending) begin() hop { return t.setup.begin(nil, t.route) }

// Received implements delivery.Caller.
func (t *sending) Received() string { return t.m.Trace }

// Again implements delivery.Caller.
func (t *sending) Again() delivery.Hop { return t.begin() }

// Wait implements delivery.Caller. No client waits: only the end of the server ends
// the work early.
func (t *sending) Wait(_ time.Time, work func(ctx context.Context)) (gone bool) {
	work(t.ctx)
	return t.ctx.Err() != nil
}

// observer returns the log of what is done with the message.
func (t *sending) observer() *deliveryLog {
	conn := func() ConnEvent { return ConnEvent{Conn: t.m.Conn, Client: t.m.Client, Listener: t.m.Listener} }
	return &deliveryLog{log: t.opt.Log, conn: conn, id: t.m.ID, from: t.m.Sender.Path, route: t.route.Name, to: t.taken}
}

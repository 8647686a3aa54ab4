package relay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/nexthop"
)

// Readiness answers whether mail could go out now: each route has a host that
// could take mail. What else an administrator should see to is a warning beside
// it. It is safe for concurrent use.
type Readiness struct {
	// Reach asks the hosts of a route. It is set before the first Check.
	Reach func(context.Context, *nexthop.Route) []nexthop.HostState
	Now   func() time.Time // nil means time.Now

	// Doubts are asked for what does not keep mail from going out; nil is fine.
	// They are set before the first check.
	Doubts []func() error

	checking sync.Mutex // one check at a time; taken before mu
	mu       sync.Mutex
	routes   []*nexthop.Route
	problem  error // what is wrong with the configuration
	stopping bool
	verdict  error     // of the last check
	remarks  []error   // of the last check: routes with hosts that failed beside one that is good
	at       time.Time // when that was; zero when it does not count any more
}

const (
	// reachAge is how long the answer of a check holds: /readyz may be asked
	// often and by many, and the next hops should not notice.
	reachAge = 15 * time.Second
)

// Use takes the routes of a configuration that was loaded.
func (r *Readiness) Use(routes []*nexthop.Route) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.routes, r.problem, r.at = routes, nil, time.Time{}
}

// Reject notes that the configuration changed and is bad; the one from before
// is in use.
func (r *Readiness) Reject(problem error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problem = problem
}

// Stop makes every answer from now on "stopping", so that a load balancer looks
// elsewhere.
func (r *Readiness) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopping = true
}

// check returns what keeps mail from going out, or nil.
func (r *Readiness) check(ctx context.Context) error {
	r.checking.Lock()
	defer r.checking.Unlock()
	now := time.Now
	if r.Now != nil {
		now = r.Now
	}
	r.mu.Lock()
	routes, stale := r.routes, r.at.IsZero() || now().Sub(r.at) >= reachAge
	r.mu.Unlock()
	if stale {
		// Who asks may lose patience; the answer is kept for the next one.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), nexthop.MaxReach)
		defer cancel()
		remarks, verdict := r.reachAll(ctx, routes)
		r.mu.Lock()
		r.verdict, r.remarks, r.at = verdict, remarks, now()
		r.mu.Unlock()
	}
	return r.state()
}

// state puts together what is known.
func (r *Readiness) state() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.stopping:
		return errors.New("stopping")
	default:
		return r.verdict
	}
}

// warnings returns what an administrator should see to while mail goes out.
func (r *Readiness) warnings() []error {
	r.mu.Lock()
	list := slices.Clone(r.remarks)
	if r.problem != nil {
		list = append(list, fmt.Errorf("the changed configuration has errors, the previous one is in use: %w", r.problem))
	}
	r.mu.Unlock()
	for _, doubt := range r.Doubts {
		if err := doubt(); err != nil {
			list = append(list, err)
		}
	}
	return list
}

// reachAll asks the hosts of all routes at the same time. The verdict names the routes
// without a good host; remarks are the other routes with a host that failed.
func (r *Readiness) reachAll(ctx context.Context, routes []*nexthop.Route) (remarks []error, verdict error) {
	if len(routes) == 0 {
		return nil, errors.New("there is no route")
	}
	states := make([][]nexthop.HostState, len(routes))
	var all sync.WaitGroup
	for i, route := range routes {
		all.Go(func() { states[i] = r.Reach(ctx, route) })
	}
	all.Wait()
	var closed []error
	for i, route := range routes {
		var hosts []string
		bad := 0
		for _, h := range states[i] {
			if h.Err != nil {
				bad++
			}
			hosts = append(hosts, h.String())
		}
		switch list := strings.Join(hosts, "; "); {
		case bad == len(hosts):
			closed = append(closed, fmt.Errorf("no mail can go out by route %s: %s", route.Name, list))
		case bad > 0:
			remarks = append(remarks, fmt.Errorf("route %s: %d of %d hosts cannot be used: %s", route.Name, bad, len(hosts), list))
		}
	}
	if open := len(routes) - len(closed); open > 0 && len(closed) > 0 {
		closed = append(closed, fmt.Errorf("mail goes out by the other routes: %d of %d", open, len(routes)))
	}
	return remarks, errors.Join(closed...)
}

// AdminHandler serves / (what there is), /healthz (this process answers), /readyz (mail could go
// out) and /metrics. It shows no mail and no secret, and changes nothing.
func AdminHandler(ready *Readiness, metrics *Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		code, text := http.StatusOK, "ready"
		if err := ready.check(r.Context()); err != nil {
			code, text = http.StatusServiceUnavailable, err.Error()
		}
		for _, warning := range ready.warnings() {
			text += "\nwarning: " + strings.ReplaceAll(warning.Error(), "\n", "\nwarning: ")
		}
		answer(w, code, text)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, adminPage) })
	mux.Handle("GET /metrics", metrics.handler())
	return exactPaths(mux)
}

const adminPage = "Reconvene: an SMTP smart host that repairs meeting messages.\n\n/healthz  200 while the process runs\n/readyz   200 if mail can be sent now, otherwise 503 and the reason; lines that\n          begin with \"warning:\" do not stop mail\n/metrics  for Prometheus"

// exactPaths answers 404 to a path that is not written in its shortest form; the
// mux would send who asks for it to another one.
func exactPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if short := path.Clean(r.URL.Path); r.URL.Path != short && r.URL.Path != short+"/" {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// answer writes lines of plain text, cleaned like the log.
func answer(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	for line := range strings.SplitSeq(text, "\n") {
		_, _ = fmt.Fprintln(w, clean(line))
	}
}

// Reach is that of the engine that is in force.
func (s *Server) Reach(ctx context.Context, r *nexthop.Route) []nexthop.HostState {
	return s.setup.Load().next.Reach(ctx, r)
}

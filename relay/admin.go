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

// Readiness reports whether mail could be sent now: whether each route has a host
// that could accept mail. Other conditions that an administrator should look at are
// warnings. It is safe for concurrent use.
type Readiness struct {
	// Reach tries the hosts of a route. It is set before the first request.
	Reach func(context.Context, *nexthop.Route) []nexthop.HostState
	Now   func() time.Time // nil means time.Now

	// Doubts return further warnings: conditions that do not keep mail from being
	// sent; a nil error is none. They are set before the first request.
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
	// reachAge is how long the result of a check is used: frequent requests of
	// /readyz must not load the next hops.
	reachAge = 15 * time.Second
)

// Use sets the routes of a configuration that was loaded, and ends the warning of
// Reject.
func (r *Readiness) Use(routes []*nexthop.Route) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.routes, r.problem, r.at = routes, nil, time.Time{}
}

// Reject records that the configuration was changed and has an error; the previous
// one is in use.
func (r *Readiness) Reject(problem error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problem = problem
}

// Stop makes every later check fail with "stopping", so that a load balancer uses
// another server.
func (r *Readiness) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopping = true
}

// check returns why mail could not be sent, or nil. The hosts are tried at most once
// in reachAge.
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
		// The client may disconnect; the result is kept for the next request.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), nexthop.MaxReach)
		defer cancel()
		remarks, verdict := r.reachAll(ctx, routes)
		r.mu.Lock()
		r.verdict, r.remarks, r.at = verdict, remarks, now()
		r.mu.Unlock()
	}
	return r.state()
}

// state returns the result of the last check.
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

// warnings returns what an administrator should look at although mail is sent.
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

// reachAll tries the hosts of all routes at the same time. The verdict names the
// routes without a working host; remarks are the other routes with a host that
// failed.
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

// AdminHandler serves / (a list of the pages), /healthz (this process answers),
// /readyz (mail could be sent now) and /metrics. It shows no mail and no secret, and
// changes nothing.
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

// exactPaths answers 404 to a path that is not in its shortest form; the mux would
// redirect the client.
func exactPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if short := path.Clean(r.URL.Path); r.URL.Path != short && r.URL.Path != short+"/" {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// answer writes lines of plain text; values are cleaned as in the log.
func answer(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	for line := range strings.SplitSeq(text, "\n") {
		_, _ = fmt.Fprintln(w, clean(line))
	}
}

// Reach tries the hosts of a route with the engine of the current configuration; see
// [nexthop.Engine.Reach].
func (s *Server) Reach(ctx context.Context, r *nexthop.Route) []nexthop.HostState {
	return s.setup.Load().next.Reach(ctx, r)
}

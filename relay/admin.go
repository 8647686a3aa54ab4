package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Readiness answers whether mail could go out now: the configuration is good
// and each route has a host that greets us. It is safe for concurrent use.
type Readiness struct {
	// Dial connects to a next hop; nil means net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	Now  func() time.Time // nil means time.Now

	checking sync.Mutex // one check at a time; taken before mu
	mu       sync.Mutex
	routes   []*Route
	problem  error // what is wrong with the configuration
	stopping bool
	verdict  error     // of the last check
	at       time.Time // when that was; zero when it does not count any more
}

const (
	// reachAge is how long the answer of a check holds: /readyz may be asked
	// often and by many, and the next hops should not notice.
	reachAge = 15 * time.Second
	// reachTimeout is how long one check may take in all.
	reachTimeout = 5 * time.Second
)

// Use takes the routes of a configuration that was loaded.
func (r *Readiness) Use(routes []*Route) {
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

// Check returns what keeps mail from going out, or nil.
func (r *Readiness) Check(ctx context.Context) error {
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
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reachTimeout)
		defer cancel()
		verdict := r.reachAll(ctx, routes)
		r.mu.Lock()
		r.verdict, r.at = verdict, now()
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
	case r.problem != nil:
		return errors.Join(fmt.Errorf("the configuration is bad, the one from before is in use: %w", r.problem), r.verdict)
	default:
		return r.verdict
	}
}

// reachAll tries the routes at the same time.
func (r *Readiness) reachAll(ctx context.Context, routes []*Route) error {
	if len(routes) == 0 {
		return errors.New("there is no route")
	}
	errs := make([]error, len(routes))
	var all sync.WaitGroup
	for i, route := range routes {
		all.Go(func() { errs[i] = r.reachAny(ctx, route) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// reachAny is content with the first host of a route that answers.
func (r *Readiness) reachAny(ctx context.Context, route *Route) error {
	var errs []string
	for _, via := range route.Via {
		err := r.reach(ctx, via, route.TLS == "implicit")
		if err == nil {
			return nil
		}
		errs = append(errs, err.Error())
	}
	return fmt.Errorf("route %s: %s", route.Name, strings.Join(errs, "; "))
}

// reach waits for a greeting of 220. With implicit TLS a connection must do.
func (r *Readiness) reach(ctx context.Context, via string, implicit bool) error {
	dial := r.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(ctx, "tcp", via)
	if err != nil {
		return fmt.Errorf("%s: %w", via, err)
	}
	defer conn.Close()
	if implicit {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	var greeting [4]byte
	for n := 0; n < len(greeting); {
		m, err := conn.Read(greeting[n:])
		if n += m; err != nil && n < len(greeting) {
			return fmt.Errorf("%s: no greeting: %w", via, err)
		}
	}
	if string(greeting[:3]) != "220" {
		return fmt.Errorf("%s: greeted with %q", via, greeting[:3])
	}
	// Polite, and nobody waits for the answer.
	_, _ = conn.Write([]byte("QUIT\r\n"))
	return nil
}

// AdminHandler serves /healthz (this process answers), /readyz (mail could go
// out) and /metrics. It shows no mail and no secret, and changes nothing.
func AdminHandler(ready *Readiness, metrics *Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := ready.Check(r.Context()); err != nil {
			answer(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		answer(w, http.StatusOK, "ready")
	})
	mux.Handle("GET /metrics", metrics.Handler())
	return exactPaths(mux)
}

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

package relay

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/nexthop"
)

// fakeNet answers for hosts by name: the error of one that cannot be used, or
// nil.
type fakeNet struct {
	hosts map[string]error
	asked atomic.Int32
}

func (f *fakeNet) reach(ctx context.Context, r *nexthop.Route) []nexthop.HostState {
	f.asked.Add(1)
	var list []nexthop.HostState
	for _, via := range r.Via {
		err, known := f.hosts[via]
		if ctx.Err() != nil || !known {
			err = errors.New("connect: connection\x1b refused")
		}
		list = append(list, nexthop.HostState{Host: via, Err: err})
	}
	return list
}

func TestReadiness(t *testing.T) {
	hosts := map[string]error{"good:25": nil, "busy:25": errors.New("greeting: 421 busy")}
	for _, c := range []struct {
		name   string
		routes []*nexthop.Route
		want   string // part of the error; "" means ready
	}{
		{"one good", []*nexthop.Route{{Name: "*", Via: []string{"good:25"}}}, ""},
		{"second host good", []*nexthop.Route{{Name: "*", Via: []string{"dead:25", "good:25"}}}, ""},
		{"no host", []*nexthop.Route{{Name: "*", Via: []string{"dead:25", "busy:25"}}}, "no mail can go out by route *: dead:25: connect: connection"},
		{"each by itself", []*nexthop.Route{{Name: "*", Via: []string{"dead:25", "busy:25"}}}, "; busy:25: greeting: 421 busy"},
		{"one of two routes", []*nexthop.Route{{Name: "*", Via: []string{"good:25"}}, {Name: "x.example", Via: []string{"dead:25"}}}, "no mail can go out by route x.example: dead:25: connect: connection\x1b refused, after 0s\nmail goes out by the other routes: 1 of 2"},
		{"none", nil, "there is no route"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &Readiness{Reach: (&fakeNet{hosts: hosts}).reach}
			r.Use(c.routes)
			err := r.check(t.Context())
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// A host that fails beside a good one is a warning: mail goes out.
func TestReadinessWarnsOfAHost(t *testing.T) {
	r := &Readiness{Reach: (&fakeNet{hosts: map[string]error{"good:25": nil, "busy:25": errors.New("greeting: 421 busy")}}).reach}
	r.Use([]*nexthop.Route{{Name: "*", Via: []string{"busy:25", "good:25"}}, {Name: "x.example", Via: []string{"good:25"}}})
	w := httptest.NewRecorder()
	AdminHandler(r, NewMetrics("1", nil)).ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	want := "ready\nwarning: route *: 1 of 2 hosts cannot be used: busy:25: greeting: 421 busy, after 0s; good:25: good, after 0s\n"
	if w.Code != 200 || w.Body.String() != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestReadinessIsCached(t *testing.T) {
	f := &fakeNet{hosts: map[string]error{}}
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	r := &Readiness{Reach: f.reach, Now: func() time.Time { return now }}
	routes := []*nexthop.Route{{Name: "*", Via: []string{"next:25"}}}
	r.Use(routes)
	ask := func(ready bool, dials int32) {
		t.Helper()
		if err := r.check(t.Context()); (err == nil) != ready {
			t.Errorf("got %v", err)
		}
		if n := f.asked.Load(); n != dials {
			t.Errorf("%d dials, want %d", n, dials)
		}
	}
	ask(false, 1)
	f.hosts["next:25"] = nil
	ask(false, 1) // known for a while
	now = now.Add(reachAge)
	ask(true, 2)
	r.Reject(errors.New("line 7"))
	ask(true, 2) // mail goes out by the configuration from before
	if w := r.warnings(); len(w) != 1 || !strings.Contains(w[0].Error(), "line 7") {
		t.Errorf("warnings: %v", w)
	}
	r.Use(routes)
	if w := r.warnings(); len(w) != 0 {
		t.Errorf("warnings: %v", w)
	}
	ask(true, 3) // a new configuration is tried at once
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	now = now.Add(reachAge)
	if err := r.check(gone); err != nil {
		t.Errorf("who asked has gone, and the answer is wrong for the next: %v", err)
	}
	r.Stop()
	ask(false, 4)
}

func TestAdminHandler(t *testing.T) {
	r := &Readiness{Reach: (&fakeNet{}).reach}
	r.Use([]*nexthop.Route{{Name: "*", Via: []string{"dead:25"}}})
	h := AdminHandler(r, NewMetrics("1", nil))
	for _, c := range []struct {
		method, path string
		code         int
		want         string
	}{
		{"GET", "/healthz", 200, "ok\n"},
		{"HEAD", "/healthz", 200, ""},
		{"POST", "/healthz", 405, ""},
		{"GET", "/readyz", 503, "dead:25"},
		{"GET", "/metrics", 200, "reconvene_build_info"},
		{"GET", "/", 200, "/readyz"},
		{"GET", "/nothing", 404, ""},
		{"GET", "/debug/pprof/", 404, ""},
	} {
		t.Run(c.method+c.path, func(t *testing.T) {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
			if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("got %d %q", w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "\x1b") {
				t.Error("a control character came through")
			}
		})
	}
}

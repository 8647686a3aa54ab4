package relay

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// fakeNet answers dials by address: a greeting, or nothing for "refused".
type fakeNet struct {
	greetings map[string]string
	dials     atomic.Int32
}

func (f *fakeNet) dial(ctx context.Context, _, address string) (net.Conn, error) {
	f.dials.Add(1)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	greeting, ok := f.greetings[address]
	if !ok {
		return nil, errors.New("connection\x1b refused")
	}
	ours, theirs := net.Pipe()
	go func() {
		_, _ = theirs.Write([]byte(greeting))
		if !strings.HasSuffix(greeting, "\n") {
			theirs.Close()
		}
	}()
	go func() { _, _ = io.Copy(io.Discard, theirs) }() // a pipe has no buffer; ends with our side
	return ours, nil
}

func TestReadiness(t *testing.T) {
	greetings := map[string]string{
		"good:25": "220 good.example.net ESMTP\r\n", "busy:25": "421 busy\r\n", "short:25": "22",
		"tls:465": "",
	}
	for _, c := range []struct {
		name   string
		routes []*Route
		want   string // part of the error; "" means ready
	}{
		{"one good", []*Route{{Name: "*", Via: []string{"good:25"}}}, ""},
		{"second host good", []*Route{{Name: "*", Via: []string{"dead:25", "good:25"}}}, ""},
		{"no host", []*Route{{Name: "*", Via: []string{"dead:25", "busy:25"}}}, `route *: dead:25: connection`},
		{"bad greeting", []*Route{{Name: "*", Via: []string{"busy:25"}}}, `greeted with "421"`},
		{"cut greeting", []*Route{{Name: "*", Via: []string{"short:25"}}}, "no greeting"},
		{"implicit tls has no greeting", []*Route{{Name: "*", TLS: "implicit", Via: []string{"tls:465"}}}, ""},
		{"one of two routes", []*Route{{Name: "*", Via: []string{"good:25"}}, {Name: "x.example", Via: []string{"dead:25"}}}, "route x.example"},
		{"none", nil, "there is no route"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &Readiness{Dial: (&fakeNet{greetings: greetings}).dial}
			r.Use(c.routes)
			err := r.Check(t.Context())
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestReadinessIsCached(t *testing.T) {
	f := &fakeNet{greetings: map[string]string{}}
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	r := &Readiness{Dial: f.dial, Now: func() time.Time { return now }}
	routes := []*Route{{Name: "*", Via: []string{"next:25"}}}
	r.Use(routes)
	ask := func(ready bool, dials int32) {
		t.Helper()
		if err := r.Check(t.Context()); (err == nil) != ready {
			t.Errorf("got %v", err)
		}
		if n := f.dials.Load(); n != dials {
			t.Errorf("%d dials, want %d", n, dials)
		}
	}
	ask(false, 1)
	f.greetings["next:25"] = "220 next\r\n"
	ask(false, 1) // known for a while
	now = now.Add(reachAge)
	ask(true, 2)
	r.Reject(errors.New("line 7"))
	ask(false, 2) // a bad file, whatever the next hop says
	r.Use(routes)
	ask(true, 3) // a new configuration is tried at once
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	now = now.Add(reachAge)
	if err := r.Check(gone); err != nil {
		t.Errorf("who asked has gone, and the answer is wrong for the next: %v", err)
	}
	r.Stop()
	ask(false, 4)
}

func TestAdminHandler(t *testing.T) {
	r := &Readiness{Dial: (&fakeNet{}).dial}
	r.Use([]*Route{{Name: "*", Via: []string{"dead:25"}}})
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
		{"GET", "/", 404, ""},
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

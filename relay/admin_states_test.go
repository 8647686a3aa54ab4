package relay

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// pairStates are what a first host can be like beside one that works.
var pairStates = []struct {
	name  string
	on    func(line string) string // replies of the first host
	first string                   // who gets the mail: the first host, or "" for the second
	line  string                   // of /readyz about the first; "": nothing is wrong
}{
	{name: "hung", on: func(line string) string { return smtptest.Stall }, line: "192.0.2.1:25: greeting: no reply in time, after 5s"},
	{name: "slow", on: func(line string) string { time.Sleep(3 * time.Second); return "" }, first: "250"},
	{name: "refusing", on: func(line string) string {
		if line == "" {
			return "554 5.3.2 no service"
		}
		return ""
	}, line: "192.0.2.1:25: greeting: 554 5.3.2 no service, after 0s"},
	{name: "greylisting", on: func(line string) string {
		if strings.HasPrefix(line, "RCPT") {
			return "450 4.2.0 greylisted"
		}
		return ""
	}, first: "450"},
	{name: "half dead", on: func(line string) string {
		if strings.HasPrefix(line, "MAIL") {
			return smtptest.Stall
		}
		return ""
	}, line: "192.0.2.1:25: mail: no reply in time, after 5s"},
}

// With the defaults, mail is with the second host within 35 seconds, and /readyz and
// the probe say what is so: before the first delivery, as far as they can, and after it.
func TestReadyzOfPairs(t *testing.T) {
	for _, tt := range pairStates {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testPair(t, tt.on, tt.first, tt.line) })
		})
	}
}

func testPair(t *testing.T, on func(string) string, first, line string) {
	cfg, problems := config.Load("../testdata/configs/good/minimal.toml", nil)
	if cfg == nil {
		t.Fatal(problems)
	}
	peers := map[string]*smtptest.Peer{
		"192.0.2.1:25": smtptest.MakePeer(t, func(p *smtptest.Peer) { p.On = func(_ *smtptest.Session, line string) string { return on(line) } }),
		"192.0.2.2:25": smtptest.MakePeer(t, nil),
	}
	engine := nexthop.New(nexthop.Options{Hostname: "relay.test", Limits: cfg.Limits, Bounds: cfg.NextHop,
		Dial: func(_ context.Context, _, addr string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			peers[addr].Begin(theirs)
			return ours, nil
		}})
	defer func() {
		engine.Close()
		for _, p := range peers {
			p.Stop()
		}
	}()
	route := &nexthop.Route{Name: "*", TLS: "off", Via: []string{"192.0.2.1:25", "192.0.2.2:25"}}
	start := time.Now()
	tx := engine.Begin(route)
	v := tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@sender.example"}, []envelope.Recipient{{Path: "b@rcpt.example"}}, true)[0]
	if v.OK() {
		v = tx.Deliver(t.Context(), smtptest.Text(smtptest.Note))
	}
	tx.Abort()
	if took := time.Since(start); took >= 35*time.Second || fmt.Sprint(v.Code) != first && (first != "" || len(peers["192.0.2.2:25"].Took()) != 1) {
		t.Errorf("%v after %v, %d messages with the second", v, took, len(peers["192.0.2.2:25"].Took()))
	}
	ready := &Readiness{Reach: engine.Reach}
	ready.Use([]*nexthop.Route{route})
	w := httptest.NewRecorder()
	AdminHandler(ready, NewMetrics("1", nil)).ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	want := "ready\n"
	if line != "" {
		want += "warning: route *: 1 of 2 hosts cannot be used: " + line + "; 192.0.2.2:25: good, after 0s\n"
	}
	if w.Code != 200 || w.Body.String() != want {
		t.Errorf("/readyz: %d %q, want %q", w.Code, w.Body, want)
	}
	step, _, _ := strings.Cut(strings.TrimPrefix(line, "192.0.2.1:25: "), ",")
	list := engine.Probe(t.Context(), route)
	if len(list) != 2 || list[1].Err != nil || (list[0].Err == nil) != (line == "") || list[0].Err != nil && list[0].Err.Error() != step {
		t.Errorf("the probe says %+v, want %q", list, step)
	}
}

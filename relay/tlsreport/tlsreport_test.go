package tlsreport

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// newCollector returns a collector with a clock of the test, in a folder.
func newCollector(t *testing.T, folder string, now *time.Time) *Collector {
	t.Helper()
	c := New(Options{Now: func() time.Time { return *now }, Failed: func(err error) { t.Error(err) },
		Texts: func(_ context.Context, name string) ([]string, error) {
			if strings.HasPrefix(name, "_smtp._tls.wants.") {
				return []string{"v=TLSRPTv1; rua=mailto:tls@" + strings.TrimPrefix(name, "_smtp._tls.") + ",https://x.example/"}, nil
			}
			return nil, nil
		}})
	c.Use(Settings{Folder: folder, Organization: "relay.example", Contact: "mailto:postmaster@relay.example"})
	return c
}

func addr(s string) net.Addr {
	a, err := net.ResolveTCPAddr("tcp", s)
	if err != nil {
		panic(err)
	}
	return a
}

var sts = &tlspolicy.Policy{Domain: "sts.example", Mode: tlspolicy.ModeTesting, MX: []string{"*.sts.example"}, MaxAge: time.Hour}

func files(t *testing.T, folder string) []string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// A report has what RFC 8460 wants, for each domain that has a policy or asks for one,
// and a restart within the day loses nothing that was stored.
func TestReports(t *testing.T) {
	folder, now := t.TempDir(), time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	c := newCollector(t, folder, &now)
	must, err := sts.For("mx.sts.example")
	if err != nil {
		t.Fatal(err)
	}
	c.Add(tlspolicy.Result{Domain: "sts.example", Host: "mx.sts.example", Policy: sts, Must: must})
	failed := tlspolicy.Result{Domain: "sts.example", Host: "mx.sts.example", Policy: sts, Must: must, Failure: tlspolicy.Expired, Reason: "x509: it has expired",
		Local: addr("198.51.100.1:40000"), Remote: addr("192.0.2.1:25")}
	c.Add(failed)
	c.Add(tlspolicy.Result{Domain: "plain.example", Host: "mx.plain.example"})
	c.Add(tlspolicy.Result{Domain: "wants.example", Host: "mx.wants.example", Failure: tlspolicy.StartTLSNotSupported})
	c.Flush(t.Context())
	now = now.Add(14 * time.Hour)
	c = newCollector(t, folder, &now) // a restart
	failed.Local = addr("198.51.100.1:40001")
	c.Add(failed)
	if got := files(t, folder); len(got) != 1 || got[0] != pendingFile {
		t.Errorf("before the end of the day: %v", got)
	}
	now = now.Add(time.Hour)
	c.Add(tlspolicy.Result{Domain: "next.example", Host: "mx.next.example", Failure: tlspolicy.FetchError})
	c.Flush(t.Context())
	want := []string{pendingFile, "relay.example!sts.example!1772323200!1772409599.json", "relay.example!wants.example!1772323200!1772409599.json"}
	if got := files(t, folder); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("got %v", got)
	}
	text, err := os.ReadFile(filepath.Join(folder, want[1]))
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != stsReport {
		t.Errorf("got %s", text)
	}
	now = now.Add(24 * time.Hour)
	c.Flush(t.Context())
	c.Flush(t.Context())
	if got := files(t, folder); len(got) != 4 {
		t.Errorf("after the next day: %v", got)
	}
}

const stsReport = `{
  "organization-name": "relay.example",
  "date-range": {
    "start-datetime": "2026-03-01T00:00:00Z",
    "end-datetime": "2026-03-01T23:59:59Z"
  },
  "contact-info": "mailto:postmaster@relay.example",
  "report-id": "2026-03-01.sts.example@relay.example",
  "policies": [
    {
      "policy": {
        "policy-type": "sts",
        "policy-string": [
          "version: STSv1",
          "mode: testing",
          "mx: *.sts.example",
          "max_age: 3600"
        ],
        "policy-domain": "sts.example",
        "mx-host": [
          "*.sts.example"
        ]
      },
      "summary": {
        "total-successful-session-count": 1,
        "total-failure-session-count": 2
      },
      "failure-details": [
        {
          "result-type": "certificate-expired",
          "sending-mta-ip": "198.51.100.1",
          "receiving-mx-hostname": "mx.sts.example",
          "receiving-ip": "192.0.2.1",
          "failed-session-count": 2,
          "failure-reason-code": "x509: it has expired"
        }
      ]
    }
  ]
}
`

func TestCountsAreBounded(t *testing.T) {
	c := newCounts(time.Now())
	for i := range 2 * maxPolicies {
		c.add(tlspolicy.Result{Domain: fmt.Sprintf("d%d.example", i)})
	}
	if len(c.Policies) != maxPolicies || c.Dropped != maxPolicies {
		t.Errorf("%d policies, %d dropped", len(c.Policies), c.Dropped)
	}
	c = newCounts(time.Now())
	for i := range 10 * maxDetails {
		c.add(tlspolicy.Result{Domain: "d.example", Failure: tlspolicy.ValidationFailure, Reason: fmt.Sprint(i, strings.Repeat("x", 10_000))})
	}
	for _, p := range c.Policies {
		if len(p.Details) > maxDetails+1 || p.Summary.Failed != 10*maxDetails || len(p.Details[0].Reason) > maxReason {
			t.Errorf("%d details, %d failed", len(p.Details), p.Summary.Failed)
		}
	}
	if text, err := json.Marshal(c); err != nil || len(text) > 100_000 {
		t.Error(len(text), err)
	}
}

// Without a folder nothing is counted; what cannot be read or written does no harm.
func TestTrouble(t *testing.T) {
	var c Collector
	c.opt.Now = time.Now
	c.Add(tlspolicy.Result{Domain: "d.example"})
	c.Flush(t.Context())
	if c.counts != nil {
		t.Error("counted without a folder")
	}
	folder, failures := t.TempDir(), 0
	if err := os.WriteFile(filepath.Join(folder, pendingFile), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := New(Options{Failed: func(error) { failures++ }})
	other.Use(Settings{Folder: folder, Organization: "relay.example"})
	other.Add(tlspolicy.Result{Domain: "d.example"})
	other.Use(Settings{Folder: filepath.Join(folder, "missing"), Organization: "relay.example"})
	other.Add(tlspolicy.Result{Domain: "d.example"})
	other.Flush(t.Context())
	if failures != 1 {
		t.Errorf("%d failures", failures)
	}
}

func TestConcurrentUse(t *testing.T) {
	now := time.Now()
	c := newCollector(t, t.TempDir(), &now)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { c.Run(ctx) })
	for i := range 4 {
		all.Go(func() {
			for range 100 {
				c.Add(tlspolicy.Result{Domain: fmt.Sprintf("d%d.example", i)})
				c.Flush(ctx)
			}
		})
	}
	cancel()
	all.Wait()
	total := 0
	for _, p := range c.counts.Policies {
		total += p.Summary.Successful
	}
	if total != 400 {
		t.Errorf("counted %d", total)
	}
}

func TestReceivers(t *testing.T) {
	for _, tt := range []struct {
		texts []string
		want  string
		wants bool
	}{
		{[]string{"v=TLSRPTv1; rua=mailto:a@x.example"}, "a@x.example", true},
		{[]string{"v=spf1 -all", "v=TLSRPTv1;rua=mailto:a@x.example,mailto:b@y.example?subject=x,mailto:c@z.example;"}, "a@x.example b@y.example", true},
		{[]string{"v=TLSRPTv1; rua=mailto:a%2Bb@x.example"}, "a+b@x.example", true},
		{[]string{"v=TLSRPTv1; rua=https://x.example/"}, "", true},
		{[]string{"v=TLSRPTv1; rua=mailto:a@x.example", "v=TLSRPTv1; rua=mailto:b@x.example"}, "", false},
		{[]string{"v=TLSRPTv2; rua=mailto:a@x.example"}, "", false},
		{[]string{"v=TLSRPTv1; ruf=mailto:a@x.example"}, "", false},
		{[]string{"v=TLSRPTv1; rua=mailto:a@x.example%0d%0aBcc:b@x.example"}, "", true},
		{[]string{"v=TLSRPTv1; rua=mailto:a%3E%20b@x.example"}, "", true},
		{[]string{`v=TLSRPTv1; rua=mailto:"a b"@x.example`}, "", true},
		{[]string{"v=TLSRPTv1; rua=mailto:\u00fc@x.example"}, "", true},
		{nil, "", false},
	} {
		if got, wants := Receivers(tt.texts); strings.Join(got, " ") != tt.want || wants != tt.wants {
			t.Errorf("%q: %q %v", tt.texts, got, wants)
		}
	}
}

// A report that is sent is a message that a mail program understands, with the JSON of
// the file in it.
func TestMail(t *testing.T) {
	folder, now := t.TempDir(), time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	c := newCollector(t, folder, &now)
	sent := make(map[string][]byte)
	c.opt.Send = func(to string, mail []byte) error { sent[to] = mail; return nil }
	c.set.From = "tls@relay.example"
	c.Add(tlspolicy.Result{Domain: "wants.example", Host: "mx.wants.example"})
	c.Add(tlspolicy.Result{Domain: "plain.example", Host: "mx.plain.example"})
	now = now.Add(24 * time.Hour)
	c.Flush(t.Context())
	if len(sent) != 1 {
		t.Fatalf("sent %d", len(sent))
	}
	m, err := mail.ReadMessage(bytes.NewReader(sent["tls@wants.example"]))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["report-type"] != "tlsrpt" || m.Header.Get("TLS-Required") != "No" || m.Header.Get("TLS-Report-Domain") != "wants.example" {
		t.Error(kind, params, m.Header, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	if _, err := parts.NextPart(); err != nil {
		t.Fatal(err)
	}
	p, err := parts.NextPart()
	if err != nil || p.Header.Get("Content-Type") != "application/tlsrpt+gzip" || !strings.HasSuffix(p.FileName(), ".json.gz") {
		t.Fatal(p, err)
	}
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, p))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	want, _ := os.ReadFile(filepath.Join(folder, strings.TrimSuffix(p.FileName(), ".gz")))
	if err != nil || len(want) == 0 || string(text) != string(want) {
		t.Errorf("%s, %v", text, err)
	}
	for line := range bytes.Lines(sent["tls@wants.example"]) {
		if len(line) > 100 || !bytes.HasSuffix(line, []byte("\r\n")) {
			t.Errorf("line %q", line)
		}
	}
}

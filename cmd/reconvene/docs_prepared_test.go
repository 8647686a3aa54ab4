//go:build unix

package main

import (
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// notRun lists the commands of the pages that cannot run in a test, with the
// reason. "…" at the end: everything that begins so.
var notRun = map[string]string{
	"go test ./...": "this test is a part of it",
	"CGO_ENABLED=0 go build -trimpath -o reconvene ./cmd/reconvene": "TestPagesBuild holds it against .ci/run, which builds it",
	"$env:CGO_ENABLED…":                  "PowerShell",
	"New-SendConnector…":                 "Exchange Management Shell",
	"Set-SendConnector…":                 "Exchange Management Shell",
	"New-InboundConnector…":              "Exchange Online PowerShell",
	"New-OutboundConnector…":             "Exchange Online PowerShell",
	"reconvene serve":                    "listens on port 25 until it is stopped; TestServe… run it",
	"systemctl kill…":                    "needs systemd",
	"docs/benchmark/run":                 "needs Postfix and a minute; .ci/run runs it where Postfix is installed",
	"apt-get install…":                   "changes the machine",
	"go test ./rewrite -run xxx -bench…": "a benchmark, which .ci/run does not need",
	"go test ./relay -run TestSoak…":     "takes an hour",
	"reconvene dkim check":               "asks DNS; TestDKIMCheck has the results",
	"reconvene meetings cancel…":         "TestMeetingsCancel sends one through a running server",

	"reconvene queue…":                            "TestQueueCommands asks a running server",
	"reconvene status --check":                    "TestStatus asks a running server",
	"apt install…":                                "changes the machine",
	"systemctl enable…":                           "needs systemd",
	"msiexec…":                                    ".ci/try-wine installs the MSI",
	"New-NetFirewallRule…":                        "PowerShell",
	"docker compose…":                             "needs Docker",
	"reconvene check --json > before.json":        "the script check_upgrade does",
	"./reconvene-new check --upgrade before.json": "the script check_upgrade does",
	// Paths of Windows.
	"reconvene log trace --to bob@partner.example C:…": "a path of Windows",
}

// wantOf says what a command of the pages must print and how it ends, where that is not
// just success.
var wantOf = map[string]struct {
	code int
	says string
}{
	"go run ./cmd/reconvene demo":                                     {0, "cancel"},
	"reconvene check --probe":                                         {0, "greeting"},
	"reconvene check":                                                 {0, "good"},
	"reconvene tnef pack --mail meeting.ics | reconvene fix":          {1, "BEGIN:VCALENDAR"},
	"reconvene inspect mail.eml":                                      {0, "organizer"},
	"reconvene inspect reply.eml":                                     {0, "tracking"},
	"reconvene fix --diff mail.eml":                                   {1, "SEQUENCE"},
	"reconvene meetings show 040000008200E0":                          {0, "ben@partner.example"},
	"reconvene remedies":                                              {0, "seq-cdo"},
	"reconvene fix --profile domino --diff mail.eml":                  {1, "SEQUENCE"},
	"reconvene fix --inbound --profile exchange2003 --diff reply.eml": {1, "+X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE"},
	"reconvene inspect --raw winmail.dat":                             {0, "IPM.Schedule.Meeting"},
	"reconvene log trace --to bob@partner.example mail.log":           {0, "bob@partner.example"},
}

// shims stand for the programs that a page pipes into or out of.
const shims = `journalctl() { cat mail.log; }
sendmail() { cat >/dev/null; }`

// prepared are the files that the pages name.
var prepared = map[string]string{
	"mail.eml":   "01-exchange2003-update/in.eml",
	"reply.eml":  "210-exchange2007-reply-to-exchange2003/in.eml",
	"answer.eml": "210-exchange2007-reply-to-exchange2003/in.eml",
}

const preparedLog = `time=2026-03-01T09:00:00.000Z level=INFO msg=message conn=8f3a01c2-1 client="exch01.example.com [10.1.2.3]" listener=exchange id=8f3a01c2-2 from=anna@example.com recipients=1 msgid=<1@example.com> subject="Budget" size_bytes=5120 method=REQUEST uid=1@example.com dtstamp=20260301T085900Z seq=0 seq_sent=1 profile=standard findings=seq-cdo applied=seq-cdo form=profile outcome=repaired route=* nexthop="gateway.example.net [192.0.2.1]:25" verdict=deferred code=451 reply="4.3.0 try again" took_ms=12.35
time=2026-03-01T09:00:00.000Z level=WARN msg=recipient conn=8f3a01c2-1 id=8f3a01c2-2 from=anna@example.com to=bob@partner.example msgid=<1@example.com> method=REQUEST uid=1@example.com dtstamp=20260301T085900Z seq=0 seq_sent=1 outcome=deferred route=* nexthop="gateway.example.net [192.0.2.1]:25" verdict=deferred code=451 reply="4.3.0 try again"
`

// pagesFolder is the folder of somebody who follows the pages.
func pagesFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, text []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, from := range prepared {
		text, err := os.ReadFile(filepath.Join("../../testdata/meetings", from))
		if err != nil {
			t.Fatal(err)
		}
		write(name, text)
	}
	write("meeting.ics", []byte(brokenUpdate[strings.Index(brokenUpdate, "BEGIN:VCALENDAR"):]))
	write("winmail.dat", []byte(runText(t, exitOK, "tnef", "pack", filepath.Join(dir, "meeting.ics"))))

	now := time.Now().Add(-time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	lines := []byte(strings.ReplaceAll(preparedLog, "2026-03-01T09:00:00.000Z", now))
	for _, name := range []string{"mail.log", "sh1.log", "sh2.log"} {
		write(name, lines)
	}
	rotated, err := os.Create(filepath.Join(dir, "mail.log.1.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(rotated)
	if _, err := z.Write(lines); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := rotated.Close(); err != nil {
		t.Fatal(err)
	}
	cert, key := selfSigned(t)
	write("smarthost.pem", cert)
	write("smarthost.key", key)
	write("cluster-ca.pem", cert)
	write("relay1.pem", cert)
	write("relay1.key", key)
	state := filepath.Join(dir, "state")
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	config := serveConfig(t, filepath.Join(dir, "reconvene.toml"), newSink(t, nil).addr, fmt.Sprintf("[state]\ndirectory = %q\n", state))
	write("export.jsonl", []byte(`{"id":"a-1","time":"`+now+`","components":[{"uid":"040000008200E00074C5B7101A82E008","method":"REQUEST","method_sent":"REQUEST","seq":0,"seq_sent":0}],`+
		`"recipients":[{"attendee":"ben@partner.example","verdict":"delivered","code":250}]}`))
	runText(t, exitOK, "ledger", "import", filepath.Join(dir, "export.jsonl"), "--config", config)

	ready := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ready") }))
	t.Cleanup(ready.Close)
	t.Setenv("ADMIN", ready.URL)
	return dir
}

// selfSigned makes a certificate for the name that the pages use.
func selfSigned(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "smarthost.example.com"},
		DNSNames: []string{"smarthost.example.com"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
}

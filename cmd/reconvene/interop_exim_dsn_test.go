//go:build unix

package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// keep lets Exim deliver what is for some local parts of a domain, and refuse the
// others. What is for direct goes to the server at way instead, if there is one.
func (e *exim) keep(domain, locals, way string) {
	if way != "" {
		_, port, _ := net.SplitHostPort(way)
		e.routers = fmt.Sprintf("direct:\n  driver = manualroute\n  local_parts = direct\n  domains = ! %s\n  transport = direct\n  route_list = * 127.0.0.1 byname\n  self = send\n  no_more\n", domain)
		e.transports = fmt.Sprintf("direct:\n  driver = smtp\n  port = %s\n  allow_localhost\n", port)
	}
	e.routers += fmt.Sprintf(`box:
  driver = accept
  domains = %[1]s
  local_parts = %[2]s
  transport = box
nobody:
  driver = redirect
  domains = %[1]s
  allow_fail
  data = :fail: there is no such box
`, domain, locals)
	e.transports += fmt.Sprintf("box:\n  driver = appendfile\n  directory = %s/mail\n  maildir_format\n  envelope_to_add\n", e.dir)
}

// mail takes the next message for an address out of the box, without the field
// that names the address.
func (e *exim) mail(address string) string {
	e.t.Helper()
	mark := "Envelope-to: " + address + "\n"
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(e.dir, "mail", "new", "*"))
		if err != nil {
			e.t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				e.t.Fatal(err)
			}
			if m, ok := strings.CutPrefix(string(text), mark); ok {
				if err := os.Remove(f); err != nil {
					e.t.Fatal(err)
				}
				return m
			}
		}
	}
	e.t.Fatalf("no mail for %s", address)
	return ""
}

// betweenExim puts the relay between an Exim of example.com and one of example.net,
// in both directions.
func betweenExim(t *testing.T) (near, far *exim) {
	t.Helper()
	near, far = newExim(t), newExim(t)
	relay := relayBetween(t, "exim", near.addr, far.addr)
	near.keep("example.com", "ann", far.addr)
	far.keep("example.net", "bob : böb : direct", "")
	far.start(relay.addr("exim"), "dsn_advertise_hosts = *", "")
	near.start(relay.addr("exim"), "dsn_advertise_hosts = *", "")
	return near, far
}

// What the sender wants to hear of a recipient passes from one Exim to the other,
// and its notices come back through us; the message is as it comes directly.
func TestInteropEximDSN(t *testing.T) {
	t.Parallel() // it waits for others
	near, far := betweenExim(t)
	for _, c := range []struct {
		from, to string
		box      string   // where the message itself arrives
		words    []string // of the notice
	}{
		{"<ann@example.com> SMTPUTF8 ENVID=QQ314159 RET=HDRS", "<böb@example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+C3+B6b@example.net", "böb@example.net", []string{
			"Original-Envelope-ID: QQ314159\n", "Original-Recipient: rfc822;b+C3+B6b@example.net\n", "Action: delivered\n", "Content-type: text/rfc822-headers\n"}},
		{"<ann@example.com> ENVID=full+2B1 RET=FULL", "<nobody@example.net> NOTIFY=FAILURE ORCPT=x400;a+3Db", "", []string{
			"Action: failed\n", "there is no such box", "Original-Envelope-ID: full+2B1\n", "Original-Recipient: x400;a+3Db\n", "Content-type: message/rfc822\n", "\n..two\n"}},
		{"<ann@example.com>", "<bob@example.net> NOTIFY=SUCCESS ORCPT=rfc822;list@example.com", "bob@example.net", []string{
			"Original-Recipient: rfc822;list@example.com\n", "Action: delivered\n"}},
	} {
		submit(t, near.addr, envelope{c.from, c.to}, eximMail(1))
		notice := near.mail("ann@example.com")
		for _, w := range append(c.words, "by relay.test", "Reporting-MTA: dns; exim.test") {
			if !strings.Contains(notice, w) {
				t.Errorf("the notice on %s lacks %q:\n%s", c.to, w, notice)
			}
		}
		if c.box == "" {
			continue
		}
		got := far.mail(c.box)
		submit(t, near.addr, envelope{"<ann@example.com>", "<direct@example.net>"}, eximMail(1))
		if direct := far.mail("direct@example.net"); !strings.Contains(got, "by relay.test") || content(got) != content(direct) {
			t.Errorf("got\n%q\ndirectly\n%q", got, direct)
		}
	}
}

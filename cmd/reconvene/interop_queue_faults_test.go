//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// Servers that take their time for each recipient.
var tarpits = map[string]real{
	"Postfix": func(t *testing.T, next string) string {
		p := newPostfix(t)
		p.start(next, nil, nil, "smtpd_recipient_restrictions = sleep 3, permit")
		return p.addr
	},
	"Exim": func(t *testing.T, next string) string {
		e := newExim(t)
		e.rcptACL = "warn delay = 3s"
		return e.start(next, "", "")
	},
	"OpenSMTPD": func(t *testing.T, next string) string {
		o := newOpenSMTPD(t)
		more, listen := o.filter("rcpt-to", "sleep 3; echo proceed")
		return o.start(next, more, listen)
	},
}

// A slow server gets its mail, and holds up none for others.
func TestInteropQueueTarpit(t *testing.T) {
	forEach(t, tarpits, func(t *testing.T, server real) {
		next := smtptest.NewPeer(t, nil)
		b := newBetween(t, server(t, next.Addr), "", soonAgain)
		var want []string
		for i := range 3 {
			b.send(fmt.Sprint("m", i), "bob@example.net")
			want = append(want, fmt.Sprintf("m%d bob@example.net", i))
		}
		b.send("other", "eve@elsewhere.example")
		once(t, b.near, "other eve@elsewhere.example")
		if n := len(next.Took()); n > 0 {
			t.Errorf("%d messages arrived before", n)
		}
		once(t, next, want...)
		b.empty()
	})
}

// Servers that close the connection once, with the message sent and not accepted.
var closing = map[string]real{
	"Postfix says 421": func(t *testing.T, next string) string {
		var once sync.Once
		service := policyService(t, func(a map[string]string) (action string) {
			action = "DUNNO"
			once.Do(func() { action = "421 4.7.0 Closing" })
			return action
		})
		p := newPostfix(t)
		p.start(next, nil, nil, "smtpd_end_of_data_restrictions = check_policy_service "+service)
		return p.addr
	},
	"Exim dies": func(t *testing.T, next string) string {
		e := newExim(t)
		e.dataACL = fmt.Sprintf("accept condition = ${run{/bin/sh -c %q}{no}{no}}", "mkdir "+filepath.Join(e.dir, "mail", "once")+" && kill -9 $pid")
		return e.start(next, "", "")
	},
	"OpenSMTPD says 421": func(t *testing.T, next string) string {
		o := newOpenSMTPD(t)
		more, listen := o.filter("commit", `mkdir once 2>/dev/null && echo "disconnect|421 4.7.0 Closing" || echo proceed`)
		return o.start(next, more, listen)
	},
}

// What was not accepted is sent again, and arrives once.
func TestInteropQueueClosing(t *testing.T) {
	forEach(t, closing, func(t *testing.T, server real) {
		next := smtptest.NewPeer(t, nil)
		b := newBetween(t, server(t, next.Addr), "", soonAgain)
		b.send("m", "bob@example.net")
		b.p.line(1, "msg=message", "subject=m", "outcome=deferred")
		once(t, next, "m bob@example.net")
		b.empty()
		b.p.line(1, "msg=message", "subject=m", "outcome=delivered")
		if n := len(b.near.Took()); n != 0 {
			t.Errorf("%d notifications", n)
		}
	})
}

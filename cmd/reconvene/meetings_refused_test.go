//go:build unix

package main

import (
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
)

// turning is a next hop that refuses eve at RCPT from some time on.
type turning struct {
	choosy
	refuses *atomic.Bool
}

func (s turning) Rcpt(to string, o *gosmtp.RcptOptions) error {
	if s.refuses.Load() && strings.HasPrefix(to, "eve") {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "eve has left"}
	}
	return s.choosy.Rcpt(to, o)
}

// An attendee who is refused alone at RCPT, so that the update itself is never seen, is
// named as refused, with the words of who refused.
func TestMeetingsRefusedAlone(t *testing.T) {
	refuses := new(atomic.Bool)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	next := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return turning{refuses: refuses}, nil }))
	next.Domain = "next.example.net"
	go func() { _ = next.Serve(l) }()
	t.Cleanup(func() { next.Close() })
	state := t.TempDir()
	file := serveConfig(t, "", l.Addr().String(), fmt.Sprintf("[state]\ndirectory = %q\n", state))
	addr := startServe(t, nil, "--config", file).addr("exchange")
	mail := func(to string, revision int) {
		converse(t, addr, "MAIL FROM:<anna@example.com>", "RCPT TO:<"+to+">", "DATA", updateOf("alone@example.com", "Budget", revision)+"\r\n.")
	}
	mail("bob@x.example", 1)
	mail("eve@y.example", 1)
	refuses.Store(true)
	mail("bob@x.example", 2)
	converse(t, addr, "MAIL FROM:<anna@example.com>", "RCPT TO:<eve@y.example>", "QUIT")
	afterGrace := func() time.Time { return time.Now().Add(time.Hour) }
	want := "550 5.1.1 eve has left — "
	for until := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		var out, errs strings.Builder
		run(&env{args: []string{"meetings", "not-notified", "--config", file}, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: afterGrace})
		if s := out.String(); strings.Contains(s, "eve@y.example") {
			if !strings.Contains(s, "refused, since") || !strings.Contains(s, want) || !strings.Contains(s, "the receiver refused the update") || strings.Contains(s, "bob@") {
				t.Errorf("got\n%s", s)
			}
			return
		}
		if time.Now().After(until) {
			t.Fatalf("eve is not named: %s%s", out.String(), errs.String())
		}
	}
}

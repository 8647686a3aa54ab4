//go:build !windows

package main

import (
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
)

// What the next hop refuses for its content is sent again until it is taken,
// with the configuration as it is by default.
func TestServeFallsBack(t *testing.T) {
	no := &gosmtp.SMTPError{Code: 554, EnhancedCode: gosmtp.EnhancedCode{5, 6, 0}, Message: "Invalid message content"}
	next := newSink(t, nil)
	next.refuse = []error{no, no, no}
	p := startServe(t, nil, "--config", serveConfig(t, "", next.addr, ""))
	if err := send(t, dial(t, p.addr("exchange")), brokenUpdate); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\r\nSEQUENCE:3\r\n", "\r\nSEQUENCE:0\r\n", "X-Reconvene: seq-cdo,", "A meeting that you are invited to has changed."} {
		if m := next.mail(t); !strings.Contains(m, want) {
			t.Errorf("%q is not in\n%s", want, m)
		}
	}
	p.line(1, "msg=fallback", "form=profile", "next=as-received", "code=554", `reply="5.6.0 Invalid message content"`)
	p.line(1, "msg=fallback", "form=as-received", "next=minimal")
	p.line(1, "msg=fallback", "form=minimal", "next=notice")
	p.line(1, "msg=message", "form=notice", "verdict=delivered", "code=250")
	if _, body := p.get("/metrics"); !strings.Contains(body, `reconvene_fallbacks_total{form="notice",result="delivered"} 1`) {
		t.Error("the metrics do not count it")
	}
	if err := send(t, dial(t, p.addr("exchange")), brokenUpdate); err != nil {
		t.Fatal(err)
	}
	if m := next.mail(t); !strings.Contains(m, "\r\nSEQUENCE:3\r\n") {
		t.Errorf("a notice is the first thing that the next mail gets:\n%s", m)
	}
}

//go:build unix

package main

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// An answer teaches which system is behind a domain; that chooses the profile of
// what goes there next. What is set takes precedence, and what is old counts no
// more.
func TestReceivers(t *testing.T) {
	h := newHouse(t, "", "partner.example")
	ben := "ben@partner.example"
	h.out(invite("REQUEST", 0, "1000", ben), ben)
	h.p.line(1, "msg=message", "profile=standard")
	if out, code := h.run("receivers", "list"); code != 0 || !strings.Contains(out, "Nothing is known") {
		t.Fatalf("%d %s", code, out)
	}
	answer := strings.Replace(invite("REPLY", 0, "1000"), "SEQUENCE:0", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:"+ben+"\r\nSEQUENCE:0", 1)
	answer = strings.Replace(answer, "Microsoft CDO for Microsoft Exchange", "-//Lotus Development Corporation//NONSGML Notes 8.5//EN_C", 1)
	post(t, h.p.addr("internet"), ben, "anna@example.com", answer)
	if out, code := h.run("receivers", "show", "Partner.example"); code != 0 || !strings.Contains(out, "profile   domino") || !strings.Contains(out, "NONSGML Notes 8.5") {
		t.Fatalf("%d %s", code, out)
	}
	h.out(invite("REQUEST", 1, "1100", ben), ben)
	h.p.line(1, "msg=message", "profile=domino", "method=REQUEST")
	if out, _ := h.runAt(time.Now().AddDate(0, 7, 0), "receivers", "list"); !strings.Contains(out, "none") || !strings.Contains(out, "too old") {
		t.Errorf("after seven months: %s", out)
	}
	for _, wrong := range [][]string{{"set", "partner.example", "notes"}, {"set", "ben@partner.example", "domino"}, {"show", "else.example"}, {"forget", "else.example"}} {
		if out, code := h.run(append([]string{"receivers"}, wrong...)...); code != 1 {
			t.Errorf("%v: %d %s", wrong, code, out)
		}
	}
	if out, code := h.run("receivers", "set", "partner.example", "google"); code != 0 {
		t.Fatal(out)
	}
	if out, _ := h.run("receivers", "list", "--json"); !strings.Contains(out, `"profile":"google","source":"set","learned":"domino"`) {
		t.Error(out)
	}
	h.p.signal(syscall.SIGTERM)
	h.p.exit()
	h.p = startServe(t, nil, "--config", h.config)
	h.out(invite("REQUEST", 2, "1000", ben), ben)
	h.p.line(1, "msg=message", "profile=google", "method=REQUEST")
	if out, code := h.run("receivers", "forget", "partner.example"); code != 0 {
		t.Error(out)
	}
	if out, _ := h.run("receivers", "list"); !strings.Contains(out, "Nothing is known") {
		t.Error(out)
	}
}

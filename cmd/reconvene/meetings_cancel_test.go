//go:build unix

package main

import (
	"strings"
	"testing"
)

// A meeting that Exchange cannot cancel any more is cancelled from here: by the
// server, with the number of the cancellation that others got, once.
func TestMeetingsCancel(t *testing.T) {
	h := newHouse(t, "allow_cancel = true\ngrace = \"1s\"\n", "partner.example", "notes.example")
	ben, eve := "ben@partner.example", "eve@notes.example"
	h.out(invite("REQUEST", 0, "1000", ben, eve), ben, eve)
	h.hops["partner.example"].mail(t)
	h.hops["notes.example"].mail(t)
	h.out(invite("CANCEL", 1, "1000", ben, eve), ben)
	h.hops["partner.example"].mail(t)
	if out, code := h.runAt(soon(), "meetings", "not-notified", "--check"); code != 1 || !strings.Contains(out, "meetings cancel") {
		t.Fatalf("before: %d\n%s", code, out)
	}
	out, code := h.run("meetings", "cancel", "0400", "--server", h.p.addr("exchange"))
	if code != 0 || !strings.Contains(out, "Not sent. It would go to "+eve) || !strings.Contains(out, "SEQUENCE:1") || strings.Contains(out, ben) {
		t.Fatalf("shown: %d\n%s", code, out)
	}
	for _, wrong := range [][]string{{"--to", ben}, {"--to", "else@notes.example"}, {"--occurrence", "20270302"}} {
		if out, code := h.run(append([]string{"meetings", "cancel", "0400", "--send", "--server", h.p.addr("exchange")}, wrong...)...); code != 1 {
			t.Errorf("%v: %d\n%s", wrong, code, out)
		}
	}
	if out, code := h.run("meetings", "cancel", "0400", "--send", "--server", h.p.addr("exchange")); code != 0 || !strings.HasSuffix(out, "sent to "+eve+"\n") {
		t.Fatalf("sent: %d\n%s", code, out)
	}
	mail := h.hops["notes.example"].mail(t)
	for _, want := range []string{"From: \"Anna\" <anna@example.com>", "METHOD:CANCEL", "SEQUENCE:1", "DTSTAMP:20270301T090100Z", "STATUS:CANCELLED", "has been cancelled"} {
		if !strings.Contains(mail, want) {
			t.Errorf("the cancellation lacks %q:\n%s", want, mail)
		}
	}
	if out, code := h.runAt(soon(), "meetings", "not-notified", "--check"); code != 0 {
		t.Errorf("afterwards: %d\n%s", code, out)
	}
	if out, code := h.run("meetings", "cancel", "0400", "--send", "--server", h.p.addr("exchange")); code != 1 {
		t.Errorf("again: %d\n%s", code, out)
	}
	if out, _ := h.run("meetings", "show", "0400"); !strings.Contains(out, "Done by hand") || !strings.Contains(out, "cancel: revision 1 to "+eve) {
		t.Errorf("no audit:\n%s", out)
	}
}

func TestMeetingsCancelOff(t *testing.T) {
	h := newHouse(t, "", "partner.example")
	h.out(invite("REQUEST", 0, "1000", "ben@partner.example"), "ben@partner.example")
	if out, code := h.run("meetings", "cancel", "0400", "--send", "--server", h.p.addr("exchange")); code != 1 || out != "" {
		t.Errorf("%d\n%s", code, out)
	}
}

// Where the ledger has hashes, the addresses are named by hand and compared.
func TestMeetingsCancelHashed(t *testing.T) {
	h := newHouse(t, "allow_cancel = true\naddresses = \"hashed\"\n", "partner.example")
	h.out(invite("REQUEST", 0, "1000", "ben@partner.example"), "ben@partner.example")
	h.hops["partner.example"].mail(t)
	cancel := func(more ...string) (string, int) {
		return h.run(append([]string{"meetings", "cancel", "0400", "--send", "--server", h.p.addr("exchange")}, more...)...)
	}
	for _, wrong := range [][]string{nil, {"--to", "ben@partner.example"}, {"--to", "ben@partner.example", "--organizer", "eve@example.com"}} {
		if out, code := cancel(wrong...); code != 1 {
			t.Errorf("%v: %d\n%s", wrong, code, out)
		}
	}
	if out, code := cancel("--to", "Ben@partner.example", "--organizer", "anna@example.com"); code != 0 {
		t.Fatalf("%d\n%s", code, out)
	}
	if mail := h.hops["partner.example"].mail(t); !strings.Contains(mail, "METHOD:CANCEL") || !strings.Contains(mail, "ATTENDEE") {
		t.Error(mail)
	}
	if out, _ := h.run("meetings", "show", "0400"); strings.Contains(out, "ben@") || !strings.Contains(out, "Done by hand") {
		t.Errorf("shown:\n%s", out)
	}
}

//go:build unix

package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
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

// refuseContent makes a domain refuse the content of the next mails.
func (h *house) refuseContent(domain string, times int) {
	s := h.hops[domain]
	s.mu.Lock()
	defer s.mu.Unlock()
	for range times {
		s.refuse = append(s.refuse, &gosmtp.SMTPError{Code: 554, EnhancedCode: gosmtp.EnhancedCode{5, 6, 0}, Message: "Invalid message content"})
	}
}

// first is the first form of the mail that a domain gets next; it is the only one.
func (h *house) first(domain string) string {
	h.t.Helper()
	m := h.hops[domain].mail(h.t)
	select {
	case again := <-h.hops[domain].got:
		h.t.Errorf("a second form was sent:\n%s\nbehind\n%s", again, m)
	default:
	}
	if strings.Contains(m, "X-Reconvene:") {
		return "profile"
	}
	return "as-received"
}

// again stops the program and starts it.
func (h *house) again() {
	h.t.Helper()
	h.p.signal(syscall.SIGTERM)
	h.p.exit()
	h.p = startServe(h.t, nil, "--config", h.config)
}

// A form that was refused, or returned by a notification, makes the next revision of
// that meeting begin with a higher one, also after a restart; a success brings it back.
func TestReceiversForms(t *testing.T) {
	h := startHouse(t, "fallback", "", "partner.example")
	ben := "ben@partner.example"
	h.refuseContent("partner.example", 1)
	h.out(invite("REQUEST", 1, "1000", ben), ben)
	h.hops["partner.example"].mail(t)
	if form := h.first("partner.example"); form != "as-received" {
		t.Errorf("%s was taken", form)
	}
	out, _ := h.run("receivers", "show", "partner.example")
	for _, want := range []string{"form      as-received was accepted", "after profile was refused: 5.6.0 Invalid message content", "begins    with as-received for 040000008200E0"} {
		if !strings.Contains(out, want) {
			t.Errorf("show lacks %q:\n%s", want, out)
		}
	}
	if out, _ := h.run("receivers", "show", "partner.example", "--csv"); strings.Count(out, "\n") != 2 || !strings.Contains(out, "as-received") {
		t.Errorf("CSV: %s", out)
	}
	h.again()
	h.out(invite("REQUEST", 2, "1100", ben), ben)
	if form := h.first("partner.example"); form != "as-received" {
		t.Errorf("the next revision begins with %s", form)
	}
	h.p.line(1, "msg=fallback", "form=profile", "next=as-received", `why="an earlier revision of this meeting was refused or returned"`)
	if out, _ := h.run("receivers", "show", "partner.example"); strings.Contains(out, "begins") {
		t.Errorf("after a success:\n%s", out)
	}
	h.out(invite("REQUEST", 3, "1200", ben), ben)
	if form := h.first("partner.example"); form != "profile" {
		t.Errorf("after a success: %s", form)
	}
}

// returned is a notification that a mail was not delivered.
func returned(to, status, words, mail string) string {
	return "From: MAILER-DAEMON@partner.example\r\nContent-Type: multipart/report; boundary=b; report-type=delivery-status\r\n\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; " + to + "\r\nAction: failed\r\nStatus: " + status +
		"\r\nDiagnostic-Code: smtp; 550 " + status + " " + words + "\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + mail + "\r\n--b--\r\n"
}

// A notification that returns the content raises the form, too; another one does not.
func TestReceiversReturned(t *testing.T) {
	h := startHouse(t, "fallback", "", "partner.example")
	ben := "ben@partner.example"
	for i, want := range []string{"profile", "profile", "as-received"} {
		mail := strings.Replace(invite("REQUEST", i, "1000", ben), "Message-ID: <", "Message-ID: <"+strings.Repeat("x", i+1), 1)
		h.out(mail, ben)
		if form := h.first("partner.example"); form != want {
			t.Errorf("revision %d begins with %s, want %s", i, form, want)
		}
		post(t, h.p.addr("internet"), "", "anna@example.com", returned(ben, []string{"5.1.1", "5.6.0", "5.6.0"}[i], "RESOLVER.ADR.Sorry", mail))
		h.again()
	}
	out, _ := h.run("receivers", "show", "partner.example")
	for _, want := range []string{"profile   exchange", "a delivery status notification", "begins    with utc", ": returned on"} {
		if !strings.Contains(out, want) {
			t.Errorf("show lacks %q:\n%s", want, out)
		}
	}
	if out, code := h.run("receivers", "forget", "partner.example"); code != 0 {
		t.Error(out)
	}
	if out, code := h.run("receivers", "show", "partner.example"); code != 1 {
		t.Errorf("something is known still: %s", out)
	}
}

// The header of a response tells which system it came through where its calendar
// does not.
func TestReceiversFields(t *testing.T) {
	h := newHouse(t, "", "partner.example")
	ben := "ben@partner.example"
	answer := strings.Replace(invite("REPLY", 0, "1000"), "SEQUENCE:0", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:"+ben+"\r\nSEQUENCE:0", 1)
	answer = strings.Replace(answer, "Microsoft CDO for Microsoft Exchange", "-//Somebody//EN", 1)
	post(t, h.p.addr("internet"), ben, "anna@example.com", "Received: from pc by mail.partner.example (IBM Domino Release 9.0.1FP8)\r\n with ESMTP for <anna@example.com>; Mon, 1 Mar 2027 10:00:00 +0000\r\n"+answer)
	out, _ := h.run("receivers", "show", "partner.example")
	for _, want := range []string{"profile   domino", "the header of a response", "Received: IBM Domino Release 9.0.1FP8"} {
		if !strings.Contains(out, want) {
			t.Errorf("show lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "anna") {
		t.Errorf("an address stands in the evidence:\n%s", out)
	}
	h.out(invite("REQUEST", 1, "1100", ben), ben)
	h.p.line(1, "msg=message", "profile=domino", "method=REQUEST")
}

//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
)

// house is a running program with a ledger between Exchange and three domains.
type house struct {
	t      *testing.T
	p      *program
	config string
	hops   map[string]*sink // by domain
	exch   *sink
}

func newHouse(t *testing.T, more string, domains ...string) *house {
	t.Helper()
	return startHouse(t, "return", more, domains...)
}

func startHouse(t *testing.T, onRefuse, more string, domains ...string) *house {
	t.Helper()
	h := &house{t: t, hops: map[string]*sink{}, exch: newSink(t, nil), config: filepath.Join(t.TempDir(), "reconvene.toml")}
	text := "hostname = \"smarthost.example.com\"\n[[listener]]\nname = \"exchange\"\naddress = \"127.0.0.1:0\"\n" +
		"[[listener]]\nname = \"internet\"\naddress = \"127.0.0.1:0\"\ndirection = \"inbound\"\n"
	for _, d := range domains {
		h.hops[d] = newSink(t, nil)
		text += fmt.Sprintf("[[route]]\ndomains = [%q]\nvia = [%q]\ntls = \"off\"\n", d, h.hops[d].addr)
	}
	text += fmt.Sprintf("[[route]]\ndomains = [\"example.com\"]\nvia = [%q]\ntls = \"off\"\nprofile = \"exchange2003\"\n[rewrite]\non_refuse = %q\n"+
		"[state]\ndirectory = %q\n[ledger]\nown_domains = [\"example.com\"]\n%s\n[admin]\naddress = \"127.0.0.1:0\"\n", h.exch.addr, onRefuse, t.TempDir(), more)
	if err := os.WriteFile(h.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h.p = startServe(t, nil, "--config", h.config)
	return h
}

// refuse makes a domain refuse the next mail.
func (h *house) refuse(domain string, code int, words string) {
	s := h.hops[domain]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = append(s.refuse, &gosmtp.SMTPError{Code: code, EnhancedCode: gosmtp.EnhancedCode{code / 100, 7, 1}, Message: words})
}

// out sends a mail of Exchange to some addresses, each by itself.
func (h *house) out(mail string, to ...string) {
	h.t.Helper()
	for _, a := range to {
		c := dial(h.t, h.p.addr("exchange"))
		_ = postOn(c, "anna@example.com", a, mail) // a refusal is part of the story
		c.Close()
	}
}

// outAs is out with an ENVID (RFC 3461 §4.4).
func (h *house) outAs(envelope, mail string, to ...string) {
	h.t.Helper()
	for _, a := range to {
		c := dial(h.t, h.p.addr("exchange"))
		if err := c.Hello("exch01.example.com"); err != nil {
			h.t.Fatal(err)
		}
		id, err := c.Text.Cmd("MAIL FROM:<anna@example.com> ENVID=%s", envelope)
		if err != nil {
			h.t.Fatal(err)
		}
		c.Text.StartResponse(id)
		_, _, err = c.Text.ReadResponse(250)
		c.Text.EndResponse(id)
		if err := errors.Join(err, c.Rcpt(a), deliver(c, mail)); err != nil {
			h.t.Fatalf("to %s: %v", a, err)
		}
		c.Close()
	}
}

// run runs a command beside the server.
func (h *house) run(args ...string) (string, int) {
	h.t.Helper()
	return h.runAt(time.Now(), args...)
}

// soon is when the grace is over.
func soon() time.Time { return time.Now().Add(time.Hour) }

func (h *house) runAt(now time.Time, args ...string) (string, int) {
	h.t.Helper()
	var out, errs bytes.Buffer
	code := run(&env{args: append(args, "--config", h.config), environ: os.Environ(), stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: func() time.Time { return now }})
	if errs.Len() > 0 {
		h.t.Logf("%v: %s", args, errs.String())
	}
	return out.String(), code
}

// invite is a mail of Exchange 2003 about one meeting.
func invite(method string, revision int, clock string, attendees ...string) string {
	cal := []string{"BEGIN:VCALENDAR", "METHOD:" + method, "PRODID:Microsoft CDO for Microsoft Exchange", "VERSION:2.0", "BEGIN:VEVENT",
		"DTSTAMP:20270301T09" + fmt.Sprintf("%02d", revision) + "00Z", "DTSTART:20270302T" + clock + "00Z", "DTEND:20270302T120000Z", "SUMMARY:Budget",
		"UID:040000008200E00074C5B7101A82E00800000000C0B1A2938475C6010000000000000000100000005D6E7F8091A2B3C4D5E6F708192A3B4C",
		"ORGANIZER;CN=Anna:MAILTO:anna@example.com"}
	for _, a := range attendees {
		cal = append(cal, "ATTENDEE;ROLE=REQ-PARTICIPANT:MAILTO:"+a)
	}
	cal = append(cal, "SEQUENCE:0", "X-MICROSOFT-CDO-APPT-SEQUENCE:"+fmt.Sprint(revision), "END:VEVENT", "END:VCALENDAR")
	return meetingMail("anna@example.com", strings.Join(attendees, ">, <"), method, cal)
}

func TestMeetingsNotNotified(t *testing.T) {
	h := newHouse(t, "", "partner.example", "notes.example")
	ben, eve := "ben@partner.example", "eve@notes.example"
	h.out(invite("REQUEST", 0, "1000", ben, eve), ben, eve)
	if out, code := h.run("meetings", "not-notified", "--check"); code != 0 || !strings.Contains(out, "All attendees were notified") {
		t.Errorf("after the invitation: %d\n%s", code, out)
	}
	h.refuse("notes.example", 550, "calendar content is not accepted here")
	h.out(invite("CANCEL", 1, "1000", ben, eve), ben, eve)
	out, code := h.run("meetings", "not-notified", "--check", "--json")
	var row map[string]any
	if err := json.Unmarshal([]byte(out), &row); err != nil || code != 1 {
		t.Fatalf("%d %v:\n%s", code, err, out)
	}
	for key, want := range map[string]any{"attendee": eve, "method": "CANCEL", "seq": 1.0, "why": "refused", "code": 550.0, "has_method": "REQUEST", "summary": "Budget"} {
		if row[key] != want {
			t.Errorf("%s is %v, want %v", key, row[key], want)
		}
	}
	if out, _ := h.run("meetings", "not-notified"); !strings.Contains(out, "calendar content is not accepted here") || !strings.Contains(out, "NOT NOTIFIED") {
		t.Errorf("for people:\n%s", out)
	}
	if out, _ := h.run("meetings", "not-notified", "--csv"); strings.Count(out, "\n") != 2 || !strings.HasPrefix(out, "uid,occurrence,") {
		t.Errorf("CSV:\n%s", out)
	}
	h.out(invite("CANCEL", 1, "1000", ben, eve), eve)
	if out, code := h.run("meetings", "not-notified", "--check"); code != 0 {
		t.Errorf("after a later copy: %d\n%s", code, out)
	}
}

// The answer of an attendee, the table, the time line and the list say what
// happened.
func TestMeetingsShowAndList(t *testing.T) {
	h := newHouse(t, "", "partner.example", "notes.example")
	ben, eve := "ben@partner.example", "eve@notes.example"
	request := invite("REQUEST", 0, "1000", ben, eve)
	h.out(request, ben, eve)
	answer := strings.Replace(strings.Replace(invite("REPLY", 0, "1000"), "SEQUENCE:0", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:"+ben+"\r\nSEQUENCE:0", 1), "Exchange\r\n", "Exchange Server 2007\r\n", 1)
	post(t, h.p.addr("internet"), ben, "anna@example.com", answer)
	h.refuse("notes.example", 550, "no calendars here")
	h.out(invite("REQUEST", 1, "1100", ben, eve), ben, eve)
	out, code := h.run("meetings", "show", "040000008200E0")
	for _, want := range []string{"Budget", "planned, update (revision 1)", "2027-03-02 11:00 UTC", "invitation 0", "update 1", "refused 550", "accepted 20", "no calendars here", "NOT NOTIFIED", "repaired: ", "received as 0"} {
		if !strings.Contains(out, want) {
			t.Errorf("show lacks %q", want)
		}
	}
	if code != 0 || t.Failed() {
		t.Fatalf("%d\n%s", code, out)
	}
	file := filepath.Join(t.TempDir(), "mail.eml")
	if err := os.WriteFile(file, []byte(request), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, _ := h.run("meetings", "show", file, "--json"); strings.Count(again, "\n") != 4 || !strings.Contains(again, `"partstat":"ACCEPTED"`) {
		t.Errorf("of a file:\n%s", again)
	}
	if out, _ := h.run("meetings", "--undelivered", "--search", "budg"); !strings.Contains(out, "1 NOT NOTIFIED") {
		t.Errorf("list:\n%s", out)
	}
	for _, none := range [][]string{{"--method", "CANCEL"}, {"--attendee", "eve@partner.example"}, {"--domain", "else.example"}, {"--organizer", ben}, {"--search", "lunch"}, {"--until", "1h"}} {
		if out, _ := h.run(append([]string{"meetings", "list"}, none...)...); !strings.Contains(out, "No such meeting") {
			t.Errorf("%v:\n%s", none, out)
		}
	}
	if out, code := h.run("ledger", "check"); code != 0 || out != "ok\n" {
		t.Errorf("check: %d %s", code, out)
	}
	if out, _ := h.run("ledger", "stats"); !strings.Contains(out, "deliveries  5") {
		t.Errorf("stats: %s", out)
	}
	h.p.metric("reconvene_ledger_records_total 5", "reconvene_ledger_writable 1")
}

// A counter-proposal is the response of the attendee, with the time that it
// proposes.
func TestMeetingsCounter(t *testing.T) {
	h := newHouse(t, "", "partner.example", "notes.example")
	ben, eve := "ben@partner.example", "eve@notes.example"
	h.out(invite("REQUEST", 0, "1000", ben, eve), ben, eve)
	counter := strings.Replace(invite("COUNTER", 0, "1130"), "SEQUENCE:0", "ATTENDEE;PARTSTAT=TENTATIVE:mailto:"+ben+"\r\nSEQUENCE:0", 1)
	post(t, h.p.addr("internet"), ben, "anna@example.com", counter)
	out, code := h.run("meetings", "show", "040000008200E0")
	if code != 0 || strings.Count(out, "proposed 2027-03-02 11:30 UTC") != 1 || !strings.Contains(out, "tentative 20") || !strings.Contains(out, "when       2027-03-02 10:00 UTC") {
		t.Errorf("%d\n%s", code, out)
	}
	out, _ = h.run("meetings", "show", "040000008200E0", "--json")
	for line := range strings.Lines(out) {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		var partstat, proposed any
		if row["attendee"] == ben {
			partstat, proposed = "TENTATIVE", "2027-03-02T11:30:00Z"
		}
		if row["partstat"] != partstat || row["proposed_start"] != proposed {
			t.Errorf("%s", line)
		}
	}
	if strings.Count(out, "\n") != 2 {
		t.Errorf("%s", out)
	}
}

// A copy that comes twice, and one that comes after a newer one, are marked.
func TestMeetingsMarks(t *testing.T) {
	h := newHouse(t, "", "partner.example")
	ben := "ben@partner.example"
	first, second := invite("REQUEST", 0, "1000", ben), invite("REQUEST", 1, "1100", ben)
	for _, m := range []string{first, first, second, first} {
		h.out(m, ben)
	}
	out, _ := h.run("meetings", "show", "040000008200E0")
	for _, want := range []string{"delivered ben@partner.example (duplicate): 250", "delivered ben@partner.example (out-of-order): 250", "repaired, out-of-order"} {
		if strings.Count(out, want) != 1 {
			t.Errorf("show lacks %q:\n%s", want, out)
		}
	}
	if out, _ := h.run("meetings", "show", "040000008200E0", "--json"); strings.Count(out, `"mark":"out-of-order"`) != 1 {
		t.Errorf("JSON:\n%s", out)
	}
}

// A delivery status notification says what became of a copy that was accepted,
// by Message-ID, by ENVID, or by the meeting in the mail that it returns.
func TestMeetingsBounce(t *testing.T) {
	ben, eve := "ben@partner.example", "eve@notes.example"
	cancel := invite("CANCEL", 1, "1000", ben, eve)
	for _, tt := range []struct{ name, report, returned string }{
		{"by Message-ID", "", "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <cancel@story.example>\r\n\r\n"},
		{"by ENVID", "Original-Envelope-Id: Q2-17\r\n", "Content-Type: text/rfc822-headers\r\n\r\nSubject: Budget\r\n\r\n"},
		{"by ENVID as MAIL wrote it", "Original-Envelope-Id: Q2+2D17\r\n", "Content-Type: text/rfc822-headers\r\n\r\nSubject: Budget\r\n\r\n"},
		{"by UID", "", "Content-Type: message/rfc822\r\n\r\n" + strings.Replace(cancel, "Message-ID:", "X-Was:", 1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, "", "partner.example", "notes.example")
			h.outAs("Q1+2D17", invite("REQUEST", 0, "1000", ben, eve), ben, eve)
			h.outAs("Q2+2D17", cancel, ben, eve)
			if out, code := h.run("meetings", "not-notified", "--check"); code != 0 {
				t.Fatalf("before: %s", out)
			}
			post(t, h.p.addr("internet"), "", "anna@example.com", "From: MAILER-DAEMON@notes.example\r\nContent-Type: multipart/report; boundary=b; report-type=delivery-status\r\n\r\n"+
				"--b\r\n\r\nsorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n"+tt.report+"\r\nFinal-Recipient: rfc822; Eve@notes.example\r\nAction: failed\r\n"+
				"Status: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full\r\n\r\n--b\r\n"+tt.returned+"\r\n--b--\r\n")
			out, code := h.run("meetings", "not-notified", "--check")
			if code != 1 || !strings.Contains(out, eve) || !strings.Contains(out, "bounced") || !strings.Contains(out, "552 mailbox full") || strings.Contains(out, ben) {
				t.Errorf("%d\n%s", code, out)
			}
		})
	}
}

//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// TestStory is the report that all of this began with (KB 938650), from the
// invitation to the cancellation: an Exchange 2003 that keeps the time of each
// answer, an Exchange 2007 that answers without the property for it, and the
// program between them, outbound, on the way in, both ways, or not at all.
func TestStory(t *testing.T) {
	tests := []struct {
		name         string
		out, in      bool   // the ways on which the program stands between them
		update, fate string // what becomes of the update, and what Ben's calendar shows in the end
	}{
		{"without Reconvene", false, false, "stuck in the queue", "10:00"},
		{"on the way out only", true, false, "stuck in the queue", "10:00"},
		{"on the way in only", false, true, "sent", "10:00"}, // and ignored: SEQUENCE stays 0
		{"both ways", true, true, "sent", "cancelled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { play(t, tt.out, tt.in, tt.update, tt.fate) })
	}
}

func play(t *testing.T, relayOut, relayIn bool, update, fate string) {
	exchange, ben := &exchange2003{}, &exchange2007{}
	exchange.got, ben.got = make(chan string, 1), make(chan string, 1)
	exchange.addr = mailServer(t, "exch03.example.com Microsoft ESMTP MAIL Service, Version: 6.0.3790.4675 ready", exchange.got)
	ben.addr = mailServer(t, "mail.partner.example", ben.got)
	p := startServe(t, nil, "--config", storyConfig(t, exchange.addr, ben.addr))
	out, in := ben.addr, exchange.addr
	if relayOut {
		out = p.addr("exchange")
	}
	if relayIn {
		in = p.addr("internet")
	}
	deliver := func(mail string) {
		post(t, out, "anna@example.com", "ben@partner.example", mail)
		ben.receive(t)
	}

	invitation, err := exchange.build("REQUEST", "10:00")
	if err != nil {
		t.Fatalf("the invitation: %v", err)
	}
	deliver(invitation)
	if ben.shows != "10:00" {
		t.Fatalf("Ben's calendar shows %q after the invitation", ben.shows)
	}
	post(t, in, "ben@partner.example", "anna@example.com", ben.accept())
	exchange.receive(t)

	moved, err := exchange.build("REQUEST", "11:00")
	switch {
	case update == "sent" && err != nil:
		t.Fatalf("the update: %v", err)
	case update != "sent" && (err == nil || !strings.Contains(err.Error(), "EcGetMime")):
		t.Fatalf("the update could be built although the answer had no time (%v)", err)
	}
	if err == nil {
		deliver(moved)
		cancellation, err := exchange.build("CANCEL", "11:00")
		if err != nil {
			t.Fatalf("the cancellation: %v", err)
		}
		deliver(cancellation)
	}
	if ben.shows != fate {
		t.Errorf("Ben's calendar shows %q, want %q", ben.shows, fate)
	}
	if relayIn {
		l := p.line(1, "msg=message", "direction=inbound", "method=REPLY", "profile=exchange2003", "verdict=delivered")
		if !strings.Contains(value(l, "applied"), "cdo-critical-change-missing") {
			t.Errorf("the log does not name the answer that would have poisoned the meeting: %s", l)
		}
		if want := ben.answered; !exchange.track.Equal(want) {
			t.Errorf("Exchange keeps %v as the time of the answer, which was %v", exchange.track, want)
		}
	}
}

// exchange2003 organizes one meeting with one attendee, as far as KB 938650
// tells of it.
type exchange2003 struct {
	addr     string
	got      chan string
	revision int
	answered bool
	track    time.Time // PR_RECIPIENT_TRACKSTATUS_TIME of the attendee
}

// windowsZero is how Windows writes that there is no time.
var windowsZero = time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC)

// receive files an answer: its time is in one property, and nowhere else.
func (e *exchange2003) receive(t *testing.T) {
	ev := eventIn(t, await(t, e.got))
	e.answered, e.track = true, windowsZero
	if d, ok := ical.ParseDateTime(ev.Value("X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE")); ok {
		e.track = d.Wall
	}
}

// build turns the meeting into a mail, which fails on a time that
// VariantTimeToSystemTime does not take.
func (e *exchange2003) build(method, clock string) (string, error) {
	reply := ""
	if e.answered {
		if e.track.Year() <= 1601 {
			return "", errors.New("event 327, EcGetMime, error -2147467259: the message stays in the queue")
		}
		reply = ";X-REPLYTIME=" + e.track.Format("20060102T150405Z")
	}
	cal := []string{"BEGIN:VCALENDAR", "METHOD:" + method, "PRODID:Microsoft CDO for Microsoft Exchange", "VERSION:2.0", "BEGIN:VEVENT",
		"DTSTAMP:" + time.Now().UTC().Format("20060102T150405Z"),
		"DTSTART:20270302T" + strings.ReplaceAll(clock, ":", "") + "00Z", "DTEND:20270302T120000Z", "SUMMARY:Budget",
		"UID:040000008200E00074C5B7101A82E00800000000C0B1A2938475C6010000000000000000100000005D6E7F8091A2B3C4D5E6F708192A3B4C",
		"ORGANIZER;CN=Anna:MAILTO:anna@example.com", "ATTENDEE;ROLE=REQ-PARTICIPANT;CN=Ben" + reply + ":MAILTO:ben@partner.example",
		"SEQUENCE:0", "X-MICROSOFT-CDO-REPLYTIME:16010101T000000Z", "X-MICROSOFT-CDO-APPT-SEQUENCE:" + strconv.Itoa(e.revision),
		"END:VEVENT", "END:VCALENDAR"}
	e.revision++
	return meetingMail("anna@example.com", "ben@partner.example", method, cal), nil
}

// exchange2007 is the attendee's side. It goes by SEQUENCE, as RFC 5546 §2.1.5
// wants it.
type exchange2007 struct {
	addr     string
	got      chan string
	uid      string
	revision int
	shows    string // what the calendar shows: the hour, or "cancelled"
	answered time.Time
}

func (x *exchange2007) receive(t *testing.T) {
	mail := await(t, x.got)
	ev := eventIn(t, mail)
	n, err := strconv.Atoi(ev.Value("SEQUENCE"))
	if err != nil {
		t.Fatalf("SEQUENCE of\n%s", mail)
	}
	if x.uid != "" && n <= x.revision {
		return // old news
	}
	start := ev.Value("DTSTART")
	x.uid, x.revision, x.shows = ev.Value("UID"), n, start[9:11]+":"+start[11:13]
	if strings.Contains(mail, "METHOD:CANCEL") {
		x.shows = "cancelled"
	}
}

// accept is the answer: without ORGANIZER, and without the time of the answer
// in Exchange's own property.
func (x *exchange2007) accept() string {
	x.answered = time.Now().UTC().Truncate(time.Second)
	return meetingMail("ben@partner.example", "anna@example.com", "REPLY", []string{"BEGIN:VCALENDAR", "METHOD:REPLY",
		"PRODID:Microsoft Exchange Server 2007", "VERSION:2.0", "BEGIN:VEVENT", "ATTENDEE;PARTSTAT=ACCEPTED;CN=Ben:MAILTO:ben@partner.example",
		"SUMMARY;LANGUAGE=en-US:Accepted: Budget", "DTSTART:20270302T100000Z", "DTEND:20270302T120000Z", "UID:" + x.uid,
		"DTSTAMP:" + x.answered.Format("20060102T150405Z"), "SEQUENCE:" + strconv.Itoa(x.revision), "END:VEVENT", "END:VCALENDAR"})
}

func meetingMail(from, to, method string, calendar []string) string {
	head := []string{"From: <" + from + ">", "To: <" + to + ">", "Subject: Budget", "Date: " + time.Now().UTC().Format(time.RFC1123Z),
		"Message-ID: <" + strings.ToLower(method) + "@story.example>", "MIME-Version: 1.0",
		"Content-Type: text/calendar; method=" + method + "; charset=utf-8", ""}
	return strings.Join(append(head, calendar...), "\r\n") + "\r\n"
}

// eventIn reads the meeting of a mail that is nothing but a calendar.
func eventIn(t *testing.T, mail string) *ical.Component {
	t.Helper()
	_, body, _ := strings.Cut(mail, "\r\n\r\n")
	doc, err := ical.Parse([]byte(body), ical.Limits{})
	if err != nil || len(doc.Calendars()) != 1 || len(doc.Calendars()[0].Children("VEVENT")) != 1 {
		t.Fatalf("no meeting (%v) in\n%s", err, mail)
	}
	return doc.Calendars()[0].Children("VEVENT")[0]
}

func await(t *testing.T, got chan string) string {
	t.Helper()
	select {
	case mail := <-got:
		return mail
	case <-time.After(patience):
		t.Fatal("no mail arrived")
		return ""
	}
}

// mailServer takes every mail; greeting is what it says of itself.
func mailServer(t *testing.T, greeting string, got chan string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{got: got}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return sinkSession{s}, nil }))
	server.Domain = greeting
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

// storyConfig is one program for both directions. What Exchange it is on the
// way in, the greeting says.
func storyConfig(t *testing.T, exchange, partner string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconvene.toml")
	text := fmt.Sprintf("hostname = \"smarthost.example.com\"\n[[listener]]\nname = \"exchange\"\naddress = \"127.0.0.1:0\"\n"+
		"[[listener]]\nname = \"internet\"\naddress = \"127.0.0.1:0\"\ndirection = \"inbound\"\n"+
		"[[route]]\ndomains = [\"example.com\"]\nvia = [%q]\ntls = \"off\"\n[[route]]\nvia = [%q]\ntls = \"off\"\n[admin]\naddress = \"\"\n", exchange, partner)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func post(t *testing.T, addr, from, to, mail string) {
	t.Helper()
	c := dial(t, addr)
	defer c.Close()
	if err := postOn(c, from, to, mail); err != nil {
		t.Fatalf("%s to %s: %v", from, to, err)
	}
}

func postOn(c *smtp.Client, from, to, mail string) error {
	if err := errors.Join(c.Mail(from), c.Rcpt(to)); err != nil {
		return err
	}
	return deliver(c, mail)
}

// deliver sends the body, and ends the connection.
func deliver(c *smtp.Client, mail string) error {
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, mail); err != nil {
		return err
	}
	return errors.Join(w.Close(), c.Quit())
}

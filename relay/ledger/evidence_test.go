package ledger_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/relay/ledger"
)

func TestFieldEvidence(t *testing.T) {
	for _, tt := range []struct{ field, profile, text string }{
		{"X-Mailer: Lotus Notes Release 8.5.3 September 15, 2011", "domino", "X-Mailer: Lotus Notes Release 8.5.3"},
		{"X-Mailer: HCL Notes Release 14.0", "domino", "X-Mailer: HCL Notes Release 14.0"},
		{"X-Mailer: Zimbra 8.8.15_GA_4059 (ZimbraWebClient - GC118 (Win)/8.8.15)", "zimbra", "X-Mailer: Zimbra 8.8.15_GA_4059"},
		{"X-MimeOLE: Produced By Microsoft Exchange V6.5", "exchange2003", "X-MimeOLE: Produced By Microsoft Exchange V6.5"},
		{"User-Agent: SOGoMail 5.8.0", "sabre", "User-Agent: SOGoMail 5.8.0"},
		{"Received: from a by mail.b.example (Lotus Domino Release 8.5.3FP6) with ESMTP id 1 for <anna@example.com>", "domino", "Received: Lotus Domino Release 8.5.3FP6"},
		{"Received: from a by b with Microsoft SMTP Server (TLS) id 8.3.298.1; Mon", "exchange2007", "Received: with Microsoft SMTP Server (TLS) id 8.3.298.1"},
		{"Received: from a by b with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.1.2507.27; Mon", "exchange", "Received: with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.1.2507.27"},
		{"X-Mailer: Microsoft Outlook 16.0", "", ""},
		{"X-MimeOLE: Produced By Microsoft MimeOLE V6.00.2900.2180", "", ""},
		{"X-Mailer: iPhone Mail (20A362)", "", ""},
		{"Received: from domino.example by x with ESMTP", "", ""},
		{"Subject: Lotus Notes Release 9", "", ""},
	} {
		e, ok := ledger.FieldEvidence("X-Other: a", tt.field)
		if ok != (tt.profile != "") || e.Profile != tt.profile || e.Text != tt.text {
			t.Errorf("%s: %+v", tt.field, e)
		}
	}
}

func TestBounceEvidence(t *testing.T) {
	for words, profile := range map[string]string{
		"5.1.1 550 5.1.1 RESOLVER.ADR.RecipNotFound; not found":                  "exchange",
		"5.1.1 550 User ben (ben@p.example) not listed in Domino Directory":      "domino",
		"5.1.1 550-5.1.1 The email account does not exist. q12-20020a05 - gsmtp": "google",
		"5.2.2 552 mailbox full": "",
	} {
		if e, ok := ledger.BounceEvidence("ben@p.example", words); ok != (profile != "") || e.Profile != profile || ok && e.Domain != "p.example" {
			t.Errorf("%s: %+v", words, e)
		}
	}
	for words, content := range map[string]bool{
		"5.6.0 554 5.6.0 Invalid message content": true, "5.0.0 554 5.6.1 no calendars": true, "5.6.1": true, "5.1.1 550 5.1.1 no such user": false,
		"5.7.1 554 5.7.1 spam": false, "5.0.0 554 Invalid message content": true, "5.0.0 554 mailbox closed": false, "": false, "4.4.7": false, "5.6.7 550 5.6.7 SMTPUTF8": false,
	} {
		if ledger.ReturnsContent(words) != content {
			t.Errorf("%q: %v", words, !content)
		}
	}
}

// Whose domain it is that a record tells of.
func TestLearned(t *testing.T) {
	at := nine
	answer := ledger.Record{Time: at, Inbound: true, Sender: "bob@bob.example", Program: "Zimbra-Calendar-Provider", Evidence: []ledger.Evidence{{Kind: ledger.KindField, Profile: "domino", Text: "f"}},
		Components: []ledger.Component{{Method: "REPLY"}}, Deliveries: []ledger.Delivery{{Attendee: "anna@example.com", Verdict: "delivered"}}}
	lost := answer
	lost.Deliveries = []ledger.Delivery{{Attendee: "anna@example.com", Verdict: "refused"}}
	request := answer
	request.Components = []ledger.Component{{Method: "REQUEST"}}
	out := ledger.Record{Time: at, Program: "Zimbra", Evidence: []ledger.Evidence{{Kind: ledger.KindGreeting, Profile: "google", Text: "g"}}, Deliveries: []ledger.Delivery{{Attendee: "a@x.example"}, {Attendee: "b@x.example"}}}
	two := out
	two.Deliveries = []ledger.Delivery{{Attendee: "a@x.example"}, {Attendee: "b@y.example"}}
	seen := func(domain, kind, profile, text string) ledger.Evidence {
		return ledger.Evidence{Domain: domain, Kind: kind, Profile: profile, Text: text, Seen: at}
	}
	for _, tt := range []struct {
		name string
		r    ledger.Record
		want []ledger.Evidence
	}{
		{"a response", answer, []ledger.Evidence{seen("bob.example", "program", "zimbra", "Zimbra-Calendar-Provider"), seen("bob.example", "field", "domino", "f")}},
		{"one that did not arrive", lost, nil},
		{"an invitation from outside", request, nil},
		{"the greeting of a domain's next hop", out, []ledger.Evidence{seen("x.example", "greeting", "google", "g")}},
		{"of two domains", two, nil},
	} {
		if d := cmp.Diff(tt.want, ledger.Learned(&tt.r)); d != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, d)
		}
	}
}

// The strongest evidence that is fresh counts; the greeting is not remembered for a
// profile.
func TestEvidenceDecays(t *testing.T) {
	dir := t.TempDir()
	var days atomic.Int64 // that have passed; the ledger's own goroutine reads the clock, too
	l := open(t, dir, func(o *ledger.Options) { o.Now = func() time.Time { return nine.AddDate(0, 0, int(days.Load())) } })
	greeted := mail{0, "REQUEST", 0, 0, "", 1, "bob", "bob=250"}.record(1)
	greeted.Evidence = []ledger.Evidence{{Kind: ledger.KindGreeting, Profile: "exchange", Text: "220 hop"}}
	l.Add(greeted)
	if p := l.Profile("bob.example"); p != "" {
		t.Errorf("the greeting chooses %q", p)
	}
	field := answerOf("bob", 5, "", true)
	field.Evidence = []ledger.Evidence{{Kind: ledger.KindField, Profile: "domino", Text: "X-Mailer: Lotus Notes"}}
	field.Program = "Outlook"
	l.Add(field)
	if p := l.Profile("Bob.example"); p != "domino" {
		t.Errorf("the header chooses %q", p)
	}
	program := answerOf("bob", 9, "", true)
	program.Program = "Zimbra"
	l.Add(program)
	if p := l.Profile("bob.example"); p != "zimbra" {
		t.Errorf("the calendar chooses %q", p)
	}
	later := answerOf("bob", 9+100*24*60, "", true)
	later.Evidence, later.Program = field.Evidence, "Outlook"
	l.Add(later)
	days.Store(200)
	if p := l.Profile("bob.example"); p != "domino" {
		t.Errorf("when the calendar is too old: %q", p)
	}
	days.Store(400)
	if p := l.Profile("bob.example"); p != "" {
		t.Errorf("when all is too old: %q", p)
	}
	l.Close()
	list, err := reader(t, dir).Receivers(t.Context(), nine.Add(time.Hour))
	if err != nil || len(list) != 1 || list[0].Profile != "zimbra" || len(list[0].Known) != 3 {
		t.Errorf("%+v %v", list, err)
	}
}

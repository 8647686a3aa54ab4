package remedy

import (
	"strings"
	"testing"
)

const (
	boss = "ORGANIZER:mailto:boss@x.example"
	jane = "ATTENDEE:mailto:jane@y.example"
	joe  = "ATTENDEE:mailto:joe@y.example"
)

func TestOrgMissingRequest(t *testing.T) {
	table(t, "org-missing-request", []row{
		{name: "author", in: event(jane), want: event(jane, boss), found: 1, with: with(from("boss@x.example"))},
		{name: "name and sender", in: event(jane), want: event(jane, `ORGANIZER;CN="Boss, The";SENT-BY="mailto:aide@x.example":mailto:boss@x.example`), found: 1,
			with: with(from(`"Boss, The" <boss@x.example>`), sender("aide@x.example"))},
		{name: "sender is author", in: event(jane), want: event(jane, boss), found: 1, with: with(from("boss@x.example"), sender("Boss@x.example"))},
		{name: "forwarded by an attendee", in: event(jane), found: 1, note: "forwarded", with: with(from("jane@y.example"))},
		{name: "the organizer is listed", in: event("ATTENDEE;ROLE=CHAIR:mailto:boss@x.example"), want: event("ATTENDEE;ROLE=CHAIR:mailto:boss@x.example", boss), found: 1, with: with(from("boss@x.example"))},
		{name: "no author", in: event(jane), found: 1, note: "exactly one author"},
		{name: "nobody invited", in: event("UID:1"), with: with(from("boss@x.example"))},
		{name: "there", in: event(boss, jane), with: with(from("a@x.example"))},
		{name: "a reply", in: eventOf("REPLY", jane), with: with(from("boss@x.example"))},
		{name: "an address that needs escapes", in: event(jane), found: 1, note: "mailto URI", with: with(from(`"a b"@x.example`))},
	})
}

func TestOrgMissingReply(t *testing.T) {
	table(t, "org-missing-reply", []row{
		{name: "one recipient", in: eventOf("REPLY", jane), want: eventOf("REPLY", jane, boss), found: 1, with: with(to("boss@x.example"), rcpt("BOSS@x.example"))},
		{name: "by the envelope", in: eventOf("REPLY", jane), want: eventOf("REPLY", jane, boss), found: 1, with: with(rcpt("boss@x.example"))},
		{name: "two recipients", in: eventOf("REPLY", jane), found: 1, note: "exactly one", with: with(to("boss@x.example"), cc("aide@x.example"))},
		{name: "header and envelope differ", in: eventOf("REPLY", jane), found: 1, note: "exactly one", with: with(to("boss@x.example"), rcpt("aide@x.example"))},
		{name: "no mail", in: eventOf("REPLY", jane), found: 1, note: "exactly one"},
		{name: "to the attendee", in: eventOf("REPLY", jane), found: 1, note: "attendee", with: with(to("jane@y.example"))},
		{name: "there", in: eventOf("REPLY", boss, jane), with: with(to("a@x.example"))},
		{name: "a request", in: event(jane), with: with(to("a@x.example"))},
	})
}

func TestOrgEmpty(t *testing.T) {
	table(t, "org-empty", []row{
		{name: "request", in: event("ORGANIZER:", jane), want: event(boss, jane), found: 1, with: with(from("boss@x.example"))},
		{name: "scheme only", in: event("ORGANIZER;CN=B:MAILTO:", jane), want: event("ORGANIZER;CN=B:mailto:boss@x.example", jane), found: 1, with: with(from("boss@x.example"))},
		{name: "reply", in: eventOf("REPLY", "ORGANIZER:", jane), want: eventOf("REPLY", boss, jane), found: 1, with: with(from("jane@y.example"), to("boss@x.example"))},
		{name: "not known", in: event("ORGANIZER:", jane), found: 1, note: "author"},
		{name: "there", in: event(boss, jane)},
	})
}

func TestOrgNoScheme(t *testing.T) {
	table(t, "org-no-scheme", []row{
		{name: "a carriage return in a parameter's name", in: event("ATTENDEE;A\rB=:jane@x.example")},
		{name: "organizer and attendee", in: event("ORGANIZER;CN=A:a@x.example", "ATTENDEE: b@x.example"), want: event("ORGANIZER;CN=A:mailto:a@x.example", "ATTENDEE:mailto:b@x.example"), found: 2},
		{name: "a name", in: event("ORGANIZER:Jane")},
		{name: "the kind of address of Exchange's directory", in: event("ORGANIZER:SMTP:boss@x.example", jane), want: event(boss, jane), found: 1},
		{name: "a directory name", in: event("ORGANIZER:/o=Org/cn=a@x.example")},
		{name: "sound", in: event(boss, jane)},
	})
}

func TestOrgDN(t *testing.T) {
	const dn = "ORGANIZER;CN=B:MAILTO:/O=Org/OU=First/cn=Recipients/cn=boss"
	const dnAttendee = "ATTENDEE;CN=J:MAILTO:/o=Org/ou=First/cn=Recipients/cn=jane"
	table(t, "org-dn", []row{
		{name: "organizer", in: event(dn, jane), want: event("ORGANIZER;CN=B:mailto:boss@x.example", jane), found: 1, with: with(from("boss@x.example"))},
		{name: "wrapped", in: event("ORGANIZER:mailto:IMCEAEX-_o=Org@x.example", jane), want: event(boss, jane), found: 1, with: with(from("boss@x.example"))},
		{name: "in a reply it is the recipient", in: eventOf("REPLY", dn, jane), want: eventOf("REPLY", "ORGANIZER;CN=B:mailto:boss@x.example", jane), found: 1, with: with(from("jane@y.example"), to("boss@x.example"))},
		{name: "not known", in: event(dn, jane), found: 1, note: "author"},
		{name: "attendee is never dropped", in: event(boss, dnAttendee, jane), found: 1, note: "not in the message"},
		{name: "attendee with EMAIL", in: event(boss, "ATTENDEE;EMAIL=jane@y.example:MAILTO:/o=Org/cn=jane"), want: event(boss, "ATTENDEE;EMAIL=jane@y.example:mailto:jane@y.example"), found: 1},
		{name: "attendee who answers", in: eventOf("REPLY", boss, dnAttendee), want: eventOf("REPLY", boss, "ATTENDEE;CN=J:mailto:jane@y.example"), found: 1, with: with(from("jane@y.example"))},
		{name: "sound", in: event(boss, jane), with: with(from("a@x.example"))},
	})
}

func TestAddrNonmail(t *testing.T) {
	table(t, "addr-nonmail", []row{
		{name: "organizer", in: event("ORGANIZER:sip:boss@x.example", jane), want: event(boss, jane), found: 1, with: with(from("boss@x.example"))},
		{name: "EMAIL", in: event(boss, "ATTENDEE;EMAIL=jane@y.example:urn:uuid:1"), want: event(boss, "ATTENDEE;EMAIL=jane@y.example:mailto:jane@y.example"), found: 1},
		{name: "nobody is lost", in: event(boss, jane, "ATTENDEE:invalid:nomail"), found: 1, note: "not in the message"},
		{name: "a telephone", in: event(boss, jane, "ATTENDEE;CN=Bob:tel:+49301234567"), found: 1, note: "not in the message"},
		{name: "cancelled for all", in: eventOf("CANCEL", boss, jane, "ATTENDEE:sip:bob@y.example"), found: 1, note: "not in the message"},
		{name: "a task", in: todo(event(boss, jane, "ATTENDEE:sip:bob@y.example")), found: 1, note: "not in the message"},
		{name: "the only attendee", in: event(boss, "ATTENDEE:invalid:nomail"), found: 1, note: "not in the message"},
		{name: "EMAIL as a URI", in: event(boss, `ATTENDEE;EMAIL="MAILTO: jane@y.example":urn:uuid:1`), want: event(boss, `ATTENDEE;EMAIL="MAILTO: jane@y.example":mailto:jane@y.example`), found: 1},
		{name: "the address behind a name", in: event(boss, jane, "ATTENDEE:CN=Bob Lee:mailto:bob@y.example")},
		{name: "the address behind an escaped name", in: event(boss, jane, `ATTENDEE:CN=Bob\:MAILTO:bob@y.example`)},
		{name: "the address behind another scheme", in: event(boss, jane, "ATTENDEE:invalid:MAILTO:bob@y.example")},
		{name: "the address in angle brackets", in: event(boss, jane, "ATTENDEE:Lee: Bob <bob@y.example>")},
		{name: "no scheme in front of the colon", in: event(boss, jane, "ATTENDEE:10:30")},
		{name: "sip of a recipient", in: event(boss, jane, "ATTENDEE;CN=Bob:sip:bob@y.example;transport=tls"), want: event(boss, jane, "ATTENDEE;CN=Bob:mailto:bob@y.example"), found: 1, with: with(to("Bob@y.example"))},
		{name: "sip of somebody else", in: event(boss, jane, "ATTENDEE:sip:bob@y.example"), found: 1, note: "not in the message", with: with(to("jane@y.example"))},
		{name: "sound", in: event(boss, jane)},
	})
}

func TestMailtoCase(t *testing.T) {
	table(t, "mailto-case", []row{
		{name: "upper", in: event(`ORGANIZER;SENT-BY="MAILTO:c@x.example":MAILTO:a@x.example`, "ATTENDEE:Mailto:B@x.example"), want: event(`ORGANIZER;SENT-BY="mailto:c@x.example":mailto:a@x.example`, "ATTENDEE:mailto:B@x.example"), found: 2},
		{name: "lower", in: event(boss, jane)},
		{name: "another scheme", in: event("ATTENDEE:URN:uuid:1")},
	})
}

func TestMailtoPercent(t *testing.T) {
	table(t, "mailto-percent", []row{
		{name: "plus", in: event("ATTENDEE:mailto:a%2Bb@x.example"), want: event("ATTENDEE:mailto:a+b@x.example"), found: 1},
		{name: "needed", in: event("ATTENDEE:mailto:a%25b@x.example")},
		{name: "twice", in: event("ATTENDEE:mailto:a%2%42b@x.example")},
		{name: "not hexadecimal", in: event("ATTENDEE:mailto:a%+1b%@x.example")},
		{name: "plain", in: event(jane)},
	})
}

func TestMailtoQuote(t *testing.T) {
	table(t, "mailto-quote", []row{
		{name: "quoted", in: event("ATTENDEE:MAILTO:'a@x.example'"), want: event("ATTENDEE:mailto:a@x.example"), found: 1},
		{name: "one apostrophe", in: event("ATTENDEE:mailto:o'a@x.example")},
		{name: "nothing inside", in: event("ATTENDEE:mailto:''")},
	})
}

func TestCNEmpty(t *testing.T) {
	table(t, "cn-empty", []row{
		{name: "empty", in: event("ORGANIZER;CN=:MAILTO:a@x.example"), want: event("ORGANIZER:MAILTO:a@x.example"), found: 1},
		{name: "quoted", in: event(`ATTENDEE;CN=" ";RSVP=TRUE:mailto:a@x.example`), want: event("ATTENDEE;RSVP=TRUE:mailto:a@x.example"), found: 1},
		{name: "named", in: event("ORGANIZER;CN=A:mailto:a@x.example")},
	})
}

func TestCNMissing(t *testing.T) {
	table(t, "cn-missing", []row{
		{name: "request", in: event(boss), want: event("ORGANIZER;CN=boss@x.example:mailto:boss@x.example"), found: 1},
		{name: "reply", in: eventOf("REPLY", boss)},
		{name: "named", in: event("ORGANIZER;CN=A:mailto:a@x.example")},
		{name: "no address", in: event("ORGANIZER:mailto:/o=Org/cn=a@x")},
	})
}

func TestCNQuote(t *testing.T) {
	const at = ":mailto:a@x.example"
	table(t, "cn-quote", []row{
		{name: "comma and parentheses", in: event("ATTENDEE;CN=Müller, A (X)" + at), want: event(`ATTENDEE;CN="Müller, A (X)"` + at), found: 1},
		{name: "not ASCII", in: event("ATTENDEE;CN=Müller;RSVP=TRUE" + at), want: event(`ATTENDEE;CN="Müller";RSVP=TRUE` + at), found: 1},
		{name: "colon", in: event("ATTENDEE;CN=Sales: EMEA;RSVP=TRUE" + at), want: event(`ATTENDEE;CN="Sales: EMEA";RSVP=TRUE` + at), found: 1},
		{name: "colon, and an address without quotes", in: event("ATTENDEE;CN=A: B;X-A=c:d;SENT-BY=mailto:b@x.example" + at), want: event(`ATTENDEE;CN="A: B";X-A="c:d";SENT-BY="mailto:b@x.example"` + at), found: 1},
		{name: "semicolon", in: event("ATTENDEE;CN=Doe; Jane;RSVP=TRUE" + at), want: event(`ATTENDEE;CN="Doe; Jane";RSVP=TRUE` + at), found: 1},
		{name: "semicolons", in: event("ATTENDEE;CN=Doe; Jane; RSVP;RSVP=TRUE" + at), want: event(`ATTENDEE;CN="Doe; Jane; RSVP";RSVP=TRUE` + at), found: 1},
		{name: "quotes inside", in: event(`ATTENDEE;CN=Jane "J" Doe` + at), want: event(`ATTENDEE;CN=Jane 'J' Doe` + at), found: 1},
		{name: "an opening quote", in: event(`ATTENDEE;CN="Jane` + at), want: event(`ATTENDEE;CN=Jane` + at), found: 1},
		{name: "parentheses are harmless", in: event("ATTENDEE;CN=A (X)" + at)},
		{name: "quoted", in: event(`ATTENDEE;CN="Müller, A: X"` + at)},
		{name: "a colon elsewhere", in: event("ATTENDEE;DIR=ldap://x" + at)},
		{name: "no name", in: event("ATTENDEE" + at)},
	})
}

func TestParamBlank(t *testing.T) {
	table(t, "param-blank", []row{
		{name: "a carriage return in a parameter's name", in: event("ATTENDEE;A\rB=;ROLE=:mailto:jane@x.example")},
		{name: "blank", in: event("ATTENDEE;ROLE=;RSVP=TRUE;X-A=:mailto:a@x.example"), want: event("ATTENDEE;RSVP=TRUE:mailto:a@x.example"), found: 1},
		{name: "TZID and CN", in: event("DTSTART;TZID=:20260302T080000", "ATTENDEE;CN=:mailto:a@x.example")},
		{name: "once blank, once not", in: event("ATTENDEE;ROLE=CHAIR;ROLE=:mailto:a@x.example"), want: event("ATTENDEE;ROLE=CHAIR:mailto:a@x.example"), found: 1},
		{name: "in the text", in: event("DESCRIPTION;LANGUAGE=en:a=;b=:c")},
		{name: "in an alarm", in: event("BEGIN:VALARM", "TRIGGER;RELATED=:-PT5M", "END:VALARM"), want: event("BEGIN:VALARM", "TRIGGER:-PT5M", "END:VALARM"), found: 1},
	})
}

func TestParamUnquotedURI(t *testing.T) {
	table(t, "param-unquoted-uri", []row{
		{name: "SENT-BY", in: event("ORGANIZER;CN=A;SENT-BY=mailto:b@x.example:mailto:a@x.example"), want: event(`ORGANIZER;CN=A;SENT-BY="mailto:b@x.example":mailto:a@x.example`), found: 1},
		{name: "in the middle", in: event("ORGANIZER;SENT-BY=MAILTO:b@x.example;CN=A:MAILTO:a@x.example"), want: event(`ORGANIZER;SENT-BY="MAILTO:b@x.example";CN=A:MAILTO:a@x.example`), found: 1},
		{name: "SEND-BY", in: event(`ORGANIZER;SEND-BY="mailto:b@x.example":mailto:a@x.example`), want: event(`ORGANIZER;SENT-BY="mailto:b@x.example":mailto:a@x.example`), found: 1},
		{name: "two delegates", in: event("ATTENDEE;DELEGATED-TO=mailto:b@x.example,mailto:c@x.example:mailto:a@x.example"), want: event(`ATTENDEE;DELEGATED-TO="mailto:b@x.example","mailto:c@x.example":mailto:a@x.example`), found: 1},
		{name: "members in pieces", in: event(`ATTENDEE;MEMBER="mailto:b@x.example";MEMBER=mailto:c@x.example:mailto:a@x.example`), want: event(`ATTENDEE;MEMBER="mailto:b@x.example","mailto:c@x.example":mailto:a@x.example`), found: 1},
		{name: "a directory", in: event("ATTENDEE;DIR=ldap://d.example/cn=a,o=b:mailto:a@x.example"), want: event(`ATTENDEE;DIR="ldap://d.example/cn=a,o=b":mailto:a@x.example`), found: 1},
		{name: "a name with a colon beside it", in: event("ORGANIZER;CN=A: B;X-A=c:d;SENT-BY=mailto:b@x.example:mailto:a@x.example")},
		{name: "and behind it", in: event("ORGANIZER;SENT-BY=mailto:b@x.example;X-A=c:d;CN=A: B:mailto:a@x.example"), want: event(`ORGANIZER;SENT-BY="mailto:b@x.example";X-A="c:d";CN="A: B":mailto:a@x.example`), found: 1},
		{name: "quoted", in: event(`ORGANIZER;SENT-BY="mailto:b@x.example":mailto:a@x.example`)},
		{name: "no second address", in: event("ORGANIZER;SENT-BY=mailto:b@x.example")},
	})
}

func TestPartstatMissing(t *testing.T) {
	table(t, "partstat-missing", []row{
		{name: "request", in: event(jane), want: event("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:jane@y.example"), found: 1},
		{name: "there", in: event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:jane@y.example")},
		{name: "parameters read as the address", in: event("ATTENDEE;CN=x:;PARTSTAT=ACCEPTED:mailto:jane@y.example")},
		{name: "never guessed in an answer", in: eventOf("REPLY", jane)},
	})
}

func TestRSVPAfterReply(t *testing.T) {
	table(t, "rsvp-after-reply", []row{
		{name: "answered", in: event("ATTENDEE;RSVP=TRUE;PARTSTAT=ACCEPTED:mailto:a@x.example"), want: event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.example"), found: 1},
		{name: "not answered", in: event("ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:a@x.example")},
		{name: "answered in small letters", in: event("ATTENDEE;RSVP=TRUE;PARTSTAT=accepted:mailto:a@x.example"), want: event("ATTENDEE;PARTSTAT=accepted:mailto:a@x.example"), found: 1},
		{name: "a task", in: todo(event("ATTENDEE;RSVP=TRUE;PARTSTAT=IN-PROCESS:mailto:a@x.example")), want: todo(event("ATTENDEE;PARTSTAT=IN-PROCESS:mailto:a@x.example")), found: 1},
		{name: "an underscore", in: event("ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS_ACTION:mailto:a@x.example")},
		{name: "a word of vCalendar", in: event("ATTENDEE;RSVP=YES;PARTSTAT=SENT:mailto:a@x.example")},
		{name: "a word of nobody", in: event("ATTENDEE;RSVP=TRUE;PARTSTAT=X-UNKNOWN:mailto:a@x.example")},
		{name: "no word", in: event("ATTENDEE;RSVP=TRUE;PARTSTAT=:mailto:a@x.example")},
		{name: "not said", in: event("ATTENDEE;RSVP=TRUE:mailto:a@x.example")},
	})
}

func TestXReplytime(t *testing.T) {
	table(t, "x-replytime", []row{
		{name: "answered", in: event("ATTENDEE;PARTSTAT=ACCEPTED;X-REPLYTIME=20260301T080000Z:mailto:a@x.example"), want: event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.example"), found: 1},
		{name: "none", in: event(jane)},
	})
}

func TestReplyManyAttendees(t *testing.T) {
	table(t, "reply-many-attendees", []row{
		{name: "author", in: eventOf("REPLY", joe, jane), want: eventOf("REPLY", jane), found: 1, with: with(from("Jane@y.example"))},
		{name: "neither", in: eventOf("REPLY", joe, jane), found: 1, note: "none of them", with: with(from("a@x.example"))},
		{name: "no author", in: eventOf("REPLY", joe, jane), found: 1, note: "none of them"},
		{name: "twice", in: eventOf("REPLY", jane, jane), found: 1, note: "more than once", with: with(from("jane@y.example"))},
		{name: "delegation", in: eventOf("REPLY", `ATTENDEE;DELEGATED-TO="mailto:joe@y.example":mailto:jane@y.example`, joe), found: 1, note: "delegation", with: with(from("jane@y.example"))},
		{name: "one", in: eventOf("REPLY", jane), with: with(from("joe@y.example"))},
		{name: "a request", in: event(joe, jane), with: with(from("jane@y.example"))},
	})
}

func TestExceptionNoPeople(t *testing.T) {
	series := func(method string, exception ...string) string {
		all := []string{"METHOD:" + method, "BEGIN:VEVENT", "UID:1", "RRULE:FREQ=DAILY", boss, "ATTENDEE;CN=\"J, J\":mailto:jane@y.example", joe, "END:VEVENT", "BEGIN:VEVENT"}
		return calendar(append(append(all, exception...), "END:VEVENT")...)
	}
	ex := []string{"UID:1", "RECURRENCE-ID:20260302T080000Z"}
	whole := append(append([]string{}, ex...), boss, "ATTENDEE;CN=\"J, J\":mailto:jane@y.example", joe)
	table(t, "exception-no-people", []row{
		{name: "nobody", in: series("REQUEST", ex...), want: series("REQUEST", whole...), found: 2},
		{name: "before the alarm", in: series("REQUEST", append(ex, "BEGIN:VALARM", "END:VALARM")...), want: series("REQUEST", append(whole, "BEGIN:VALARM", "END:VALARM")...), found: 2},
		{name: "published: no attendees", in: series("PUBLISH", ex...), want: series("PUBLISH", append(ex[:2:2], boss)...), found: 1},
		{name: "complete", in: series("REQUEST", append(ex[:2:2], boss, jane)...)},
		{name: "an answer", in: series("REPLY", ex...)},
		{name: "orphan", in: event(ex...)},
	})
}

func TestExceptionNoPeopleIsBounded(t *testing.T) {
	master := []string{"METHOD:REQUEST", "BEGIN:VEVENT", "UID:1", "RRULE:FREQ=DAILY", boss}
	for range 2000 {
		master = append(master, jane)
	}
	in := append(master, "END:VEVENT")
	for range 200 {
		in = append(in, "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260302T080000Z", boss, "END:VEVENT")
	}
	text := calendar(in...)
	out, findings := run(t, "exception-no-people", text)
	if out != text {
		t.Errorf("grown by %d octets", len(out)-len(text))
	}
	if len(findings) != 200 || !strings.Contains(findings[199].Note, "grow") {
		t.Errorf("%d findings, want 200 with a note about the limit", len(findings))
	}
}

func TestSentbyOlkSender(t *testing.T) {
	const org = `ORGANIZER;SENT-BY="MAILTO:aide@x.example":mailto:boss@x.example`
	table(t, "sentby-olk-sender", []row{
		{name: "request", in: event(org), want: event(org, "X-MS-OLK-SENDER:mailto:aide@x.example"), found: 1},
		{name: "never on an answer", in: eventOf("REPLY", org)},
		{name: "there", in: event(org, "X-MS-OLK-SENDER:mailto:a@x.example")},
		{name: "no SENT-BY", in: event(boss)},
	})
}

func TestMailtoURI(t *testing.T) {
	for addr, want := range map[string]string{
		"a@x.example": "mailto:a@x.example", "o'brien+x@x.example": "mailto:o'brien+x@x.example",
		"": "", "a": "", "@x": "", "a@": "", "a b@x": "", "ä@x": "", "a%b@x": "", "a@x\r\nX:y": "",
	} {
		if got, ok := mailtoURI(addr); got != want || ok != (want != "") {
			t.Errorf("mailtoURI(%q) = %q, %v, want %q", addr, got, ok, want)
		}
	}
}

package remedy

import (
	"strings"
	"testing"
	"time"
)

// reply is an answer with the given lines, and request an invitation.
func reply(lines ...string) string { return eventOf("REPLY", lines...) }

func inbound(c *Object) { c.Direction = Inbound }

func dated(s string) func(*Object) {
	return func(c *Object) {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			panic(err)
		}
		c.Mail.Date = t
	}
}

func TestCDOCriticalChangeMissing(t *testing.T) {
	const (
		name  = "X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE"
		stamp = "DTSTAMP:20260301T101500Z"
		want  = name + ":20260301T101500Z"
		sent  = "2026-03-01T12:00:00+01:00"
		ofNow = name + ":20260302T090000Z" // the present of run
	)
	table(t, "cdo-critical-change-missing", []row{
		{name: "from DTSTAMP", in: reply("UID:1", stamp), want: reply("UID:1", stamp, want), found: 1},
		{name: "a proposal", in: eventOf("COUNTER", stamp), want: eventOf("COUNTER", stamp, want), found: 1},
		{name: "each event", in: calendar("METHOD:REPLY", "BEGIN:VEVENT", stamp, "END:VEVENT", "BEGIN:VEVENT", stamp, "END:VEVENT"),
			want: calendar("METHOD:REPLY", "BEGIN:VEVENT", stamp, want, "END:VEVENT", "BEGIN:VEVENT", stamp, want, "END:VEVENT"), found: 2},
		{name: "no DTSTAMP", in: reply("UID:1"), want: reply("UID:1", name+":20260301T110000Z"), found: 1, with: with(dated(sent))},
		{name: "DTSTAMP of 1601", in: reply("DTSTAMP:16010101T000000Z"), want: reply("DTSTAMP:16010101T000000Z", name+":20260301T110000Z"), found: 1, with: with(dated(sent))},
		{name: "DTSTAMP before 1980", in: reply("DTSTAMP:19700101T000000Z"), want: reply("DTSTAMP:19700101T000000Z", name+":20260301T110000Z"), found: 1, with: with(dated(sent))},
		{name: "local DTSTAMP", in: reply("DTSTAMP:20260301T101500"), want: reply("DTSTAMP:20260301T101500", name+":20260301T110000Z"), found: 1, with: with(dated(sent))},
		{name: "DTSTAMP in a day", in: reply("DTSTAMP:20260303T090000Z"), want: reply("DTSTAMP:20260303T090000Z", name+":20260303T090000Z"), found: 1},
		{name: "DTSTAMP beyond a day", in: reply("DTSTAMP:20260303T090001Z"), want: reply("DTSTAMP:20260303T090001Z", name+":20260301T110000Z"), found: 1, with: with(dated(sent))},
		{name: "neither date is good", in: reply("DTSTAMP:x"), want: reply("DTSTAMP:x", ofNow), found: 1, with: with(dated("1970-01-01T00:00:00Z"))},
		{name: "sound", in: reply(stamp, name+":20260228T090000Z")},
		{name: "1601", in: reply(stamp, name+":16010101T000000Z"), want: reply(stamp, want), found: 1},
		{name: "empty", in: reply(stamp, name+":"), want: reply(stamp, want), found: 1},
		{name: "local", in: reply(stamp, name+":20260228T090000"), want: reply(stamp, want), found: 1},
		{name: "with a zone", in: reply(stamp, name+";TZID=Europe/Berlin:20260228T090000Z"), want: reply(stamp, want), found: 1},
		{name: "several, one sound", in: reply(stamp, name+":", name+":20260228T090000Z", name+":20260227T090000Z"), want: reply(stamp, name+":20260228T090000Z"), found: 2},
		{name: "several, none sound", in: reply(stamp, name+":", name+":16010101T000000Z"), want: reply(stamp, want), found: 2},
		{name: "an invitation", in: event("UID:1", stamp)},
		{name: "a refused proposal", in: eventOf("DECLINECOUNTER", stamp)},
		{name: "a task", in: calendar("METHOD:REPLY", "BEGIN:VTODO", stamp, "END:VTODO")},
	})
	r := Find("cdo-critical-change-missing")
	if r.AppliesTo(Exchange2003, Outbound) || r.AppliesTo(Exchange, Inbound) || !r.AppliesTo(Exchange2003, Inbound) {
		t.Error("for Exchange 2003 on the way in, and nobody else")
	}
}

func TestCDOReplytimeInbound(t *testing.T) {
	const never, stamp = "X-MICROSOFT-CDO-REPLYTIME:16010101T000000Z", "DTSTAMP:20260301T101500Z"
	in := with(inbound, forProfile(Exchange2003))
	table(t, "cdo-replytime-1601", []row{
		{name: "1601", in: reply(stamp, never), want: reply(stamp, "X-MICROSOFT-CDO-REPLYTIME:20260301T101500Z"), found: 1, with: in},
		{name: "empty", in: reply(stamp, "X-MICROSOFT-CDO-REPLYTIME:"), want: reply(stamp, "X-MICROSOFT-CDO-REPLYTIME:20260301T101500Z"), found: 1, with: in},
		{name: "unreadable", in: reply(stamp, "X-MICROSOFT-CDO-REPLYTIME:yesterday"), want: reply(stamp, "X-MICROSOFT-CDO-REPLYTIME:20260301T101500Z"), found: 1, with: in},
		{name: "as the other property", in: reply(stamp, never, "X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE:20260228T090000Z"),
			want: reply(stamp, "X-MICROSOFT-CDO-REPLYTIME:20260228T090000Z", "X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE:20260228T090000Z"), found: 1, with: in},
		{name: "sound", in: reply(stamp, "X-MICROSOFT-CDO-REPLYTIME:20260301T000000Z"), with: in},
		{name: "an invitation", in: event(stamp, never), want: event(stamp), found: 1, with: in},
		{name: "to another server", in: reply(stamp, never), want: reply(stamp), found: 1, with: with(inbound, forProfile(Exchange))},
	})
}

func TestCDOApptseqStale(t *testing.T) {
	const cdo = "X-MICROSOFT-CDO-APPT-SEQUENCE:"
	outlook := func(lines ...string) string {
		all := append([]string{"BEGIN:VCALENDAR", "PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN", "METHOD:REQUEST", "BEGIN:VEVENT"}, lines...)
		return crlf(append(all, "END:VEVENT", "END:VCALENDAR")...)
	}
	table(t, "cdo-apptseq-stale", []row{
		{name: "copied", in: event("SEQUENCE:3", cdo+"0"), want: event("SEQUENCE:3", cdo+"3"), found: 1},
		{name: "as high", in: event("SEQUENCE:3", cdo+"3")},
		{name: "higher", in: event("SEQUENCE:3", cdo+"4")},
		{name: "none", in: event("SEQUENCE:3")},
		{name: "no SEQUENCE", in: event(cdo + "0")},
		{name: "no number", in: event("SEQUENCE:3", cdo+"x")},
		{name: "written by Outlook", in: outlook("SEQUENCE:3", cdo+"0")},
	})
}

func TestCDOOwnerCriticalChange(t *testing.T) {
	const stamp, owner = "DTSTAMP:20260301T101500Z", "X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE:"
	table(t, "cdo-owner-critical-change", []row{
		{name: "missing", in: event(stamp), want: event(stamp, owner+"20260301T101500Z"), found: 1, with: with(inbound)},
		{name: "there", in: event(stamp, owner+"20260228T090000Z"), with: with(inbound)},
		{name: "no DTSTAMP to believe", in: event("DTSTAMP:16010101T000000Z"), with: with(inbound)},
		{name: "an answer", in: reply(stamp), with: with(inbound)},
		{name: "on the way out", in: event(stamp)},
		{name: "not enabled", in: event(stamp), with: with(inbound, func(c *Object) { c.Allow = func(*Remedy) bool { return false } })},
	})
}

func TestCDOBusystatusRequest(t *testing.T) {
	const busy, tentative, intended = "X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", "X-MICROSOFT-CDO-INTENDEDSTATUS:"
	in := with(inbound)
	table(t, "cdo-busystatus-request", []row{
		{name: "busy", in: event(busy, "UID:1"), want: event(tentative, intended+"BUSY", "UID:1"), found: 1, with: in},
		{name: "intended is known", in: event(busy, intended+"OOF"), want: event(tentative, intended+"OOF"), found: 1, with: in},
		{name: "tentative", in: event(tentative, intended+"BUSY"), with: in},
		{name: "free", in: event("X-MICROSOFT-CDO-BUSYSTATUS:FREE"), with: in},
		{name: "cancelled", in: eventOf("CANCEL", busy), with: in},
		{name: "on the way out", in: event(busy)},
	})
}

func TestSeqLotusInbound(t *testing.T) {
	notes := func(method string, lines ...string) string {
		all := append([]string{"BEGIN:VCALENDAR", "PRODID:-//Lotus Development Corporation//NONSGML Notes 8.0//EN", "METHOD:" + method, "BEGIN:VEVENT"}, lines...)
		return crlf(append(all, "END:VEVENT", "END:VCALENDAR")...)
	}
	in := with(inbound, forProfile(Exchange2003))
	table(t, "seq-lotus", []row{
		{name: "raised", in: notes("REQUEST", "SEQUENCE:0", "X-LOTUS-UPDATE-SEQ:3"), want: notes("REQUEST", "SEQUENCE:2", "X-LOTUS-UPDATE-SEQ:3"), found: 1, with: in},
		{name: "no SEQUENCE", in: notes("CANCEL", "X-LOTUS-UPDATE-SEQ:2"), want: notes("CANCEL", "X-LOTUS-UPDATE-SEQ:2", "SEQUENCE:1"), found: 1, with: in},
		{name: "the first", in: notes("REQUEST", "SEQUENCE:0", "X-LOTUS-UPDATE-SEQ:1"), with: in},
		{name: "higher already", in: notes("REQUEST", "SEQUENCE:5", "X-LOTUS-UPDATE-SEQ:2"), with: in},
		{name: "an answer has the organizer's", in: notes("REPLY", "SEQUENCE:0", "X-LOTUS-UPDATE-SEQ:3"), with: in},
		{name: "copied by somebody", in: event("SEQUENCE:0", "X-LOTUS-UPDATE-SEQ:3"), with: in},
	})
}

func TestKB1601Tracktime(t *testing.T) {
	const lost = "ATTENDEE;X-REPLYTIME=16010101T000000Z:mailto:a@x.example"
	table(t, "kb-1601-tracktime", []row{
		{name: "an attendee", in: event(lost, "ATTENDEE;X-REPLYTIME=20260301T080000Z:mailto:b@x.example"), found: 1},
		{name: "cancelled", in: eventOf("CANCEL", lost), found: 1},
		{name: "an answer", in: reply(lost)},
		{name: "answered", in: event("ATTENDEE;X-REPLYTIME=20260301T080000Z:mailto:b@x.example")},
		{name: "not answered", in: event("X-MICROSOFT-CDO-REPLYTIME:16010101T000000Z", "ATTENDEE:mailto:b@x.example")},
	})
}

func TestOrganizerOnTheWayIn(t *testing.T) {
	in := func(opts ...func(*Object)) []func(*Object) { return append(opts, inbound) }
	const who, boss = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.example", "ORGANIZER:mailto:boss@y.example"
	table(t, "org-missing-reply", []row{
		{name: "copies to others", in: reply(who), want: reply(who, boss), found: 1, with: in(to("boss@y.example"), cc("c@z.example"), rcpt("Boss@y.example"))},
		{name: "a proposal", in: eventOf("COUNTER", who), want: eventOf("COUNTER", who, boss), found: 1, with: in(to("boss@y.example"), rcpt("boss@y.example"))},
		{name: "a copy is ours", in: reply(who), found: 1, note: "exactly one", with: in(to("boss@z.example"), cc("c@y.example"), rcpt("c@y.example"))},
		{name: "two of ours", in: reply(who), found: 1, note: "exactly one", with: in(to("boss@y.example"), rcpt("boss@y.example", "c@y.example"))},
	})
}

func TestCounterAsReply(t *testing.T) {
	const proposal = "Another time has been proposed.\n\nWhen: Monday\n"
	said := func(text string, empty bool) *Node {
		return &Node{MediaType: "text/plain", Empty: empty, Read: func() string { return text }}
	}
	counter := func() *Node { return &Node{MediaType: "text/calendar", Method: "COUNTER"} }
	shown := func(source string) *Node {
		return &Node{MediaType: "text/html", Read: func() string { return source }}
	}
	const paragraph = "<p>Another time has been proposed.<br><br>When: Monday</p>"
	for name, tt := range map[string]struct {
		in       *Node
		proposal string
		want     string // the structure, "" when nothing may change
		text     string // what is written
		note     string
		page     string // what becomes of the HTML
	}{
		"text":          {multi("alternative", said("See you.\r\n", false), counter()), proposal, "alternative{plain, calendar}", "When: Monday\r\n\r\nSee you.\r\n", "", ""},
		"text and more": {multi("mixed", multi("alternative", said("a\nb", false), htmlText()), counter()), proposal, "mixed{alternative{plain, html}, calendar}", "Monday\r\n\r\na\r\nb", "", ""},
		"empty text":    {multi("alternative", said("", true), counter()), proposal, "alternative{plain, calendar}", "When: Monday\r\n\r\n", "", ""},
		"no text":       {multi("alternative", htmlText(), counter()), proposal, "alternative{plain, html, calendar}", "When: Monday\r\n\r\n", "", ""},
		"alone":         {counter(), proposal, "alternative{plain, calendar}", "When: Monday\r\n\r\n", "", ""},
		"said already":  {multi("alternative", said("Another time has been\r\nproposed.\r\n When: Monday\r\nSee you.", false), counter()), proposal, "", "", "", ""},
		"unreadable":    {multi("alternative", said("", false), counter()), proposal, "", "", "cannot be read", ""},
		"no proposal":   {multi("alternative", said("x", false), counter()), "", "", "", "", ""},
		"page and text": {multi("alternative", said("a", false), shown("<HTML><Body bgcolor='>'>\xe4"), counter()), proposal, "alternative{plain, html, calendar}",
			"Monday\r\n\r\na", "", "<HTML><Body bgcolor='>'>" + paragraph + "\xe4"},
		"page alone":      {multi("alternative", shown("<!-- <body> --><html><head><title><body></title></head>x"), counter()), proposal, "alternative{html, calendar}", "", "", "<!-- <body> --><html><head><title><body></title></head>" + paragraph + "x"},
		"page of no tags": {multi("alternative", shown("<div>x</div>"), counter()), proposal, "alternative{html, calendar}", "", "", paragraph + "<div>x</div>"},
		"shown already":   {multi("alternative", shown("<body>"+paragraph), counter()), proposal, "", "", "", ""},
		"unreadable page": {multi("alternative", said(proposal, false), shown(""), counter()), proposal, "", "", "HTML of the message cannot be read", ""},
	} {
		t.Run(name, func(t *testing.T) {
			shape := &Shape{Root: tt.in, Proposal: func() string { return tt.proposal }}
			before := tt.in.outline()
			c := &Object{Shape: shape, Direction: Inbound, Profile: Exchange2003, Allow: func(*Remedy) bool { return true }}
			r := Find("counter-as-reply")
			c.Do(r)
			if got := shape.Root.outline(); tt.want != "" && got != tt.want || tt.want == "" && (got != before || len(c.Applied()) > 0) {
				t.Errorf("got %s", got)
			}
			if n := shape.shown("text/plain"); tt.text != "" && !strings.HasSuffix(n.Added, tt.text) {
				t.Errorf("written: %q", n.Added)
			}
			if n := shape.shown("text/html"); n != nil && n.Anew != tt.page {
				t.Errorf("the page became %q", n.Anew)
			}
			if f := c.Findings(); tt.note != "" && (len(f) != 1 || !strings.Contains(f[0].Note, tt.note)) {
				t.Errorf("findings %+v", f)
			}
			again := &Object{Shape: shape, Allow: c.Allow}
			if again.Do(r); len(again.Applied()) > 0 {
				t.Errorf("not idempotent: %s", shape.Root.outline())
			}
		})
	}
	r := Find("counter-as-reply")
	for _, where := range []struct {
		profile Profile
		way     Direction
		treats  bool
	}{{Exchange2003, Inbound, true}, {Exchange2003, Outbound, false}, {Exchange, Inbound, false}} {
		if r.AppliesTo(where.profile, where.way) != where.treats {
			t.Errorf("treats %+v", where)
		}
	}
}

package remedy

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// berlin is a VTIMEZONE for tables in which a zone has to be known.
func berlin() []string {
	return []string{"BEGIN:VTIMEZONE", "TZID:Europe/Berlin",
		"BEGIN:DAYLIGHT", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "DTSTART:19700329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT",
		"BEGIN:STANDARD", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "DTSTART:19701025T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD",
		"END:VTIMEZONE"}
}

// in returns a calendar with one component of a kind; an alarm is in an event.
func in(component string, lines ...string) string {
	all := append(berlin(), "BEGIN:"+component)
	all = append(append(all, lines...), "END:"+component)
	if component == "VALARM" {
		all = append(append(berlin(), "BEGIN:VEVENT", "DTSTART;TZID=Europe/Berlin:20260610T100000", "BEGIN:VALARM"), lines...)
		all = append(all, "END:VALARM", "END:VEVENT")
	}
	return calendar(all...)
}

// formRow is a line before and after; want "" means that it stays without a
// finding.
type formRow struct{ component, in, want string }

// formTable runs a remedy over lines, each alone in its component or beside
// those before it, which "|" parts.
func formTable(t *testing.T, id string, rows []formRow, with ...func(*Object)) {
	t.Helper()
	var all []row
	for _, r := range rows {
		lines := strings.Split(r.in, "|")
		out := row{name: r.component + " " + lines[len(lines)-1], in: in(r.component, lines...), with: with}
		if r.want != "" {
			after := append([]string{}, lines...)
			after[len(after)-1] = r.want
			if r.want == "-" {
				after = after[:len(after)-1]
			}
			out.want, out.found = in(r.component, after...), 1
		}
		all = append(all, out)
	}
	table(t, id, all)
}

func TestDurationForm(t *testing.T) {
	var rows []formRow
	for v, want := range map[string]string{
		"P": "PT0S", "PT": "PT0S", "-P": "PT0S", "-PT": "PT0S", "P0DT": "PT0S",
		"PT1D": "P1D", "P1H": "PT1H", "P1DT": "P1D", "P1D2H": "P1DT2H", "P1H30M": "PT1H30M", "-PT0DT0H10M0S": "-PT10M",
		"pt15m": "PT15M", " PT15M": "PT15M", "PT 15M": "PT15M", "PT-15M": "-PT15M", "P-1D": "-P1D", "−PT15M": "-PT15M",
		"P1W2D": "P9D", "PT1H30S": "PT1H0M30S", "PT30M1H": "PT1H30M", "PT1.5H": "PT1H30M", "PT90.0S": "PT1M30S",
		"P0Y0M0DT0H15M0S": "PT15M", "P1D30M": "P1DT30M",
		// several meanings, or none
		"P1M": "", "P1Y": "", "P30M": "", "PT1H1H": "", "PT-1H30M": "", "PT15": "", "15M": "", "1H": "", "": "", "PT1.5X": "", "P1.5D": "", "-PT-5M": "",
		// good
		"PT15M": "", "-P1DT2H": "", "P2W": "",
	} {
		for _, at := range []formRow{{"VALARM", "TRIGGER:%s", ""}, {"VALARM", "TRIGGER;RELATED=END:%s", ""}, {"VALARM", "DURATION:%s", ""},
			{"VEVENT", "DURATION:%s", ""}, {"VTODO", "DURATION:%s", ""}, {"VTODO", "X-ACME;VALUE=DURATION:%s", ""},
			{"VFREEBUSY", "FREEBUSY:20260610T080000Z/%s", ""}, {"VEVENT", "RDATE;VALUE=PERIOD:20260610T080000Z/%s", ""}} {
			if at.in, at.want = fmt.Sprintf(at.in, v), ""; want != "" {
				at.want = strings.Replace(at.in, v, want, 1)
				if i := strings.LastIndexAny(at.in, ":/"); v != "" {
					at.want = at.in[:i+1] + want
				}
			}
			if must := strings.Contains(at.in, "/") || strings.HasPrefix(at.in, "X-ACME") || at.component == "VALARM" && strings.HasPrefix(at.in, "DURATION"); must && !strings.ContainsAny(v, "0123456789") {
				at.want = "" // the length was left out
			}
			if strings.HasPrefix(want, "-") && !strings.HasPrefix(at.in, "TRIGGER") && !strings.HasPrefix(at.in, "X-") {
				at.want = "" // nothing lasts less than no time
			}
			if at.component == "VALARM" && at.in == "DURATION:P0DT" {
				at.want = ""
			}
			rows = append(rows, at)
		}
	}
	rows = append(rows, formRow{"VEVENT", "DTSTART;VALUE=DATE:20260610|DURATION:P", ""}, formRow{"VEVENT", "DTSTART;VALUE=DATE:20260610|DURATION:P0DT", ""},
		formRow{"VFREEBUSY", "FREEBUSY:20260610T080000Z/P1H,20260611T080000Z/PT2H", "FREEBUSY:20260610T080000Z/PT1H,20260611T080000Z/PT2H"})
	formTable(t, "duration-form", rows)
	table(t, "duration-form", []row{{name: "calendar", in: calendar("REFRESH-INTERVAL;VALUE=DURATION:P1H", "X-PUBLISHED-TTL:PT12H"),
		want: calendar("REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT12H"), found: 1},
		{name: "calendar, no length", in: calendar("REFRESH-INTERVAL;VALUE=DURATION:P", "X-PUBLISHED-TTL:PT")}})
	table(t, "value-form", []row{
		{name: "no length of time busy", in: strings.ReplaceAll(event("FREEBUSY:20260610T080000Z/P"), "VEVENT", "VFREEBUSY"), found: 1, note: "ask the sender"},
		{name: "no delay of a repeated alarm", in: event("BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nREPEAT:2\r\nDURATION:P\r\nEND:VALARM"), found: 1, note: "ask the sender"},
		{name: "no interval of a refresh", in: calendar("REFRESH-INTERVAL;VALUE=DURATION:P"), found: 1, note: "ask the sender"},
	})
}

func TestTriggerType(t *testing.T) {
	formTable(t, "trigger-type", []formRow{
		{"VALARM", "TRIGGER:20260610T075000Z", "TRIGGER;VALUE=DATE-TIME:20260610T075000Z"},
		{"VALARM", "TRIGGER;RELATED=START:20260610T075000Z", "TRIGGER;VALUE=DATE-TIME:20260610T075000Z"},
		{"VALARM", "TRIGGER;VALUE=DATE-TIME:-PT15M", "TRIGGER:-PT15M"},
		{"VALARM", "TRIGGER:20260610T075000", ""},
		{"VALARM", "TRIGGER:-PT15M", ""},
	})
}

func TestDatetimeForm(t *testing.T) {
	var rows []formRow
	for v, want := range map[string]string{
		"2026-06-10T08:00:00Z": "20260610T080000Z", "2026-06-10T08:00Z": "20260610T080000Z", "2026-06-10 08:00:00Z": "20260610T080000Z",
		"20260610t080000z": "20260610T080000Z", "20260610T0800Z": "20260610T080000Z", "20260610T080000.000Z": "20260610T080000Z",
		"20260610T 080000Z": "20260610T080000Z", "20260610 080000Z": "20260610T080000Z", "20260610080000Z": "20260610T080000Z",
		"20260610T100000+0200": "20260610T080000Z", "2026-06-10T10:00:00+02:00": "20260610T080000Z", "20260610T100000+02": "20260610T080000Z",
		"20260610T043000-03:30": "20260610T080000Z", "20260610T080000 UTC": "20260610T080000Z", "20260609T240000Z": "20260610T000000Z",
		"06/10/2026": "", "2026-06-1": "", "20260230T080000Z": "", "1781078400": "", "20260610T080000+25:00": "", "20260610T250000Z": "", "tomorrow": "",
		"20260610T080000Z": "",
	} {
		for _, at := range []formRow{{"VEVENT", "DTSTART", ""}, {"VEVENT", "DTEND", ""}, {"VTODO", "DUE", ""}, {"VTODO", "COMPLETED", ""}, {"VEVENT", "RECURRENCE-ID", ""},
			{"VJOURNAL", "EXDATE", ""}, {"VEVENT", "RDATE", ""}, {"VFREEBUSY", "DTSTAMP", ""}, {"VJOURNAL", "CREATED", ""}, {"VALARM", "TRIGGER;VALUE=DATE-TIME", ""}} {
			at.in = at.in + ":" + v
			if want != "" {
				at.want = strings.Replace(at.in, v, want, 1)
			}
			rows = append(rows, at)
		}
	}
	rows = append(rows,
		formRow{"VEVENT", "DTSTART;TZID=Europe/Berlin:2026-06-10T10:00:00", "DTSTART;TZID=Europe/Berlin:20260610T100000"},
		formRow{"VEVENT", "DTSTART;TZID=Europe/Berlin:2026-06-10T10:00:00+02:00", "DTSTART;TZID=Europe/Berlin:20260610T100000"},
		formRow{"VEVENT", "DTSTART;TZID=Europe/Berlin:2026-06-10T10:00:00+03:00", ""},
		formRow{"VEVENT", "DTSTART;VALUE=DATE:2026-06-10", "DTSTART;VALUE=DATE:20260610"},
		formRow{"VEVENT", "DTSTART;VALUE=DATE:2026-06-10T00:00:00", "DTSTART;VALUE=DATE:20260610"},
		formRow{"VEVENT", "DTSTART;VALUE=DATE:20260610T103000", ""},
		formRow{"VEVENT", "DTSTART:2026-06-10", "DTSTART:20260610"},
		formRow{"VEVENT", "DTSTART:2026-06-10T10:00", "DTSTART:20260610T100000"},
		formRow{"VEVENT", "RRULE:FREQ=WEEKLY;BYDAY=WE|DTSTART:20260610T010000+02:00", ""}, // Tuesday in UTC
		formRow{"VEVENT", "RRULE:FREQ=WEEKLY;BYDAY=WE|DTSTART:20260610T100000+02:00", "DTSTART:20260610T080000Z"},
		formRow{"VEVENT", "EXDATE;TZID=Europe/Berlin:20260610T100000,2026-06-17T10:00:00", "EXDATE;TZID=Europe/Berlin:20260610T100000,20260617T100000"},
		formRow{"VEVENT", "EXDATE:2026-06-17T10:00:00,soon", ""},
		formRow{"VEVENT", "RRULE:FREQ=DAILY;UNTIL=2026-06-10T08:00:00Z", "RRULE:FREQ=DAILY;UNTIL=20260610T080000Z"},
		formRow{"VEVENT", "RRULE:FREQ=DAILY;UNTIL=20260610T100000+0200;INTERVAL=1", "RRULE:FREQ=DAILY;UNTIL=20260610T080000Z;INTERVAL=1"},
		formRow{"VFREEBUSY", "FREEBUSY:2026-06-10T08:00:00Z/2026-06-10T11:00:00+02:00", "FREEBUSY:20260610T080000Z/20260610T090000Z"},
		formRow{"VFREEBUSY", "FREEBUSY:2026-06-10T08:00:00Z/PT1H", "FREEBUSY:20260610T080000Z/PT1H"},
	)
	formTable(t, "datetime-form", rows)
}

func TestStampUTC(t *testing.T) {
	mailed := func(c *Object) { c.Mail.Date = time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC) }
	var rows []formRow
	for _, component := range []string{"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"} {
		rows = append(rows,
			formRow{component, "DTSTAMP:20260102T090000", "DTSTAMP:20260102T080000Z"},
			formRow{component, "DTSTAMP:20260102", "DTSTAMP:20260102T080000Z"},
			formRow{component, "DTSTAMP;TZID=Europe/Berlin:20251231T090000", "DTSTAMP:20251231T080000Z"},
			formRow{component, "DTSTAMP:today", "DTSTAMP:20260102T080000Z"},
			formRow{component, "CREATED;TZID=Europe/Berlin:20251231T090000", "CREATED:20251231T080000Z"},
			formRow{component, "LAST-MODIFIED:20260102T090000", "LAST-MODIFIED:20260102T080000Z"},
			formRow{component, "CREATED:20250101T090000", "-"},
			formRow{component, "DTSTART;TZID=Europe/Berlin:20260610T100000|CREATED:20250101T090000", "CREATED:20250101T080000Z"},
			formRow{component, "DTSTAMP:20260102T090000Z", ""})
	}
	formTable(t, "stamp-utc", append(rows,
		formRow{"VTODO", "COMPLETED;TZID=Europe/Berlin:20260101T090000", "COMPLETED:20260101T080000Z"},
		formRow{"VTODO", "DUE;TZID=Europe/Berlin:20260610T100000|COMPLETED:20260101T090000", "COMPLETED:20260101T080000Z"},
		formRow{"VTODO", "COMPLETED:20260101T090000", ""},
		formRow{"VALARM", "TRIGGER;VALUE=DATE-TIME:20260610T095000", "TRIGGER;VALUE=DATE-TIME:20260610T075000Z"},
		formRow{"VALARM", "ACKNOWLEDGED;TZID=Europe/Berlin:20260610T095000", "ACKNOWLEDGED:20260610T075000Z"},
	), mailed)
}

func TestOffsetForm(t *testing.T) {
	var rows []row
	zone := func(from, to string) string {
		return calendar("BEGIN:VTIMEZONE", "TZID:Here", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:"+from, "TZOFFSETTO:"+to, "END:STANDARD", "END:VTIMEZONE")
	}
	for v, want := range map[string]string{
		"0200": "", "2:00": "", "0200 ": "", "0000": "+0000", "+02:00": "+0200", "-05:30": "-0530", "+02": "+0200", "+200": "+0200", "UTC+02:00": "+0200", "GMT-3": "-0300",
		"-0000": "+0000", "Z": "+0000", "UTC": "+0000", "+00:00": "+0000", " +0200": "+0200", "−0200": "-0200",
		"+2500": "", "+0260": "", "": "", "two": "", "+0200": "", "+020030": "",
	} {
		r := row{name: v, in: zone(v, v)}
		if want != "" {
			r.want, r.found = zone(want, want), 2
		}
		rows = append(rows, r)
	}
	for _, tt := range []struct{ name, from, to, wantFrom, wantTo string }{
		{"America/New_York", "0400", "0500", "-0400", "-0500"},
		{"Eastern Standard Time", "04:00", "05:00", "-0400", "-0500"},
		{"(UTC-05:00) Eastern Time (US & Canada)", "0400", "0500", "-0400", "-0500"},
		{"GMT -0500 (Standard) / GMT -0400 (Daylight)", "0400", "0500", "-0400", "-0500"},
		{"Europe/Berlin", "0200", "0100", "+0200", "+0100"},
		{"Asia/Kolkata", "530", "0530", "+0530", "+0530"},
		{"Here", "-0400", "0500", "-0400", "-0500"},
		{"Here", "+0200", "0100", "+0200", "+0100"},
		{"Here", "0400", "0500", "", ""},
		{"America/New_York", "0900", "0900", "", ""}, // it never was
		{"Africa/Lagos", "0000", "0100", "+0000", "+0100"},
	} {
		in := func(from, to string) string { return strings.Replace(zone(from, to), "TZID:Here", "TZID:"+tt.name, 1) }
		r := row{name: tt.name + " " + tt.from + " " + tt.to, in: in(tt.from, tt.to)}
		if tt.wantTo != "" {
			r.want = in(tt.wantFrom, tt.wantTo)
			for _, changed := range []bool{tt.from != tt.wantFrom, tt.to != tt.wantTo} {
				if changed {
					r.found++
				}
			}
		}
		rows = append(rows, r)
	}
	table(t, "offset-form", rows)
}

func TestWordForm(t *testing.T) {
	at := func(params string) string { return "ATTENDEE;" + params + ":mailto:bob@partner.example" }
	rows := []formRow{
		{"VEVENT", "CLASS:Public", "CLASS:PUBLIC"}, {"VJOURNAL", "CLASS:private", "CLASS:PRIVATE"}, {"VEVENT", "CLASS:X-Acme", ""},
		{"VEVENT", "TRANSP:Opaque", "TRANSP:OPAQUE"}, {"VEVENT", "TRANSP:1", "TRANSP:TRANSPARENT"}, {"VEVENT", "TRANSP:FREE", "TRANSP:TRANSPARENT"},
		{"VEVENT", "STATUS:Confirmed", "STATUS:CONFIRMED"}, {"VEVENT", "STATUS:CANCELED", "STATUS:CANCELLED"}, {"VTODO", "STATUS:NEEDS ACTION", "STATUS:NEEDS-ACTION"},
		{"VTODO", "STATUS:In_Process", "STATUS:IN-PROCESS"}, {"VJOURNAL", "STATUS:Final", "STATUS:FINAL"}, {"VEVENT", "STATUS:FINAL", ""}, {"VEVENT", "STATUS:MAYBE", ""},
		{"VALARM", "ACTION:Display", "ACTION:DISPLAY"}, {"VALARM", "TRIGGER;RELATED=end:-PT15M", "TRIGGER;RELATED=END:-PT15M"},
		{"VFREEBUSY", "FREEBUSY;FBTYPE=busy_tentative:20260610T080000Z/PT1H", "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260610T080000Z/PT1H"},
		{"VEVENT", "DTSTART;VALUE=date:20260610", "DTSTART;VALUE=DATE:20260610"},
		{"VEVENT", "ATTACH;VALUE=BINARY;ENCODING=base64:YWJj", "ATTACH;VALUE=BINARY;ENCODING=BASE64:YWJj"},
		{"VEVENT", "RELATED-TO;RELTYPE=Parent:x", "RELATED-TO;RELTYPE=PARENT:x"},
	}
	for _, component := range []string{"VEVENT", "VTODO", "VFREEBUSY"} {
		for v, want := range map[string]string{
			"PARTSTAT=Accepted": "PARTSTAT=ACCEPTED", "PARTSTAT=needs_action": "PARTSTAT=NEEDS-ACTION", "PARTSTAT=NeedsAction": "PARTSTAT=NEEDS-ACTION", "PARTSTAT=PERHAPS": "",
			"ROLE=Required": "ROLE=REQ-PARTICIPANT", "ROLE=optional": "ROLE=OPT-PARTICIPANT", "ROLE=chair": "ROLE=CHAIR", "ROLE=BOSS": "",
			"RSVP=YES": "RSVP=TRUE", "RSVP=no": "RSVP=FALSE", "RSVP=1": "RSVP=TRUE", "RSVP=0": "RSVP=FALSE", "RSVP=true": "RSVP=TRUE", "RSVP=MAYBE": "",
			"CUTYPE=Room": "CUTYPE=ROOM", "CUTYPE=X-Boat": "",
		} {
			r := formRow{component, at(v), ""}
			if want != "" {
				r.want = at(want)
			}
			rows = append(rows, r)
		}
	}
	formTable(t, "word-form", rows)
}

func TestVcalExpect(t *testing.T) {
	formTable(t, "vcal-expect", []formRow{
		{"VEVENT", "ATTENDEE;EXPECT=FYI:mailto:bob@partner.example", "ATTENDEE;ROLE=NON-PARTICIPANT:mailto:bob@partner.example"},
		{"VTODO", "ATTENDEE;EXPECT=REQUIRE:mailto:bob@partner.example", "ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:bob@partner.example"},
		{"VEVENT", "ATTENDEE;EXPECT=REQUEST:mailto:bob@partner.example", "ATTENDEE:mailto:bob@partner.example"},
		{"VEVENT", "ATTENDEE;ROLE=CHAIR;EXPECT=FYI:mailto:bob@partner.example", "ATTENDEE;ROLE=CHAIR:mailto:bob@partner.example"},
	})
	formTable(t, "vcal-expect", []formRow{
		{"VEVENT", "ATTENDEE;STATUS=ACCEPTED:mailto:bob@partner.example", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@partner.example"},
		{"VTODO", "ATTENDEE;STATUS=needs action:mailto:bob@partner.example", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@partner.example"},
		{"VTODO", "ATTENDEE;STATUS=COMPLETED:mailto:bob@partner.example", "ATTENDEE;PARTSTAT=COMPLETED:mailto:bob@partner.example"},
		{"VEVENT", "ATTENDEE;STATUS=CONFIRMED:mailto:bob@partner.example", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@partner.example"},
		{"VEVENT", "ATTENDEE;PARTSTAT=DECLINED;STATUS=DECLINED:mailto:bob@partner.example", "ATTENDEE;PARTSTAT=DECLINED:mailto:bob@partner.example"},
	})
	table(t, "partstat-missing", []row{{name: "an answer in another word", in: event("ATTENDEE;STATUS=MAYBE:mailto:bob@partner.example")}})
	table(t, "vcal-expect", []row{
		{name: "a task's answer", in: event("ATTENDEE;STATUS=COMPLETED:mailto:bob@partner.example"), found: 1, note: "not a vCalendar value"},
		{name: "another answer", in: event("ATTENDEE;STATUS=MAYBE:mailto:bob@partner.example"), found: 1, note: "not a vCalendar value"},
		{name: "two answers", in: event("ATTENDEE;STATUS=ACCEPTED;PARTSTAT=DECLINED:mailto:bob@partner.example"), found: 1, note: "two answers"},
	})
	table(t, "vcal-expect", []row{{name: "another word", in: event("ATTENDEE;EXPECT=MUCH:mailto:bob@partner.example"), found: 1, note: "not a vCalendar value"}})
}

func TestRRuleForm(t *testing.T) {
	var rows []formRow
	for v, want := range map[string]string{
		"FREQ=WEEKLY;BYDAY=0MO": "FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=+0TU,1WE": "FREQ=WEEKLY;BYDAY=TU,WE", "FREQ=DAILY;BYDAY=0MO": "FREQ=DAILY;BYDAY=MO",
		"freq=weekly;byday=mo": "FREQ=WEEKLY;BYDAY=MO", "FREQ=Weekly;WKST=mo": "FREQ=WEEKLY;WKST=MO", "FREQ=WEEKLY;BYDAY=MON,Tuesday": "FREQ=WEEKLY;BYDAY=MO,TU",
		"RRULE:FREQ=WEEKLY": "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=+2": "FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;COUNT=2;COUNT=2": "FREQ=WEEKLY;COUNT=2",
		"FREQ=MONTHLY;BYSETPOS=1": "FREQ=MONTHLY", "FREQ=WEEKLY;BYDAY=MO,": "FREQ=WEEKLY;BYDAY=MO",
		"FREQ=MONTHLY;BYDAY=0MO": "", "FREQ=WEEKLY;BYDAY=2MO": "", "FREQ=MONTHLY;BYMONTHDAY=0": "", "FREQ=MONTHLY;BYSETPOS=2": "", "FREQ=WEEKLY;INTERVAL=0": "",
		"FREQ=WEEKLY;COUNT=2;COUNT=3": "", "FREQ=WEEKLY;BYDAY=XX": "", "freq=weekly;until=soon": "", "FREQ=WEEKLY;BYMONTHDAY=3": "", "FREQ=FORTNIGHTLY": "", "FREQ=WEEKLY;BYDAY=MO": "",
	} {
		for _, component := range []string{"VEVENT", "VTODO", "VJOURNAL"} {
			r := formRow{component, "RRULE:" + v, ""}
			if want != "" {
				r.want = "RRULE:" + want
			}
			rows = append(rows, r)
		}
	}
	formTable(t, "rrule-form", rows)
}

func TestAddressForm(t *testing.T) {
	const good = "mailto:bob@partner.example"
	rows := []formRow{}
	for _, v := range []string{"mailto: bob@partner.example", "mailto:bob@partner.example ;", "MAILTO:mailto:bob@partner.example", "mailto:mailto: bob@partner.example", "<mailto:bob@partner.example>",
		"mailto:<bob@partner.example>", "mailto:bob@partner.example>", "mailto:bob@partner.example,", "mailto://bob@partner.example", "\"mailto:bob@partner.example\"", "<bob@partner.example>", "mailto:bob@partner.example.",
		"mailto:%20bob@partner.example", "mailto:%3Cbob@partner.example%3e", "mailto:bob@partner.example%20", "mailto:bob@partner.example?subject=Re:%20Review"} {
		rows = append(rows, formRow{"VEVENT", "ATTENDEE:" + v, "ATTENDEE:" + good}, formRow{"VTODO", "ORGANIZER:" + v, "ORGANIZER:" + good},
			formRow{"VJOURNAL", "ATTENDEE;CN=B:" + v, "ATTENDEE;CN=B:" + good}, formRow{"VFREEBUSY", "ATTENDEE:" + v, "ATTENDEE:" + good})
		if !strings.Contains(v, `"`) {
			for _, p := range []string{"SENT-BY", "DELEGATED-TO", "DELEGATED-FROM", "MEMBER"} {
				rows = append(rows, formRow{"VEVENT", "ATTENDEE;" + p + "=\"" + v + "\":" + good, "ATTENDEE;" + p + "=\"" + good + "\":" + good})
			}
		}
	}
	formTable(t, "address-form", append(rows,
		formRow{"VEVENT", "ATTENDEE:mailto:Bob Lee <bob@partner.example>", "ATTENDEE;CN=Bob Lee:" + good},
		formRow{"VEVENT", "ATTENDEE;CN=Robert:Bob Lee <mailto:bob@partner.example>", "ATTENDEE;CN=Robert:" + good},
		formRow{"VEVENT", "ATTENDEE:mailto:bob@partner.example (Bob Lee)", "ATTENDEE;CN=Bob Lee:" + good},
		formRow{"VEVENT", "ATTENDEE:mailto:Bob Lee bob@partner.example", "ATTENDEE;CN=Bob Lee:" + good},
		formRow{"VEVENT", "ATTENDEE:mailto:bob@partner.example;CN=Bob Lee;RSVP=TRUE", "ATTENDEE;CN=Bob Lee;RSVP=TRUE:" + good},
		formRow{"VEVENT", `ATTENDEE:mailto:bob@partner.example\;CN=Bob Lee`, "ATTENDEE;CN=Bob Lee:" + good},
		formRow{"VEVENT", "ATTENDEE:bob", "ATTENDEE:" + good},
		formRow{"VEVENT", "ATTENDEE:mailto:Bob%20Lee%20%3Cbob@partner.example%3E", "ATTENDEE;CN=Bob Lee:" + good},
		formRow{"VEVENT", "ATTENDEE:mailto:bob@partner.example?cc=eve@partner.example", ""},
		formRow{"VEVENT", "ATTENDEE;CN=x:mailto:Bob Lee", "ATTENDEE;CN=x:" + good},
		formRow{"VEVENT", `ATTENDEE;DIR="<ldap://x.example/o=A>":` + good, `ATTENDEE;DIR="ldap://x.example/o=A":` + good},
		formRow{"VEVENT", "ATTENDEE;EMAIL=bob@partner.example:/aMTIz/principal/", "ATTENDEE;EMAIL=bob@partner.example:" + good},
		formRow{"VEVENT", "ATTENDEE;EMAIL=Bob:/aMTIz/principal/", ""},
		formRow{"VEVENT", "ATTENDEE:nobody", ""},
		formRow{"VEVENT", "ATTENDEE:mailto:bob@partner.example,mailto:eve@partner.example", ""},
		formRow{"VEVENT", "ATTENDEE:/o=Acme/cn=bob", ""},
		formRow{"VEVENT", "ATTENDEE:" + good, ""},
	), to("Bob Lee <bob@partner.example>", "eve@partner.example"))
}

func TestAttendeeTwice(t *testing.T) {
	const one = "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@partner.example"
	table(t, "attendee-twice", []row{
		{name: "the same", in: event(one, one), want: event(one), found: 1},
		{name: "the second says less", in: event(one, "ATTENDEE:MAILTO:Bob@partner.example"), want: event(one), found: 1},
		{name: "the first says less", in: event("ATTENDEE;CN=Bob:mailto:bob@partner.example", one), want: event(one), found: 1},
		{name: "they disagree", in: event(one, "ATTENDEE;PARTSTAT=DECLINED:mailto:bob@partner.example"), found: 1, note: "ask the sender"},
		{name: "two people", in: event(one, "ATTENDEE:mailto:eve@partner.example")},
	})
}

// A day that no month has stays as it is, in every property, and the sender is to
// be asked for it.
func TestNoSuchDay(t *testing.T) {
	const asks = "28 February 2026 is the last day of its month"
	var rows []row
	for _, line := range []string{
		"DTSTART:20260230T080000Z", "DTSTART;VALUE=DATE:20260230", "DTEND:20260229T080000", "DTSTAMP:20260230T080000Z", "CREATED:20260231T080000Z",
		"EXDATE:20260102T080000Z,20260230T080000Z", "RDATE;VALUE=PERIOD:20260230T080000Z/PT1H", "RDATE:20260230T080000Z", "RECURRENCE-ID;VALUE=DATE:20260230",
		"RRULE:FREQ=DAILY;UNTIL=20260230T080000Z", "RRULE:FREQ=DAILY;UNTIL=20260230", "DTSTART:2026-02-30T08:00:00Z", "COMPLETED:20260230T080000Z",
		"BEGIN:VALARM\r\nTRIGGER;VALUE=DATE-TIME:20260230T080000Z\r\nEND:VALARM",
	} {
		rows = append(rows, row{name: line, in: event(line), found: 1, note: asks})
	}
	rows = append(rows,
		row{name: "due", in: todo(event("DUE:20260230T080000Z")), found: 1, note: asks},
		row{name: "busy", in: strings.ReplaceAll(event("FREEBUSY:20260230T080000Z/PT1H"), "VEVENT", "VFREEBUSY"), found: 1, note: asks},
		row{name: "zone", in: calendar("BEGIN:VTIMEZONE", "TZID:A", "BEGIN:STANDARD", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100", "DTSTART:20260230T000000", "END:STANDARD", "END:VTIMEZONE"), found: 1, note: asks},
		row{name: "month 13", in: event("DTSTART:20261301T080000Z"), found: 1, note: "ask the sender to write dates"},
		row{name: "leap year", in: event("DTSTART:20280229T080000Z")},
	)
	table(t, "value-form", rows)
}

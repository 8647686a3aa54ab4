package itip_test

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// forms returns what is malformed in a component, as "NAME[;PARAM] text".
func forms(t *testing.T, component string, lines ...string) (out []string) {
	t.Helper()
	all := append([]string{"BEGIN:VCALENDAR", "BEGIN:" + component}, lines...)
	all = append(all, "END:"+component, "END:VCALENDAR", "")
	doc, err := ical.Parse([]byte(strings.Join(all, "\r\n")), ical.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range itip.Forms(doc) {
		name := m.Line.Name()
		if m.Param != "" {
			name += ";" + m.Param
		}
		out = append(out, name+" "+m.Text)
	}
	return out
}

// TestForms has good values, which are passed over, and bad ones with a part of
// what is to be said of them.
func TestForms(t *testing.T) {
	for _, tt := range []struct{ component, line, want string }{
		{"VEVENT", "DTSTART:20260610T080000Z", ""},
		{"VEVENT", "DTSTART;TZID=Europe/Berlin:20260610T100000", ""},
		{"VEVENT", "DTSTART;VALUE=DATE:20260610", ""},
		{"VEVENT", "DTSTART:20260630T235960Z", ""},
		{"VEVENT", "DTSTART:20260610", "VALUE=DATE is not there"},
		{"VEVENT", "DTSTART:2026-06-10T08:00:00Z", "no DATE-TIME"},
		{"VEVENT", "DTSTART:20260610t080000z", "no DATE-TIME"},
		{"VEVENT", "DTSTART:20260610T0800Z", "no DATE-TIME"},
		{"VEVENT", "DTSTART:20260230T080000Z", "no DATE-TIME"},
		{"VEVENT", "DTSTART:", "no DATE-TIME"},
		{"VEVENT", "DTSTART;VALUE=DATE:20260610T080000Z", "no DATE as VALUE says"},
		{"VEVENT", "DTSTART;TZID=Europe/Berlin:20260610T100000Z", "has a TZID"},
		{"VEVENT", "DTSTART;:20260610T080000Z", "is no parameter"},
		{"VEVENT", "DTSTART;VALUE=PERIOD:20260610T080000Z/PT1H", "no value type of DTSTART"},
		{"VEVENT", "DTSTART;VALUE=ZEIT:20260610T080000Z", "names no value type"},
		{"VEVENT", "EXDATE:20260610T080000Z,20260611T080000Z", ""},
		{"VEVENT", "EXDATE:20260610T080000Z,x", "no DATE-TIME"},
		{"VEVENT", "RDATE;VALUE=PERIOD:20260610T080000Z/PT1H,20260611T080000/20260611T090000", ""},
		{"VEVENT", "RDATE;VALUE=PERIOD:20260610T080000Z/P1H", "its length"},
		{"VEVENT", "DTSTAMP:20260610T080000", "must be in UTC"},
		{"VFREEBUSY", "DTSTAMP;TZID=Europe/Berlin:20260610T080000", "must be in UTC"},
		{"VTODO", "COMPLETED:20260610T080000", "must be in UTC"},
		{"VFREEBUSY", "FREEBUSY;FBTYPE=BUSY:20260610T080000Z/PT1H,20260611T080000Z/20260611T090000Z", ""},
		{"VFREEBUSY", "FREEBUSY:20260610T080000Z/20260610T070000Z", "not behind its start"},
		{"VFREEBUSY", "FREEBUSY:20260610T080000/PT1H", "in UTC"},
		{"VALARM", "TRIGGER:-PT15M", ""},
		{"VALARM", "TRIGGER;RELATED=END:P1DT2H3M4S", ""},
		{"VALARM", "TRIGGER;VALUE=DATE-TIME:20260610T080000Z", ""},
		{"VALARM", "TRIGGER:20260610T080000Z", "no DURATION"},
		{"VALARM", "TRIGGER:P", "no DURATION"},
		{"VALARM", "TRIGGER:PT", "no DURATION"},
		{"VALARM", "TRIGGER:P1DT", "no DURATION"},
		{"VALARM", "TRIGGER:PT1D", "no DURATION"},
		{"VALARM", "TRIGGER:-PT0DT0H10M0S", "no DURATION"},
		{"VALARM", "TRIGGER:P1W2D", "no DURATION"},
		{"VALARM", "TRIGGER;RELATED=BEGIN:PT1M", "is none of START"},
		{"VALARM", "DURATION:PT1H30S", "no DURATION"},
		{"VEVENT", "DURATION:P1W", ""},
		{"VEVENT", "DURATION:-PT1H", "must not be negative"},
		{"VEVENT", "DURATION:-PT0S", ""},
		{"VCALENDAR", "REFRESH-INTERVAL;VALUE=DURATION:P1H", "no DURATION"},
		{"STANDARD", "TZOFFSETTO:+0100", ""},
		{"STANDARD", "TZOFFSETTO:+010030", ""},
		{"STANDARD", "TZOFFSETTO:0100", "no UTC-OFFSET"},
		{"STANDARD", "TZOFFSETTO:+01:00", "no UTC-OFFSET"},
		{"STANDARD", "TZOFFSETTO:+2500", "beyond a day"},
		{"STANDARD", "TZOFFSETTO:-0000", "zero is not negative"},
		{"STANDARD", "DTSTART:19701025T030000Z", "must be a local time"},
		{"VEVENT", "SUMMARY:a\\, b\\; c\\n", ""},
		{"VEVENT", "SUMMARY:a\\x", "escapes nothing"},
		{"VEVENT", "SUMMARY:a\\", "escapes nothing"},
		{"VEVENT", "SUMMARY:a, b", "without a backslash"},
		{"VEVENT", "CATEGORIES:a,b", ""},
		{"VEVENT", "PRIORITY:10", "out of its range"},
		{"VEVENT", "SEQUENCE:-1", "out of its range"},
		{"VEVENT", "SEQUENCE:1.5", "no INTEGER"},
		{"VTODO", "PERCENT-COMPLETE:101", "out of its range"},
		{"VEVENT", "GEO:48.85;2.35", ""},
		{"VEVENT", "GEO:48.85,2.35", "no position"},
		{"VEVENT", "GEO:91;0", "no position"},
		{"VEVENT", "REQUEST-STATUS:2.0;Success", ""},
		{"VEVENT", "REQUEST-STATUS:Success", "no status"},
		{"VEVENT", "URL:https://meet.example/1", ""},
		{"VEVENT", "URL:www.example.com", "no scheme"},
		{"VEVENT", "ATTACH;ENCODING=BASE64;VALUE=BINARY:YWJj", ""},
		{"VEVENT", "ATTACH;ENCODING=BASE64;VALUE=BINARY:YWJ", "no base64"},
		{"VEVENT", "CLASS:PUBLIC", ""},
		{"VEVENT", "CLASS:X-ACME", ""},
		{"VEVENT", "CLASS:Public", "capital"},
		{"VEVENT", "STATUS:NEEDS-ACTION", "is none of"},
		{"VTODO", "STATUS:NEEDS-ACTION", ""},
		{"VEVENT", "TRANSP:BUSY", "is none of"},
		{"VEVENT", "ATTENDEE;PARTSTAT=ACCEPTED;RSVP=TRUE;ROLE=CHAIR;CUTYPE=ROOM:mailto:a@b.example", ""},
		{"VEVENT", "ATTENDEE;PARTSTAT=NEEDS_ACTION:mailto:a@b.example", "is none of"},
		{"VEVENT", "ATTENDEE;RSVP=YES:mailto:a@b.example", "is none of"},
		{"VEVENT", "ATTENDEE;ROLE=REQUIRED:mailto:a@b.example", "does not know"},
		{"VEVENT", "ATTENDEE;DELEGATED-TO=\"mailto: a@b.example\":mailto:a@b.example", "has a blank"},
		{"VEVENT", "ATTENDEE:mailto:a%40b.example", ""},
		{"VEVENT", "ATTENDEE:urn:uuid:1", ""},
		{"VEVENT", "ATTENDEE:Anna", "no scheme"},
		{"VEVENT", "ATTENDEE:mailto:Anna <a@b.example>", "is no address"},
		{"VEVENT", "ATTENDEE:mailto:a@b.example;", "is no address"},
		{"VEVENT", "ORGANIZER:mailto:mailto:a@b.example", "is no address"},
		{"VEVENT", "ORGANIZER;SENT-BY=\"<a@b.example>\":mailto:a@b.example", "no URI"},
		{"VEVENT", "X-ACME:anything, at all\\x", ""},
		{"VEVENT", "X-ACME;VALUE=DURATION:P", "no DURATION"},
	} {
		got := strings.Join(forms(t, tt.component, tt.line), "|")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s in %s: said %q, want %q", tt.line, tt.component, got, tt.want)
		}
	}
}

// TestFormsRecur has rules beside the DTSTART that they belong to.
func TestFormsRecur(t *testing.T) {
	const zoned, utc, day = "DTSTART;TZID=Europe/Berlin:20260610T100000", "DTSTART:20260610T100000Z", "DTSTART;VALUE=DATE:20260610"
	for _, tt := range []struct{ start, rule, want string }{
		{zoned, "FREQ=WEEKLY;BYDAY=WE;UNTIL=20260710T080000Z;INTERVAL=2;WKST=MO", ""},
		{utc, "FREQ=MONTHLY;BYDAY=+2WE,-1FR;COUNT=3", ""},
		{utc, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ""},
		{day, "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=10;UNTIL=20300610", ""},
		{utc, "", "no name or no value"},
		{utc, "FREQ=weekly", "no FREQ"},
		{utc, "INTERVAL=2", "no FREQ"},
		{utc, "FREQ=WEEKLY;INTERVAL=0", "value of INTERVAL"},
		{utc, "FREQ=WEEKLY;COUNT=0", "value of COUNT"},
		{utc, "FREQ=WEEKLY;COUNT=2;COUNT=3", "there twice"},
		{utc, "FREQ=WEEKLY;COUNT=2;UNTIL=20260710T080000Z", "COUNT and UNTIL"},
		{utc, "FREQ=WEEKLY;BYDAY=0WE", "a number that there is not"},
		{utc, "FREQ=WEEKLY;BYDAY=2WE", "must not have"},
		{utc, "FREQ=WEEKLY;BYDAY=WED", "no day"},
		{utc, "FREQ=WEEKLY;BYMONTHDAY=10", "must not have"},
		{utc, "FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"},
		{utc, "FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"},
		{utc, "FREQ=MONTHLY;BYYEARDAY=1", "must not have"},
		{utc, "FREQ=MONTHLY;BYSETPOS=1", "no other BY part"},
		{utc, "FREQ=WEEKLY;DAY=WE", "a part that there is not"},
		{utc, "FREQ=WEEKLY;UNTIL=soon", "no date"},
		{utc, "FREQ=WEEKLY;UNTIL=20260710", "another type"},
		{zoned, "FREQ=WEEKLY;UNTIL=20260710T100000", "another type"},
		{day, "FREQ=WEEKLY;UNTIL=20260710T100000Z", "another type"},
		{utc, "FREQ=WEEKLY;UNTIL=20260601T080000Z", "before DTSTART"},
		{utc, "FREQ=WEEKLY;BYDAY=MO", "DTSTART among"},
		{utc, "FREQ=MONTHLY;BYMONTHDAY=11", "DTSTART among"},
		{utc, "FREQ=MONTHLY;BYDAY=3WE", "DTSTART among"},
		{utc, "FREQ=YEARLY;BYMONTH=7", "DTSTART among"},
	} {
		got := strings.Join(forms(t, "VEVENT", tt.start, "RRULE:"+tt.rule), "|")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("RRULE:%s with %s: said %q, want %q", tt.rule, tt.start, got, tt.want)
		}
	}
}

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
		{"VEVENT", "DTSTART:20260610", "without VALUE=DATE"},
		{"VEVENT", "DTSTART:2026-06-10T08:00:00Z", "not a DATE-TIME"},
		{"VEVENT", "DTSTART:20260610t080000z", "not a DATE-TIME"},
		{"VEVENT", "DTSTART:20260610T0800Z", "not a DATE-TIME"},
		{"VEVENT", "DTSTART:20260230T080000Z", "not a DATE-TIME"},
		{"VEVENT", "DTSTART:", "not a DATE-TIME"},
		{"VEVENT", "DTSTART;VALUE=DATE:20260610T080000Z", "not a DATE although VALUE says so"},
		{"VEVENT", "DTSTART;TZID=Europe/Berlin:20260610T100000Z", "has a TZID"},
		{"VEVENT", "DTSTART;:20260610T080000Z", "is not a parameter"},
		{"VEVENT", "DTSTART;VALUE=PERIOD:20260610T080000Z/PT1H", "not a value type of DTSTART"},
		{"VEVENT", "DTSTART;VALUE=ZEIT:20260610T080000Z", "does not name a value type"},
		{"VEVENT", "EXDATE:20260610T080000Z,20260611T080000Z", ""},
		{"VEVENT", "EXDATE:20260610T080000Z,x", "not a DATE-TIME"},
		{"VEVENT", "RDATE;VALUE=PERIOD:20260610T080000Z/PT1H,20260611T080000/20260611T090000", ""},
		{"VEVENT", "RDATE;VALUE=PERIOD:20260610T080000Z/P1H", "its length"},
		{"VEVENT", "DTSTAMP:20260610T080000", "must be in UTC"},
		{"VFREEBUSY", "DTSTAMP;TZID=Europe/Berlin:20260610T080000", "must be in UTC"},
		{"VTODO", "COMPLETED:20260610T080000", "must be in UTC"},
		{"VFREEBUSY", "FREEBUSY;FBTYPE=BUSY:20260610T080000Z/PT1H,20260611T080000Z/20260611T090000Z", ""},
		{"VFREEBUSY", "FREEBUSY:20260610T080000Z/20260610T070000Z", "not after its start"},
		{"VFREEBUSY", "FREEBUSY:20260610T080000/PT1H", "in UTC"},
		{"VALARM", "TRIGGER:-PT15M", ""},
		{"VALARM", "TRIGGER;RELATED=END:P1DT2H3M4S", ""},
		{"VALARM", "TRIGGER;VALUE=DATE-TIME:20260610T080000Z", ""},
		{"VALARM", "TRIGGER:20260610T080000Z", "not a DURATION"},
		{"VALARM", "TRIGGER:P", "not a DURATION"},
		{"VALARM", "TRIGGER:PT", "not a DURATION"},
		{"VALARM", "TRIGGER:P1DT", "not a DURATION"},
		{"VALARM", "TRIGGER:PT1D", "not a DURATION"},
		{"VALARM", "TRIGGER:-PT0DT0H10M0S", "not a DURATION"},
		{"VALARM", "TRIGGER:P1W2D", "not a DURATION"},
		{"VALARM", "TRIGGER;RELATED=BEGIN:PT1M", "is not one of START"},
		{"VALARM", "DURATION:PT1H30S", "not a DURATION"},
		{"VEVENT", "DURATION:P1W", ""},
		{"VEVENT", "DURATION:-PT1H", "must not be negative"},
		{"VEVENT", "DURATION:-PT0S", ""},
		{"VCALENDAR", "REFRESH-INTERVAL;VALUE=DURATION:P1H", "not a DURATION"},
		{"STANDARD", "TZOFFSETTO:+0100", ""},
		{"STANDARD", "TZOFFSETTO:+010030", ""},
		{"STANDARD", "TZOFFSETTO:0100", "not a UTC-OFFSET"},
		{"STANDARD", "TZOFFSETTO:+01:00", "not a UTC-OFFSET"},
		{"STANDARD", "TZOFFSETTO:+2500", "not less than a day"},
		{"STANDARD", "TZOFFSETTO:-0000", "zero is not negative"},
		{"STANDARD", "DTSTART:19701025T030000Z", "must be a local time"},
		{"VEVENT", "SUMMARY:a\\, b\\; c\\n", ""},
		{"VEVENT", "SUMMARY:a\\x", "does not escape"},
		{"VEVENT", "SUMMARY:a\\", "does not escape"},
		{"VEVENT", "SUMMARY:a, b", "without a backslash"},
		{"VEVENT", "CATEGORIES:a,b", ""},
		{"VEVENT", "PRIORITY:10", "out of its range"},
		{"VEVENT", "SEQUENCE:-1", "out of its range"},
		{"VEVENT", "SEQUENCE:1.5", "not an INTEGER"},
		{"VTODO", "PERCENT-COMPLETE:101", "out of its range"},
		{"VEVENT", "GEO:48.85;2.35", ""},
		{"VEVENT", "GEO:48.85,2.35", "not a position"},
		{"VEVENT", "GEO:91;0", "not a position"},
		{"VEVENT", "REQUEST-STATUS:2.0;Success", ""},
		{"VEVENT", "REQUEST-STATUS:Success", "not a status"},
		{"VEVENT", "URL:https://meet.example/1", ""},
		{"VEVENT", "URL:www.example.com", "no scheme"},
		{"VEVENT", "ATTACH;ENCODING=BASE64;VALUE=BINARY:YWJj", ""},
		{"VEVENT", "ATTACH;ENCODING=BASE64;VALUE=BINARY:YWJ", "not base64"},
		{"VEVENT", "CLASS:PUBLIC", ""},
		{"VEVENT", "CLASS:X-ACME", ""},
		{"VEVENT", "CLASS:Public", "upper case"},
		{"VEVENT", "STATUS:NEEDS-ACTION", "is not one of"},
		{"VTODO", "STATUS:NEEDS-ACTION", ""},
		{"VEVENT", "TRANSP:BUSY", "is not one of"},
		{"VEVENT", "ATTENDEE;PARTSTAT=ACCEPTED;RSVP=TRUE;ROLE=CHAIR;CUTYPE=ROOM:mailto:a@b.example", ""},
		{"VEVENT", "ATTENDEE;PARTSTAT=NEEDS_ACTION:mailto:a@b.example", "is not one of"},
		{"VEVENT", "ATTENDEE;RSVP=YES:mailto:a@b.example", "is not one of"},
		{"VEVENT", "ATTENDEE;ROLE=REQUIRED:mailto:a@b.example", "not a value of RFC 5545"},
		{"VEVENT", "ATTENDEE;DELEGATED-TO=\"mailto: a@b.example\":mailto:a@b.example", "has a space"},
		{"VEVENT", "ATTENDEE:mailto:a%40b.example", ""},
		{"VEVENT", "ATTENDEE:mailto:a%2Bc@b.example", ""},
		{"VTODO", "ORGANIZER:mailto:%20a@b.example", "has a %20"},
		{"VFREEBUSY", "ATTENDEE:mailto:Anna%20%3Ca@b.example%3e", "has a %20"},
		{"VEVENT", "ATTENDEE:mailto:a@b.example?subject=Review", "header fields"},
		{"VEVENT", "ATTENDEE:urn:uuid:1", ""},
		{"VEVENT", "ATTENDEE:Anna", "no scheme"},
		{"VEVENT", "ATTENDEE:mailto:Anna <a@b.example>", "is not an address"},
		{"VEVENT", "ATTENDEE:mailto:a@b.example;", "is not an address"},
		{"VEVENT", "ORGANIZER:mailto:mailto:a@b.example", "is not an address"},
		{"VEVENT", "ORGANIZER;SENT-BY=\"<a@b.example>\":mailto:a@b.example", "not a URI"},
		{"VEVENT", "X-ACME:anything, at all\\x", ""},
		{"VEVENT", "X-ACME;VALUE=DURATION:P", "not a DURATION"},
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
		{utc, "FREQ=weekly", "no valid FREQ"},
		{utc, "INTERVAL=2", "no valid FREQ"},
		{utc, "FREQ=WEEKLY;INTERVAL=0", "value of INTERVAL"},
		{utc, "FREQ=WEEKLY;COUNT=0", "value of COUNT"},
		{utc, "FREQ=WEEKLY;COUNT=2;COUNT=3", "occurs twice"},
		{utc, "FREQ=WEEKLY;COUNT=2;UNTIL=20260710T080000Z", "COUNT and UNTIL"},
		{utc, "FREQ=WEEKLY;BYDAY=0WE", "an invalid number"},
		{utc, "FREQ=WEEKLY;BYDAY=2WE", "must not have"},
		{utc, "FREQ=WEEKLY;BYDAY=WED", "not a day"},
		{utc, "FREQ=WEEKLY;BYMONTHDAY=10", "must not have"},
		{utc, "FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"},
		{utc, "FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"},
		{utc, "FREQ=MONTHLY;BYYEARDAY=1", "must not have"},
		{utc, "FREQ=MONTHLY;BYSETPOS=1", "without another BY part"},
		{utc, "FREQ=WEEKLY;DAY=WE", "an unknown part"},
		{utc, "FREQ=WEEKLY;UNTIL=soon", "not a date"},
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

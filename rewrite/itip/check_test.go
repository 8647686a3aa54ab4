package itip

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
)

func parse(t testing.TB, text string) *ical.Document {
	t.Helper()
	doc, err := ical.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n")), ical.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// calendar wraps components of a message.
func calendar(method, body string) string {
	s := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n"
	if method != "" {
		s += "METHOD:" + method + "\n"
	}
	return s + body + "END:VCALENDAR\n"
}

// comp writes a component with the properties, separated by blanks.
func comp(name, properties string) string {
	return "BEGIN:" + name + "\n" + strings.ReplaceAll(properties, " ", "\n") + "\nEND:" + name + "\n"
}

const (
	who     = "ORGANIZER:mailto:o@a.example ATTENDEE:mailto:x@a.example"
	base    = "UID:1 DTSTAMP:20260301T000000Z " + who
	event   = base + " DTSTART:20260302T090000Z SUMMARY:s"
	zone    = "BEGIN:VTIMEZONE\nTZID:Z\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"
	freeOne = "UID:1 DTSTAMP:20260301T000000Z " + who + " DTSTART:20260302T090000Z DTEND:20260303T090000Z"
)

func TestCheck(t *testing.T) {
	without := func(s, name string) string {
		var out []string
		for _, p := range strings.Fields(s) {
			if !strings.HasPrefix(p, name+":") {
				out = append(out, p)
			}
		}
		return strings.Join(out, " ")
	}
	for _, tt := range []struct{ name, in, want string }{
		{"a request", calendar("REQUEST", comp("VEVENT", event)), ""},
		{"a file without METHOD", calendar("", comp("VEVENT", "UID:1")), ""},
		{"no calendar", "X:1\n", ""},
		{"no VERSION, two PRODIDs", "BEGIN:VCALENDAR\nPRODID:a\nPRODID:b\nEND:VCALENDAR\n", "error too-many VCALENDAR PRODID, error missing VCALENDAR VERSION"},
		{"VERSION of vCalendar", "BEGIN:VCALENDAR\nVERSION:1.0\nPRODID:a\nEND:VCALENDAR\n", "error value VCALENDAR VERSION"},
		{"a request without ORGANIZER", calendar("REQUEST", comp("VEVENT", without(event, "ORGANIZER"))), "error missing VEVENT ORGANIZER"},
		{"a request without ATTENDEE", calendar("REQUEST", comp("VEVENT", without(event, "ATTENDEE"))), "error missing VEVENT ATTENDEE"},
		{"an empty SUMMARY is allowed", calendar("REQUEST", comp("VEVENT", without(event, "SUMMARY")+" SUMMARY:")), ""},
		{"an empty UID is none", calendar("REQUEST", comp("VEVENT", without(event, "UID")+" UID:")), "error empty VEVENT UID"},
		{"STATUS of a request", calendar("REQUEST", comp("VEVENT", event+" STATUS:CANCELLED")), "error value VEVENT STATUS"},
		{"REQUEST-STATUS in a request", calendar("REQUEST", comp("VEVENT", event+" REQUEST-STATUS:2.0;Success")), "error forbidden VEVENT REQUEST-STATUS"},
		{"an end and a duration", calendar("REQUEST", comp("VEVENT", event+" DTEND:20260302T100000Z DURATION:PT1H")), "error exclusive VEVENT DURATION"},
		{"two UIDs", calendar("REQUEST", comp("VEVENT", event)+comp("VEVENT", without(event, "UID")+" UID:2")), "error mixed-uids VCALENDAR UID"},
		{"a task in an invitation", calendar("REQUEST", comp("VEVENT", event)+comp("VTODO", event+" PRIORITY:0")), "error forbidden VCALENDAR VTODO"},
		{"a TZID without zone", calendar("REQUEST", comp("VEVENT", base+" SUMMARY:s DTSTART;TZID=Z:20260302T090000 DTEND;TZID=Z:20260302T100000")), "error no-zone VEVENT DTSTART"},
		{"a TZID without zone, in a file", calendar("", comp("VEVENT", "UID:1 DTSTART;TZID=Z:20260302T090000")), "warning no-zone VEVENT DTSTART"},
		{"a TZID with zone", calendar("REQUEST", zone+comp("VEVENT", base+" SUMMARY:s DTSTART;TZID=Z:20260302T090000")), ""},
		{"a zone without observance", calendar("", comp("VTIMEZONE", "TZID:Z")), "warning missing VTIMEZONE STANDARD"},
		{"a zone with a UTC onset", calendar("", strings.Replace(zone, "DTSTART:19700101T000000", "DTSTART:19700101T000000Z", 1)), "error value STANDARD DTSTART"},
		{"a zone without offset", calendar("", strings.Replace(zone, "TZOFFSETTO:+0100\n", "", 1)), "error missing STANDARD TZOFFSETTO"},
		{"a zone with RDATE and RRULE", calendar("", strings.Replace(zone, "TZOFFSETTO", "RDATE:19800101T000000\nRRULE:FREQ=YEARLY\nTZOFFSETTO", 1)), "error exclusive STANDARD RRULE"},
		{"an alarm without TRIGGER", calendar("", comp("VEVENT", "UID:1\nBEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM")), "error missing VALARM TRIGGER"},
		{"an alarm that repeats without DURATION", calendar("", comp("VEVENT", "UID:1\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nREPEAT:2\nEND:VALARM")), "error partner VALARM REPEAT"},

		{"a cancellation", calendar("CANCEL", comp("VEVENT", base+" SEQUENCE:1 STATUS:CANCELLED")), ""},
		{"a cancellation that confirms", calendar("CANCEL", comp("VEVENT", base+" SEQUENCE:1 STATUS:CONFIRMED")), "error value VEVENT STATUS"},
		{"a cancellation without SEQUENCE", calendar("CANCEL", comp("VEVENT", base)), "error missing VEVENT SEQUENCE"},
		{"a cancellation with an alarm", calendar("CANCEL", comp("VEVENT", base+" SEQUENCE:1\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM")), "error forbidden VEVENT VALARM"},
		{"a reply", calendar("REPLY", comp("VEVENT", base)), ""},
		{"a reply of two", calendar("REPLY", comp("VEVENT", base+" ATTENDEE:mailto:y@a.example")), "error too-many VEVENT ATTENDEE"},
		{"a reply in two zones", calendar("REPLY", zone+strings.ReplaceAll(zone, ":Z", ":Y")+comp("VEVENT", base)), ""},
		{"a counter-proposal", calendar("COUNTER", comp("VEVENT", event+" SEQUENCE:0")), ""},
		{"a declined counter-proposal", calendar("DECLINECOUNTER", comp("VEVENT", base+" SEQUENCE:0")), ""},
		{"a declined counter-proposal with an alarm", calendar("DECLINECOUNTER", comp("VEVENT", base+" SEQUENCE:0\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM")), "error forbidden VEVENT VALARM"},
		{"a refresh", calendar("REFRESH", comp("VEVENT", base)), ""},
		{"a refresh with a start", calendar("REFRESH", comp("VEVENT", base+" DTSTART:20260302T090000Z")), "error forbidden VEVENT DTSTART"},
		{"an addition", calendar("ADD", comp("VEVENT", event+" SEQUENCE:1")), ""},
		{"an addition of revision 0", calendar("ADD", comp("VEVENT", event+" SEQUENCE:0")), "error value VEVENT SEQUENCE"},
		{"an addition with RECURRENCE-ID", calendar("ADD", comp("VEVENT", event+" SEQUENCE:1 RECURRENCE-ID:20260302T090000Z")), "error forbidden VEVENT RECURRENCE-ID"},
		{"a publication", calendar("PUBLISH", comp("VEVENT", without(event, "ATTENDEE"))), ""},
		{"a publication with ATTENDEE", calendar("PUBLISH", comp("VEVENT", event)), "error forbidden VEVENT ATTENDEE"},

		{"a task", calendar("REQUEST", comp("VTODO", event+" PRIORITY:0 DUE:20260303T090000Z")), ""},
		{"a task without PRIORITY", calendar("REQUEST", comp("VTODO", event)), "error missing VTODO PRIORITY"},
		{"a task with the STATUS of an event", calendar("REQUEST", comp("VTODO", event+" PRIORITY:0 STATUS:CONFIRMED")), "error value VTODO STATUS"},
		{"free time asked for", calendar("REQUEST", comp("VFREEBUSY", freeOne)), ""},
		{"free time of a local day", calendar("REPLY", comp("VFREEBUSY", strings.Replace(freeOne, "T090000Z DTEND", "T090000 DTEND", 1))), "error value VFREEBUSY DTSTART"},
		{"free time out of order", calendar("REPLY", comp("VFREEBUSY", freeOne+" FREEBUSY:20260302T100000Z/PT1H FREEBUSY:20260302T090000Z/PT1H")), "warning value VFREEBUSY FREEBUSY"},
		{"time that is free", calendar("REPLY", comp("VFREEBUSY", freeOne+" FREEBUSY;FBTYPE=FREE:20260302T100000Z/PT1H")), "error value VFREEBUSY FREEBUSY"},
		{"a journal", calendar("PUBLISH", comp("VJOURNAL", without(event, "ATTENDEE")+" DESCRIPTION:d")), ""},
		{"free time is not cancelled", calendar("CANCEL", comp("VFREEBUSY", freeOne)), "error undefined VCALENDAR METHOD"},
		{"a method that there is not", calendar("FOO", comp("VEVENT", event)), "error undefined VCALENDAR METHOD"},
		{"a method for nothing", calendar("REQUEST", ""), "error missing VCALENDAR VEVENT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, v := range Check(parse(t, tt.in)) {
				got = append(got, strings.Join([]string{string(v.Level), string(v.Rule), v.Component, v.Name}, " "))
				if v.Text == "" || !strings.HasPrefix(v.Source, "RFC 554") {
					t.Errorf("no text or source: %+v", v)
				}
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

// TestEveryRuleIsKnown fails when the table has a condition that is neither
// checked nor excused.
func TestEveryRuleIsKnown(t *testing.T) {
	judged := []string{"excludes=", "requires=", "value=", "enum=", "if_whole_component_cancelled=", "gt_0", "utc", "local_time",
		"all_components_same_uid", "fbtype_busy", "sorted_ascending_should"}
	used := map[string]bool{}
	for _, r := range restrictions {
		if r.rules == "" {
			continue
		}
		for rule := range strings.SplitSeq(r.rules, ";") {
			used[rule] = true
			if _, ok := unjudged[rule]; ok {
				continue
			}
			known := false
			for _, j := range judged {
				known = known || rule == j || strings.HasSuffix(j, "=") && strings.HasPrefix(rule, j)
			}
			if !known {
				t.Errorf("%s %s %s: nobody checks %q", r.target, r.method, r.name, rule)
			}
		}
	}
	for rule := range unjudged {
		if !used[rule] {
			t.Errorf("%q is excused and no table has it", rule)
		}
	}
}

// TestListIsBounded: a calendar of many faults does not make a list without end.
func TestListIsBounded(t *testing.T) {
	in := calendar("REQUEST", strings.Repeat(comp("VEVENT", "UID:1"), 1000))
	if n := len(Check(parse(t, in))); n != maxViolations {
		t.Errorf("%d violations, want %d", n, maxViolations)
	}
}

// FuzzCheck wants no panic, a bounded list and the same answer twice of any
// octets, and that nothing is changed.
func FuzzCheck(f *testing.F) {
	f.Add(calendar("REQUEST", zone+comp("VEVENT", event+" STATUS:X")))
	f.Add(calendar("REPLY", comp("VFREEBUSY", freeOne)))
	f.Add(calendar("ADD", comp("VTODO", "SEQUENCE:-1 DTEND: DURATION:")))
	f.Add("BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VTIMEZONE\nBEGIN:STANDARD\nDTSTART:")
	f.Fuzz(func(t *testing.T, in string) {
		doc, err := ical.Parse([]byte(in), ical.Limits{})
		if err != nil {
			return
		}
		list := Check(doc)
		if len(list) > maxViolations || len(Check(doc)) != len(list) {
			t.Errorf("%d violations", len(list))
		}
		if string(doc.Bytes()) != in {
			t.Error("changed by looking at it")
		}
	})
}

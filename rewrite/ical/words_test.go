package ical

import (
	"strings"
	"testing"
)

func TestHolds(t *testing.T) {
	text := strings.Join([]string{
		"BEGIN:VCALENDAR", "method: Cancel ", "BEGIN:VEVENT", `ATTENDEE;CN="a;b=c"; ROLE =X:mailto:a%41`, "X-LOTUS-NOTICETYPE:1",
		"BEGIN;A=1:valarm", "END:valarm", "END:VEVENT", "END:VCALENDAR",
	}, "\r\n") + "\r\n"
	d, err := Parse([]byte(text), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"METHOD", "METHOD:CANCEL", "BEGIN:VALARM", "ATTENDEE", ";CN", ";ROLE", ";A", "X-LOTUS-NOTICETYPE", "X-LOTUS-*", "%"} {
		if !d.Holds(WordOf(word)) {
			t.Errorf("%s is there", word)
		}
	}
	absent := []string{"METHOD:REQUEST", "BEGIN:VTODO", "DTSTART", ";TZID", "X-MICROSOFT-*", "*", "'"}
	for _, word := range absent {
		if d.Holds(WordOf(word)) {
			t.Errorf("%s is not there", word)
		}
	}
	ev := d.Calendars()[0].Children("VEVENT")[0]
	ev.Add(NewLine("DTSTART", "20260302T090000*"))
	ev.First("ATTENDEE").SetParam("TZID", "a'b")
	d.Calendars()[0].First("METHOD").SetValue("REQUEST")
	ev.AddChild(NewComponent("VTODO"))
	d.Reindex()
	for _, word := range absent {
		if want := word != "X-MICROSOFT-*"; d.Holds(WordOf(word)) != want {
			t.Errorf("%s: not %v", word, want)
		}
	}
}

// A parameter name with what parseParam takes for white space makes every name
// possible.
func TestHoldsOddBlanks(t *testing.T) {
	d, err := Parse([]byte("BEGIN:VCALENDAR\r\nA;\u00a0TZID=x:1\r\nEND:VCALENDAR\r\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if l := d.Calendars()[0].First("A"); l.ParamValue("TZID") != "x" || !d.Holds(WordOf(";TZID")) {
		t.Error("TZID is there")
	}
}

// Words that people look for are told apart.
func TestWordsDiffer(t *testing.T) {
	seen := map[Word]string{}
	for _, word := range strings.Fields("DTSTART DTEND DUE DURATION RRULE RDATE EXDATE EXRULE UID SEQUENCE RECURRENCE-ID ORGANIZER ATTENDEE ATTACH STATUS TRANSP CLASS " +
		"METHOD:REQUEST METHOD:CANCEL METHOD:REPLY METHOD:COUNTER METHOD:ADD METHOD:PUBLISH BEGIN:VALARM BEGIN:VTIMEZONE BEGIN:VEVENT BEGIN:VTODO " +
		";TZID ;CN ;SENT-BY ;RSVP ;ROLE ;PARTSTAT ;X-REPLYTIME ;VALUE ;RANGE X-LOTUS-* X-MICROSOFT-* X-ALT-DESC % ' *") {
		w := WordOf(word)
		if other, taken := seen[w]; taken {
			t.Errorf("%s and %s are the same", word, other)
		}
		seen[w] = word
	}
}

// A document that was written and read again holds what it would hold if nobody
// had read it before, whether the first one knew of its changes or not.
func TestRereadHolds(t *testing.T) {
	text := "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nX-OLD-A:1\r\nBEGIN:VEVENT\r\nDTSTART;TZID=x:20260302T090000\r\nSUMMARY:a\r\n b\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	changes := map[string]func(d *Document){
		"nothing": func(*Document) {},
		"method":  func(d *Document) { d.Calendar().First("METHOD").SetValue("CANCEL") },
		"param":   func(d *Document) { d.Calendar().Children("VEVENT")[0].First("DTSTART").SetParam("X-B", "@") },
		"added": func(d *Document) {
			d.Calendar().Add(NewLine("X-NEW-A", "1*"))
			d.Calendar().AddChild(NewComponent("VTODO"))
		},
		"removed": func(d *Document) { d.Calendar().Remove(d.Calendar().First("X-OLD-A")) },
		"shape":   func(d *Document) { d.Calendar().Children("VEVENT")[0].First("SUMMARY").SetValue("A=B") },
	}
	for name, change := range changes {
		for asked := range 3 { // never, before the change, and after it too
			d, err := Parse([]byte(text), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if asked > 0 {
				d.Holds(0)
			}
			change(d)
			if asked > 1 {
				d.Reindex()
				d.Holds(0)
			}
			written := d.Bytes()
			anew, err := Parse(written, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			again, err := d.Reread(written, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for w := range octetWord + 256 {
				if anew.Holds(w) && !again.Holds(w) {
					t.Errorf("%s, asked %d times: word %d is there", name, asked, w)
				}
			}
		}
	}
}

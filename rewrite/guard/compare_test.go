package guard

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

//go:embed testdata/meeting.ics
var meetingICS string

// meetingText is a series with an exception, with words replaced.
func meetingText(replace ...string) string {
	return strings.NewReplacer(replace...).Replace(meetingICS)
}

func caseOf(t *testing.T, text string) *remedy.Object {
	t.Helper()
	c := &remedy.Object{Octets: []byte(text)}
	doc, err := ical.Parse(c.Octets, ical.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	c.Doc, c.Cal = doc, doc.Calendar()
	c.ResetZones()
	return c
}

// TestFacets changes one thing of a meeting at a time.
func TestFacets(t *testing.T) {
	tests := []struct {
		name, from, to string
		want           remedy.Facet
	}{
		{"nothing", "", "", 0},
		{"method", "METHOD:REQUEST", "METHOD:CANCEL", remedy.FacetMethod},
		{"method case", "METHOD:REQUEST", "METHOD:request", 0},
		{"uid", "UID:1\r\nDTSTAMP", "UID:2\r\nDTSTAMP", remedy.FacetUID},
		{"sequence", "SEQUENCE:1", "SEQUENCE:2", remedy.FacetSequence},
		{"sequence spelt", "SEQUENCE:1", "SEQUENCE: 01", 0},
		{"stamp", "DTSTAMP:20260101T000000Z", "DTSTAMP:20260101T000001Z", remedy.FacetStamp},
		{"recurrence-id", "RECURRENCE-ID;TZID=Berlin:20260324T100000", "RECURRENCE-ID;TZID=Berlin:20260324T110000", remedy.FacetRecurrence},
		{"recurrence-id in UTC, the start not", "RECURRENCE-ID;TZID=Berlin:20260324T100000", "RECURRENCE-ID:20260324T090000Z", remedy.FacetOneZone},
		{"zone renamed", "Berlin", "Europe/Berlin", 0},
		{"start in UTC, series moves with summer time", "DTSTART;TZID=Berlin:20260310T100000", "DTSTART:20260310T090000Z", remedy.FacetOccurrences},
		{"start", "DTSTART;TZID=Berlin:20260310T100000", "DTSTART;TZID=Berlin:20260310T103000", remedy.FacetOccurrences},
		{"end", "DTEND;TZID=Berlin:20260310T110000", "DTEND;TZID=Berlin:20260310T120000", remedy.FacetOccurrences},
		{"end as duration", "DTEND;TZID=Berlin:20260310T110000", "DURATION:PT1H", 0},
		{"end lost", "DTEND;TZID=Berlin:20260310T110000\r\n", "", remedy.FacetOccurrences},
		{"zone rules", "TZOFFSETTO:+0100", "TZOFFSETTO:+0000", remedy.FacetOccurrences | remedy.FacetRecurrence},
		{"all day", "DTSTART;TZID=Berlin:20260324T120000", "DTSTART;VALUE=DATE:20260324", remedy.FacetOccurrences | remedy.FacetAllDay},
		{"rule", "FREQ=WEEKLY", "FREQ=DAILY", remedy.FacetOccurrences},
		{"rule spelt", "FREQ=WEEKLY;", "FREQ=WEEKLY; INTERVAL=1 ;", 0},
		{"until one day less", "UNTIL=20260414T080000Z", "UNTIL=20260413T080000Z", remedy.FacetOccurrences},
		{"until as local time", "UNTIL=20260414T080000Z", "UNTIL=20260414T100000", 0},
		{"until as count", "UNTIL=20260414T080000Z", "COUNT=6", 0},
		{"exdate", "EXDATE;TZID=Berlin:20260317T100000", "EXDATE;TZID=Berlin:20260318T100000", remedy.FacetOccurrences},
		{"exdate in UTC", "EXDATE;TZID=Berlin:20260317T100000", "EXDATE:20260317T090000Z", 0},
		{"summary", "SUMMARY:Moved", "SUMMARY:Else", remedy.FacetSummary},
		{"summary escaped otherwise", `One\, two`, `One, two`, 0},
		{"location", "LOCATION:Room", "LOCATION:Hall", remedy.FacetLocation},
		{"description", "DESCRIPTION:Text", "DESCRIPTION:", remedy.FacetDescription},
		{"organizer", "mailto:a@example.com", "mailto:c@example.com", remedy.FacetOrganizer},
		{"organizer spelt", "ORGANIZER;CN=A:mailto:a@example.com", "ORGANIZER:MAILTO:A%40example.com", 0},
		{"attendee", "mailto:b@example.com", "mailto:c@example.com", remedy.FacetAttendees},
		{"answer", "ATTENDEE;CN=B:", "ATTENDEE;PARTSTAT=ACCEPTED;CN=B:", remedy.FacetAttendees},
		{"default answer", "ATTENDEE;CN=B:", "ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;CN=B:", 0},
		{"status", "STATUS:CONFIRMED", "STATUS:CANCELLED", remedy.FacetStatus},
		{"class given", "STATUS:CONFIRMED", "STATUS:CONFIRMED\r\nCLASS:PUBLIC", 0},
		{"attachment", "ATTACH:cid:1\r\n", "", remedy.FacetAttachments},
		{"alarm moved", "TRIGGER:-PT15M", "TRIGGER:-PT5M", remedy.FacetAlarms},
		{"alarm spelt", "TRIGGER:-PT15M", "TRIGGER;RELATED=START:-PT00H15M00S", 0},
		{"alarm at the end", "TRIGGER:-PT15M", "TRIGGER;RELATED=END:-PT15M", remedy.FacetAlarms},
		{"alarm of another kind", "ACTION:DISPLAY", "ACTION:AUDIO", remedy.FacetAlarms},
		{"alarm repeated", "ACTION:DISPLAY", "ACTION:DISPLAY\r\nREPEAT:2\r\nDURATION:PT5M", remedy.FacetAlarms},
		{"alarm that cannot be read", "TRIGGER:-PT15M", "TRIGGER:soon", remedy.FacetAlarms},
		{"role", "ATTENDEE;CN=B:", "ATTENDEE;ROLE=CHAIR;CN=B:", remedy.FacetAttendees},
		{"kind of attendee", "ATTENDEE;CN=B:", "ATTENDEE;CUTYPE=ROOM;CN=B:", remedy.FacetAttendees},
		{"attendee asked", "ATTENDEE;CN=B:", "ATTENDEE;RSVP=TRUE;CN=B:", remedy.FacetAttendees},
		{"default of asking", "ATTENDEE;CN=B:", "ATTENDEE;RSVP=false;CUTYPE=individual;CN=B:", 0},
		{"answer that nobody knows", "ATTENDEE;CN=B:", "ATTENDEE;PARTSTAT=X-LATE;CN=B:", remedy.FacetAttendees},
		{"second comment", "DESCRIPTION:Text", "DESCRIPTION:Text\r\nCOMMENT:a\r\nCOMMENT:b", remedy.FacetDescription},
		{"range of a recurrence-id", "RECURRENCE-ID;TZID", "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID", remedy.FacetRecurrence},
		{"start that cannot be read", "DTSTART;TZID=Berlin:20260310T100000", "DTSTART;TZID=Berlin:tomorrow", remedy.FacetOccurrences},
		{"period", "STATUS:CONFIRMED", "STATUS:CONFIRMED\r\nRDATE;VALUE=PERIOD:20260501T080000Z/PT1H", remedy.FacetOccurrences},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := meetingText()
			text := before
			if tt.from != "" {
				if text = meetingText(tt.from, tt.to); text == before {
					t.Fatal("the row changes nothing")
				}
			}
			after := caseOf(t, text)
			if got := Compare(caseOf(t, before), after, Components(after.Doc)); got != tt.want {
				t.Errorf("got %v, want %v", got.Names(), tt.want.Names())
			}
		})
	}
}

// TestFacetsOfComponents adds and removes whole components.
func TestFacetsOfComponents(t *testing.T) {
	tests := []struct {
		name string
		edit func(c *remedy.Object)
		want remedy.Facet
	}{
		{"event removed", func(c *remedy.Object) { c.Cal.RemoveChild(c.Events()[0]) }, remedy.FacetComponents},
		{"event added", func(c *remedy.Object) { c.Cal.AddChild(ical.NewComponent("VEVENT")) }, remedy.FacetComponents},
		{"alarm removed", func(c *remedy.Object) {
			ev := c.Events()[0]
			ev.RemoveChild(ev.Children("VALARM")[0])
		}, remedy.FacetAlarms},
		{"zone removed", func(c *remedy.Object) {
			c.Cal.RemoveChild(c.Cal.Children("VTIMEZONE")[0])
			c.ResetZones()
		}, remedy.FacetOccurrences | remedy.FacetRecurrence},
		{"events swapped", func(c *remedy.Object) {
			ev := c.Events()[0]
			c.Cal.RemoveChild(ev)
			c.Cal.AddChild(ev)
		}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			after := caseOf(t, meetingText())
			order := Components(after.Doc)
			tt.edit(after)
			if got := Compare(caseOf(t, meetingText()), after, order); got != tt.want {
				t.Errorf("got %v, want %v", got.Names(), tt.want.Names())
			}
		})
	}
}

// TestOpaqueValues changes what nobody can read: it counts as what is written.
func TestOpaqueValues(t *testing.T) {
	opaque := []string{
		"DTSTART;TZID=Berlin:20260310T100000", "DTSTART;TZID=Nowhere:20260310Tx", "FREQ=WEEKLY;UNTIL=20260414T080000Z", "FREQ=NOW",
		"STATUS:CONFIRMED", "STATUS:X-PERHAPS\r\nRDATE;VALUE=PERIOD:20260501T080000Z/20260501T090000Z", "SEQUENCE:1", "SEQUENCE:one",
	}
	tests := []struct {
		name, from, to string
		want           remedy.Facet
	}{
		{"the same", "", "", 0},
		{"start", "20260310Tx", "20260310Ty", remedy.FacetOccurrences},
		{"end behind such a start", "DTEND;TZID=Berlin:20260310T110000", "DTEND;TZID=Berlin:20260310T120000", remedy.FacetOccurrences},
		{"rule", "FREQ=NOW", "FREQ=THEN", remedy.FacetOccurrences},
		{"status", "X-PERHAPS", "X-SURELY", remedy.FacetStatus},
		{"sequence", "SEQUENCE:one", "SEQUENCE:two", remedy.FacetSequence},
		{"period made longer", "/20260501T090000Z", "/20260501T100000Z", remedy.FacetOccurrences},
		{"period spelt", "/20260501T090000Z", "/PT60M", 0},
		{"unknown zone renamed", "TZID=Nowhere", "TZID=Elsewhere", 0},
	}
	before := meetingText(opaque...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := before
			if tt.from != "" {
				if text = strings.ReplaceAll(before, tt.from, tt.to); text == before {
					t.Fatal("the row changes nothing")
				}
			}
			after := caseOf(t, text)
			if got := Compare(caseOf(t, before), after, Components(after.Doc)); got != tt.want {
				t.Errorf("got %v, want %v", got.Names(), tt.want.Names())
			}
		})
	}
}

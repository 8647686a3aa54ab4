package rewrite

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

var meetingLines = []string{
	"BEGIN:VCALENDAR", "METHOD:REQUEST", "PRODID:-//Test//EN", "VERSION:2.0",
	"BEGIN:VTIMEZONE", "TZID:Berlin", "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
	"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD", "BEGIN:DAYLIGHT", "DTSTART:16010101T020000",
	"TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT", "END:VTIMEZONE",
	"BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", "SEQUENCE:1", "DTSTART;TZID=Berlin:20260310T100000", "DTEND;TZID=Berlin:20260310T110000",
	"RRULE:FREQ=WEEKLY;UNTIL=20260414T080000Z", "EXDATE;TZID=Berlin:20260317T100000",
	"SUMMARY:One\\, two", "LOCATION:Room", "DESCRIPTION:Text", "ORGANIZER;CN=A:mailto:a@example.com",
	"ATTENDEE;CN=B:mailto:b@example.com", "STATUS:CONFIRMED", "ATTACH:cid:1",
	"BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "END:VALARM", "END:VEVENT",
	"BEGIN:VEVENT", "UID:1", "RECURRENCE-ID;TZID=Berlin:20260324T100000", "DTSTART;TZID=Berlin:20260324T120000", "DTEND;TZID=Berlin:20260324T130000",
	"SUMMARY:Moved", "END:VEVENT", "END:VCALENDAR",
}

func meetingText(replace ...string) string {
	text := strings.Join(meetingLines, "\r\n") + "\r\n"
	return strings.NewReplacer(replace...).Replace(text)
}

func caseOf(t *testing.T, text string) *remedy.Case {
	t.Helper()
	c := &remedy.Case{Octets: []byte(text)}
	if err := parse(c); err != nil {
		t.Fatal(err)
	}
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
			if got := moved(caseOf(t, before), after, components(after.Doc)); got != tt.want {
				t.Errorf("got %v, want %v", got.Names(), tt.want.Names())
			}
		})
	}
}

// TestFacetsOfComponents adds and removes whole components.
func TestFacetsOfComponents(t *testing.T) {
	tests := []struct {
		name string
		edit func(c *remedy.Case)
		want remedy.Facet
	}{
		{"event removed", func(c *remedy.Case) { c.Cal.RemoveChild(c.Events()[0]) }, remedy.FacetComponents},
		{"event added", func(c *remedy.Case) { c.Cal.AddChild(ical.NewComponent("VEVENT")) }, remedy.FacetComponents},
		{"alarm removed", func(c *remedy.Case) {
			ev := c.Events()[0]
			ev.RemoveChild(ev.Children("VALARM")[0])
		}, remedy.FacetAlarms},
		{"zone removed", func(c *remedy.Case) {
			c.Cal.RemoveChild(c.Cal.Children("VTIMEZONE")[0])
			c.ResetZones()
		}, remedy.FacetOccurrences | remedy.FacetRecurrence},
		{"events swapped", func(c *remedy.Case) {
			ev := c.Events()[0]
			c.Cal.RemoveChild(ev)
			c.Cal.AddChild(ev)
		}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			after := caseOf(t, meetingText())
			order := components(after.Doc)
			tt.edit(after)
			if got := moved(caseOf(t, meetingText()), after, order); got != tt.want {
				t.Errorf("got %v, want %v", got.Names(), tt.want.Names())
			}
		})
	}
}

// setter is a remedy that gives a property of each event a value.
func setter(id, property, value string, facets remedy.Facet) *remedy.Remedy {
	return &remedy.Remedy{ID: id, Profiles: []remedy.Profile{remedy.Standard}, Facets: facets, Run: func(c *remedy.Case) {
		for _, ev := range c.Events() {
			if l := ev.First(property); l != nil && l.Value() != value && c.Found(remedy.Finding{Property: property}) {
				l.SetValue(value)
			}
		}
	}}
}

func TestGuardTakesBack(t *testing.T) {
	good := setter("good", "SUMMARY", "Better", remedy.FacetSummary)
	liar := setter("liar", "DTSTART", "20260311T090000Z", remedy.FacetSummary)
	thief := setter("thief", "LOCATION", "Elsewhere", 0)
	silent := &remedy.Remedy{ID: "silent", Profiles: []remedy.Profile{remedy.Standard}, Run: func(c *remedy.Case) {
		c.Events()[0].First("LOCATION").SetValue("Nowhere") // without Found: cannot be taken back
	}}
	cutter := &remedy.Remedy{ID: "cutter", Stage: remedy.Octets, Profiles: []remedy.Profile{remedy.Standard}, Run: func(c *remedy.Case) {
		if i := strings.LastIndex(string(c.Octets), "BEGIN:VEVENT"); i > 0 && strings.Count(string(c.Octets), "BEGIN:VEVENT") > 1 && c.Found(remedy.Finding{}) {
			c.Octets = []byte(string(c.Octets[:i]) + "END:VCALENDAR\r\n")
		}
	}}
	letters := &remedy.Remedy{ID: "letters", Stage: remedy.Octets, Profiles: []remedy.Profile{remedy.Standard}, Run: func(c *remedy.Case) {
		if strings.Contains(string(c.Octets), "Moved") && c.Found(remedy.Finding{}) {
			c.Octets = []byte(strings.Replace(string(c.Octets), "Moved", "Verlegt", 1))
		}
	}}
	tests := []struct {
		name    string
		table   []*remedy.Remedy
		vetoed  []string
		applied []string
		skipped bool
		want    string
	}{
		{"declared", []*remedy.Remedy{good}, nil, []string{"good"}, false, "SUMMARY:Better"},
		{"undeclared", []*remedy.Remedy{good, liar, thief}, []string{"liar", "thief"}, []string{"good"}, false, "SUMMARY:Better"},
		{"one declares for another", []*remedy.Remedy{setter("location", "LOCATION", "Room", remedy.FacetLocation), thief}, []string{"thief"}, nil, false, ""},
		{"octets: letters", []*remedy.Remedy{letters}, nil, []string{"letters"}, false, "SUMMARY:Verlegt"},
		{"octets: an event is gone", []*remedy.Remedy{cutter, good}, nil, nil, true, ""},
		{"without a finding", []*remedy.Remedy{silent, good}, []string{"silent"}, nil, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWork(strings.NewReader(meetingText()), Options{Now: time.Unix(0, 0)}, newTable(tt.table))
			out, err := w.treat(input{text: []byte(meetingText()), allowed: true, header: remedy.PartHeader{Bare: true}})
			if err != nil {
				t.Fatal(err)
			}
			if tt.skipped != (len(w.report.Skipped) > 0) {
				t.Errorf("skipped %v", w.report.Skipped)
			}
			if tt.want == "" && string(out.text) != meetingText() || !strings.Contains(string(out.text), tt.want) {
				t.Errorf("got %s", out.text)
			}
			if !slices.Equal(w.report.Vetoed, tt.vetoed) || !slices.Equal(w.report.Meetings[0].Applied, tt.applied) {
				t.Errorf("vetoed %v, applied %v", w.report.Vetoed, w.report.Meetings[0].Applied)
			}
			for _, f := range out.c.Findings() {
				if slices.Contains(tt.vetoed, f.ID) && (f.Applied || f.Note != vetoNote) {
					t.Errorf("finding %+v", f)
				}
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
			if got := moved(caseOf(t, before), after, components(after.Doc)); got != tt.want {
				t.Errorf("got %v, want %v", got.Names(), tt.want.Names())
			}
		})
	}
}

// TestGuardKeepsEveryFacet runs a remedy that changes one facet and declares
// every other one: it is taken back. Declared, it is not.
func TestGuardKeepsEveryFacet(t *testing.T) {
	set := func(name, value string) func(c *remedy.Case) {
		return func(c *remedy.Case) { c.Events()[0].First(name).SetValue(value) }
	}
	edits := map[remedy.Facet]func(c *remedy.Case){
		remedy.FacetMethod:      func(c *remedy.Case) { c.Cal.First("METHOD").SetValue("CANCEL") },
		remedy.FacetUID:         set("UID", "2"),
		remedy.FacetSequence:    set("SEQUENCE", "7"),
		remedy.FacetRecurrence:  func(c *remedy.Case) { c.Events()[1].First("RECURRENCE-ID").SetValue("20260331T100000") },
		remedy.FacetStamp:       set("DTSTAMP", "20260102T000000Z"),
		remedy.FacetOccurrences: set("DTEND", "20260310T130000"),
		remedy.FacetAllDay: func(c *remedy.Case) {
			for _, name := range []string{"DTSTART", "DTEND"} {
				l := c.Events()[1].First(name)
				l.SetValue("20260324")
				l.SetParam("VALUE", "DATE")
			}
		},
		remedy.FacetSummary:     set("SUMMARY", "Two"),
		remedy.FacetLocation:    set("LOCATION", "Hall"),
		remedy.FacetDescription: set("DESCRIPTION", "Other"),
		remedy.FacetOrganizer:   set("ORGANIZER", "mailto:c@example.com"),
		remedy.FacetAttendees:   func(c *remedy.Case) { c.Events()[0].First("ATTENDEE").SetParam("PARTSTAT", "DECLINED") },
		remedy.FacetStatus:      set("STATUS", "TENTATIVE"),
		remedy.FacetAlarms:      func(c *remedy.Case) { c.Events()[0].Children("VALARM")[0].First("TRIGGER").SetParam("RELATED", "END") },
		remedy.FacetAttachments: func(c *remedy.Case) { c.Events()[0].RemoveIf(func(l *ical.Line) bool { return l.Name() == "ATTACH" }) },
		remedy.FacetComponents:  func(c *remedy.Case) { c.Cal.RemoveChild(c.Events()[1]) },
	}
	all := remedy.FacetComponents<<1 - 1
	for f := remedy.Facet(1); f <= remedy.FacetComponents; f <<= 1 {
		for _, declared := range []bool{false, true} {
			t.Run(f.Names()[0], func(t *testing.T) {
				once := edits[f]
				r := &remedy.Remedy{ID: "one", Profiles: []remedy.Profile{remedy.Standard}, Facets: all &^ f, Run: func(c *remedy.Case) {
					if c.Cal.First("X-DONE") == nil && c.Found(remedy.Finding{}) {
						c.Cal.AddFirst(ical.NewLine("X-DONE", "1"))
						once(c)
					}
				}}
				if declared {
					r.Facets |= f
				}
				res, err := rewriteWith(strings.NewReader(meetingText()), Options{Now: time.Unix(0, 0)}, newTable([]*remedy.Remedy{r}))
				if err != nil {
					t.Fatal(err)
				}
				if vetoed := slices.Equal(res.Report.Vetoed, []string{"one"}); vetoed == declared || res.Changed() != declared {
					t.Errorf("declared %v: vetoed %v, changed %v", declared, res.Report.Vetoed, res.Changed())
				}
			})
		}
	}
}

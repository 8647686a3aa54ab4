package rewrite

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

//go:embed guard/testdata/meeting.ics
var meetingICS string

// meetingText is a series with an exception, with words replaced.
func meetingText(replace ...string) string {
	return strings.NewReplacer(replace...).Replace(meetingICS)
}

// setter is a remedy that gives a property of each event a value.
func setter(id, property, value string, facets remedy.Facet) *remedy.Remedy {
	return &remedy.Remedy{ID: id, Profiles: []remedy.Profile{remedy.Standard}, Facets: facets, Run: func(c *remedy.Object) {
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
	silent := &remedy.Remedy{ID: "silent", Profiles: []remedy.Profile{remedy.Standard}, Run: func(c *remedy.Object) {
		c.Events()[0].First("LOCATION").SetValue("Nowhere") // without Found: cannot be taken back
	}}
	cutter := &remedy.Remedy{ID: "cutter", Stage: remedy.Octets, Profiles: []remedy.Profile{remedy.Standard}, Run: func(c *remedy.Object) {
		if i := strings.LastIndex(string(c.Octets), "BEGIN:VEVENT"); i > 0 && strings.Count(string(c.Octets), "BEGIN:VEVENT") > 1 && c.Found(remedy.Finding{}) {
			c.Octets = []byte(string(c.Octets[:i]) + "END:VCALENDAR\r\n")
		}
	}}
	letters := &remedy.Remedy{ID: "letters", Stage: remedy.Octets, Profiles: []remedy.Profile{remedy.Standard}, Run: func(c *remedy.Object) {
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
			r := newPipeline(strings.NewReader(""), Options{Now: time.Unix(0, 0)}, newTable(tt.table)).repairer
			out, err := r.calendar(input{text: []byte(meetingText()), header: remedy.PartHeader{Bare: true}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if tt.skipped != (len(out.report.Skipped) > 0) {
				t.Errorf("skipped %v", out.report.Skipped)
			}
			if tt.want == "" && string(out.text) != meetingText() || !strings.Contains(string(out.text), tt.want) {
				t.Errorf("got %s", out.text)
			}
			if !slices.Equal(out.report.Vetoed, tt.vetoed) || !slices.Equal(out.report.Meetings[0].Applied, tt.applied) {
				t.Errorf("vetoed %v, applied %v", out.report.Vetoed, out.report.Meetings[0].Applied)
			}
			for _, f := range out.c.Findings() {
				if slices.Contains(tt.vetoed, f.ID) && (f.Applied || f.Note != vetoNote) {
					t.Errorf("finding %+v", f)
				}
			}
		})
	}
}

// TestGuardKeepsEveryFacet runs a remedy that changes one facet and declares
// every other one: it is taken back. Declared, it is not.
func TestGuardKeepsEveryFacet(t *testing.T) {
	set := func(name, value string) func(c *remedy.Object) {
		return func(c *remedy.Object) { c.Events()[0].First(name).SetValue(value) }
	}
	edits := map[remedy.Facet]func(c *remedy.Object){
		remedy.FacetMethod:      func(c *remedy.Object) { c.Cal.First("METHOD").SetValue("CANCEL") },
		remedy.FacetUID:         set("UID", "2"),
		remedy.FacetSequence:    set("SEQUENCE", "7"),
		remedy.FacetRecurrence:  func(c *remedy.Object) { c.Events()[1].First("RECURRENCE-ID").SetValue("20260331T100000") },
		remedy.FacetStamp:       set("DTSTAMP", "20260102T000000Z"),
		remedy.FacetOccurrences: set("DTEND", "20260310T130000"),
		remedy.FacetAllDay: func(c *remedy.Object) {
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
		remedy.FacetAttendees:   func(c *remedy.Object) { c.Events()[0].First("ATTENDEE").SetParam("PARTSTAT", "DECLINED") },
		remedy.FacetStatus:      set("STATUS", "TENTATIVE"),
		remedy.FacetAlarms: func(c *remedy.Object) {
			c.Events()[0].Children("VALARM")[0].First("TRIGGER").SetParam("RELATED", "END")
		},
		remedy.FacetAttachments: func(c *remedy.Object) {
			c.Events()[0].RemoveIf(func(l *ical.Line) bool { return l.Name() == "ATTACH" })
		},
		remedy.FacetComponents: func(c *remedy.Object) { c.Cal.RemoveChild(c.Events()[1]) },
	}
	all := remedy.FacetComponents<<1 - 1
	for f := remedy.Facet(1); f <= remedy.FacetComponents; f <<= 1 {
		for _, declared := range []bool{false, true} {
			t.Run(f.Names()[0], func(t *testing.T) {
				once := edits[f]
				r := &remedy.Remedy{ID: "one", Profiles: []remedy.Profile{remedy.Standard}, Facets: all &^ f, Run: func(c *remedy.Object) {
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

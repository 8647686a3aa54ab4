package rewrite

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// harmful is a remedy that declares all that people see, and once does what edit
// does.
func harmful(stage remedy.Stage, edit func(c *remedy.Object)) *remedy.Remedy {
	return &remedy.Remedy{ID: "harmful", Stage: stage, Profiles: []remedy.Profile{remedy.Standard}, Facets: remedy.FacetComponents<<1 - 1, Run: func(c *remedy.Object) {
		if !strings.Contains(string(c.Octets), "X-ONCE") || c.Cal != nil && c.Cal.First("X-ONCE") == nil || !c.Found(remedy.Finding{}) {
			return
		}
		if c.Cal != nil {
			c.Cal.RemoveIf(func(l *ical.Line) bool { return l.Name() == "X-ONCE" })
		} else {
			c.Octets = []byte(strings.Replace(string(c.Octets), "X-ONCE:1\r\n", "", 1))
		}
		edit(c)
	}}
}

func readAs(m *charmap.Charmap) func(c *remedy.Object) {
	return func(c *remedy.Object) {
		text, err := m.NewDecoder().Bytes(c.Octets)
		if err != nil {
			panic(err)
		}
		c.Octets, c.Part.Charset = text, "utf-8"
	}
}

// TestGuardAgainstHarm does what an importer stumbles over, where a person sees
// no difference or where a remedy says that it may change what he sees.
func TestGuardAgainstHarm(t *testing.T) {
	japan, err := japanese.ShiftJIS.NewEncoder().String("会議")
	if err != nil {
		t.Fatal(err)
	}
	inUTC := []string{
		"RECURRENCE-ID;TZID=Berlin:20260324T100000", "RECURRENCE-ID:20260324T090000Z",
		"DTSTART;TZID=Berlin:20260324T120000", "DTSTART:20260324T110000Z",
		"DTEND;TZID=Berlin:20260324T130000", "DTEND:20260324T120000Z",
	}
	exception := func(c *remedy.Object, name, zone, value string) {
		l := c.Events()[1].First(name)
		l.SetParam("TZID", zone)
		l.SetValue(value)
	}
	const list = "EXDATE;TZID=Berlin:20260317T100000,20260331T100000"
	split := func(c *remedy.Object) {
		ev := c.Events()[0]
		l := ev.First("EXDATE")
		l.SetValue("20260317T100000")
		ev.Add(ical.NewLine("EXDATE", "20260331T100000", l.Params()...))
	}
	pair := []string{"TZID:Berlin", `TZID:Berlin\, Bern`, "TZID=Berlin", `TZID="Berlin, Bern"`}
	tests := []struct {
		name    string
		text    []string // replaced in the meeting
		charset string
		stage   remedy.Stage
		profile remedy.Profile
		edit    func(c *remedy.Object)
		vetoed  bool
	}{
		{"a name that nobody knows, read as windows-1252", []string{"Moved", "caf\xe9"}, "x-mac-greek", remedy.Octets, "", readAs(charmap.Windows1252), true},
		{"Shift_JIS read as windows-1252", []string{"Moved", japan}, "cp932", remedy.Octets, "", readAs(charmap.Windows1252), true},
		{"windows-1251 read as windows-1252", []string{"Moved", "\xc2\xf1"}, "windows-1251", remedy.Octets, "", readAs(charmap.Windows1252), true},
		{"windows-1251 read as windows-1251", []string{"Moved", "\xc2\xf1"}, "windows-1251", remedy.Octets, "", readAs(charmap.Windows1251), false},
		{"UTF-8 called by another name", []string{"Moved", "café"}, "utf-8", remedy.Octets, "", func(c *remedy.Object) { c.Part.Charset = "iso-8859-1" }, false},
		{"letters lost", []string{"Moved", "café"}, "utf-8", remedy.Octets, "", func(c *remedy.Object) {
			c.Octets = []byte(strings.Replace(string(c.Octets), "é", "?", 1))
		}, true},
		{"RECURRENCE-ID leaves the zone of the start", inUTC, "utf-8", remedy.Calendar, "", func(c *remedy.Object) {
			exception(c, "RECURRENCE-ID", "Berlin", "20260324T100000")
		}, true},
		{"the end leaves the zone of the start", nil, "utf-8", remedy.Calendar, "", func(c *remedy.Object) {
			l := c.Events()[1].First("DTEND")
			l.DelParam("TZID")
			l.SetValue("20260324T120000Z")
		}, true},
		{"all times of an exception in another zone", inUTC, "utf-8", remedy.Calendar, "", func(c *remedy.Object) {
			exception(c, "RECURRENCE-ID", "Berlin", "20260324T100000")
			exception(c, "DTSTART", "Berlin", "20260324T120000")
			exception(c, "DTEND", "Berlin", "20260324T130000")
		}, false},
		{"a comma without its backslash in a TZID", pair, "utf-8", remedy.Calendar, "", func(c *remedy.Object) {
			c.Cal.Children("VTIMEZONE")[0].First("TZID").SetValue("Berlin, Bern")
			c.ResetZones()
		}, true},
		{"a name without a comma on both sides", pair, "utf-8", remedy.Calendar, "", func(c *remedy.Object) {
			c.Cal.Children("VTIMEZONE")[0].First("TZID").SetValue("Berlin")
			c.Doc.EachLine(func(_ *ical.Component, l *ical.Line) {
				if l.ParamValue("TZID") != "" {
					l.SetParam("TZID", "Berlin")
				}
			})
			c.ResetZones()
		}, false},
		{"a list of dates in several lines", []string{"EXDATE;TZID=Berlin:20260317T100000", list}, "utf-8", remedy.Calendar, "", split, true},
		{"the list in another order", []string{"EXDATE;TZID=Berlin:20260317T100000", list}, "utf-8", remedy.Calendar, "", func(c *remedy.Object) {
			c.Events()[0].First("EXDATE").SetValue("20260331T100000,20260317T100000")
		}, false},
		{"an attendee without a mail address is dropped", []string{"ATTENDEE", "ATTENDEE:tel:+491234\r\nATTENDEE"}, "utf-8", remedy.Calendar, "", func(c *remedy.Object) {
			c.Events()[0].Remove(c.Events()[0].First("ATTENDEE"))
		}, true},
		{"the second entry of somebody is dropped", []string{"ATTENDEE", "ATTENDEE:mailto:Zoe <zoe@example.com>\r\nATTENDEE:MAILTO:zoe@example.com\r\nATTENDEE"}, "utf-8", remedy.Calendar, "", func(c *remedy.Object) {
			c.Events()[0].Remove(c.Events()[0].First("ATTENDEE"))
		}, false},
		{"a word becomes an address", []string{"ATTENDEE", "ATTENDEE:zoe\r\nATTENDEE"}, "utf-8", remedy.Calendar, "", func(c *remedy.Object) {
			c.Events()[0].First("ATTENDEE").SetValue("mailto:zoe@example.com")
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(meetingText(tt.text...), "VERSION:2.0\r\n", "VERSION:2.0\r\nX-ONCE:1\r\n", 1)
			r := newPipeline(strings.NewReader(""), Options{Now: time.Unix(0, 0)}, newTable([]*remedy.Remedy{harmful(tt.stage, tt.edit)})).repairer
			out, err := r.calendar(input{text: []byte(text), header: remedy.PartHeader{MediaType: "text/calendar", Charset: tt.charset}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if vetoed := slices.Equal(out.report.Vetoed, []string{"harmful"}); vetoed != tt.vetoed || out.changed() == tt.vetoed {
				t.Errorf("vetoed %v, changed %v, skipped %v", out.report.Vetoed, out.changed(), out.report.Skipped)
			}
		})
	}
}

// TestHarmIsDeclaredWithAReason names the remedies that may do what some importer
// is harmed by.
func TestHarmIsDeclaredWithAReason(t *testing.T) {
	reasons := map[string]remedy.Facet{
		"exdate-multi":         remedy.FacetFirstExdate, // Apple reads the first date of each line and no more
		"reply-many-attendees": remedy.FacetEverybody,   // the others are addresses of the same person
	}
	const harm = remedy.FacetLetters | remedy.FacetOneZone | remedy.FacetZoneName | remedy.FacetFirstExdate | remedy.FacetEverybody
	for _, r := range remedy.All() {
		if got := r.Facets & harm; got != reasons[r.ID] {
			t.Errorf("%s declares %v, want %v", r.ID, got.Names(), reasons[r.ID].Names())
		}
	}
}

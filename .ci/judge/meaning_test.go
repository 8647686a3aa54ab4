package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestDifferences(t *testing.T) {
	read := func(edit ...func(*component)) reading {
		c := component{Kind: "vevent", UID: "1", Start: "20260302T090000Z", End: "20260302T100000Z", Occurrences: []string{"20260302T090000Z", "20260309T090000Z"},
			Organizer: "mailto:anna@example.com", Attendees: []string{"mailto:bob@example.com", "mailto:eve@example.com"}, Summary: "Budget", Description: "One", Location: "Room 1"}
		for _, e := range edit {
			e(&c)
		}
		return reading{Method: "REQUEST", Components: []component{c}}
	}
	later := func(c *component) { c.Start = "20260302T100000Z" }
	for _, tt := range []struct {
		name          string
		before, after reading
		other         reading // what another reader reads after
		applied       string
		want          string // what is read, the finding that declares it, and "?" when it is not believed
	}{
		{"the same", read(), read(), read(), "seq-cdo", ""},
		{"letter case of an address", read(), read(func(c *component) { c.Organizer = "MAILTO:Anna@example.com" }), read(), "", ""},
		{"order of attendees", read(), read(func(c *component) { slices.Reverse(c.Attendees) }), read(), "", ""},
		{"start", read(), read(later), read(later), "seq-cdo", "start"},
		{"start, declared", read(), read(later), read(later), "tz-half", "start tz-half"},
		{"start, declared, and nobody else reads it", read(), read(later), read(), "tz-half", "start tz-half?"},
		{"a zone that the reader did not know", read(func(c *component) { c.Start = "unresolved:X" }), read(), read(), "", ""},
		{"a zone that the reader does not know any more", read(), read(func(c *component) { c.Start = "unresolved:X" }), read(), "", "start?"},
		{"end", read(), read(func(c *component) { c.End = "" }), read(func(c *component) { c.End = "" }), "dtend-missing", "end dtend-missing"},
		{"an occurrence less", read(), read(func(c *component) { c.Occurrences = c.Occurrences[:1] }), read(func(c *component) { c.Occurrences = c.Occurrences[:1] }), "tz-year-1601", "occurrences"},
		{"attendee", read(), read(func(c *component) { c.Attendees = c.Attendees[:1] }), read(), "summary-missing", "attendees"},
		{"attendee, declared", read(), read(func(c *component) { c.Attendees = c.Attendees[:1] }), read(), "org-is-attendee", "attendees org-is-attendee"},
		{"organizer", read(), read(func(c *component) { c.Organizer = "" }), read(), "org-is-attendee", "organizer"},
		{"summary", read(), read(func(c *component) { c.Summary = "" }), read(), "text-lines", "summary text-lines"},
		{"location", read(), read(func(c *component) { c.Location = "" }), read(), "summary-missing", "location"},
		{"description", read(), read(func(c *component) { c.Description += "\n" }), read(), "fold-width", "description"},
		{"method", read(), reading{Method: "CANCEL", Components: read().Components}, read(), "", "method"},
		{"a component less", read(), reading{Method: "REQUEST", Components: append(read().Components, read().Components...)}, read(), "uid-ctl", "components"},
		{"not read any more", read(), reading{Error: "no"}, read(), "", "unreadable"},
		{"not read before", reading{Error: "no"}, read(), read(), "", ""},
		{"another UID and another start", read(), read(later, func(c *component) { c.UID = "2" }), read(later), "uid-ctl", "start, uid uid-ctl"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &sides{file: &file{name: "a.ics", applied: strings.Fields(tt.applied)},
				readBefore: map[string]reading{"x": tt.before, "y": {Error: "no"}}, readAfter: map[string]reading{"x": tt.after, "y": tt.other}}
			var got []string
			for _, c := range s.differences("x") {
				doubt := ""
				if c.doubt != "" {
					doubt = "?"
				}
				got = append(got, strings.TrimSpace(fmt.Sprint(c.kind, " ", strings.Join(c.because, " ")))+doubt)
			}
			if text := strings.Join(got, ", "); text != tt.want {
				t.Errorf("got %q, want %q", text, tt.want)
			}
		})
	}
}

// An exception that has another RECURRENCE-ID is compared with itself all the same.
func TestPaired(t *testing.T) {
	a := []component{{UID: "1"}, {UID: "1", RID: "20260309T090000"}, {UID: "1", RID: "20260316T090000Z"}}
	b := []component{{UID: "1", RID: "20260316T090000Z"}, {UID: "1"}, {UID: "1", RID: "20260309T080000Z"}}
	for _, pair := range paired(a, b) {
		if pair[0].RID != pair[1].RID && pair[0].RID != "20260309T090000" {
			t.Errorf("%q beside %q", pair[0].RID, pair[1].RID)
		}
	}
}

package rewrite_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/itip"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// cannotMend says of errors that remain after the repair why nobody could mend
// them without inventing something. A key is "method rule component name" with
// "*" for any word.
var cannotMend = map[string]string{
	// who
	"* missing VEVENT ORGANIZER":        "a file does not say whose meeting it is; in a mail the sender of a REQUEST is known, the publisher of a PUBLISH is not",
	"REQUEST missing VEVENT ATTENDEE":   "a file does not say who is invited",
	"REPLY missing VEVENT ATTENDEE":     "nobody knows what the sender answered",
	"REPLY too-many VEVENT ATTENDEE":    "which of them answers is known only when one is the sender",
	"PUBLISH forbidden VEVENT ATTENDEE": "dropping people from a published event would change it",
	// what and when
	"* missing * UID":              "an invented identity would make a new meeting of each copy",
	"* missing VEVENT DTSTART":     "nobody knows when",
	"* missing VEVENT SUMMARY":     "the title is the organizer's; an empty one says no more than none",
	"* mixed-uids VCALENDAR UID":   "two meetings in one message: neither may be dropped",
	"* too-many VEVENT UID":        "nobody knows which of two identities is meant",
	"* missing VCALENDAR VEVENT":   "there is nothing in it",
	"* undefined VCALENDAR METHOD": "the word is no method, or none for this component",
	// numbers and zones
	"* value VCALENDAR VERSION":  "another version than 2.0 may be another format",
	"* no-zone * *":              "the name is that of no zone",
	"* too-many VTIMEZONE TZID":  "nobody knows which of two names is meant",
	"* exclusive STANDARD RRULE": "the rule and the dates together say what the zone did",
	"* missing STANDARD *":       "an observance without an onset or an offset is no rule, and the zone is no known one",
	"* missing DAYLIGHT *":       "the same",
	"* value STANDARD DTSTART":   "an onset in UTC: whether it is meant so is not known",
	"* value DAYLIGHT DTSTART":   "the same",
}

func reasonFor(method string, v itip.Violation) string {
	is := []string{method, string(v.Rule), v.Component, v.Name}
	for key, why := range cannotMend {
		match := true
		for i, word := range strings.Fields(key) {
			match = match && (word == "*" || word == is[i])
		}
		if match {
			return why
		}
	}
	return ""
}

// TestWhatRemainsCannotBeMended: after the repair of every file of the corpus no
// error of RFC 5546 remains that could have been mended, and the repair adds
// none.
func TestWhatRemainsCannotBeMended(t *testing.T) {
	before, after := 0, 0
	look := func(kind string, form rewrite.Form) {
		corpus(t, kind, func(t *testing.T, name string, data []byte) {
			res, err := rewrite.Message(bytes.NewReader(data), rewrite.Options{Now: now, Form: form, Conformance: true})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			if leftAlone(res.Report) || bytes.Count(data, []byte("BEGIN:VCALENDAR")) > 1 && form == rewrite.Calendar {
				return // cut off, or several calendars: only the first is repaired
			}
			for _, m := range res.Report.Meetings {
				if m.Conformance == nil {
					continue
				}
				before += len(itip.Errors(m.Conformance.Before))
				for _, v := range itip.Errors(m.Conformance.After) {
					after++
					if v.Rule == itip.Form {
						if property, _, _ := strings.Cut(v.Name, ";"); !named(m.Findings, v.Component, property) {
							t.Errorf("%s: no finding names %s in %s: %s", name, v.Name, v.Component, v.Text)
						}
						continue
					}
					why := reasonFor(m.Method, v)
					if why == "" {
						t.Errorf("%s: METHOD:%s: %s in %s could have been mended, or nobody says why not", name, m.Method, v.Text, v.Component)
					}
					if form == rewrite.Mail && m.Method == "REQUEST" && v.Rule == itip.Missing && (v.Name == "ORGANIZER" || v.Name == "ATTENDEE") {
						t.Errorf("%s: the mail says who: %s", name, v.Text)
					}
				}
			}
		})
	}
	look("ics", rewrite.Calendar)
	look("eml", rewrite.Mail)
	t.Logf("%d errors before, %d after", before, after)
	if after >= before {
		t.Errorf("%d errors before, %d after", before, after)
	}
}

// named reports whether a finding that was not applied is about a property.
func named(findings []remedy.Finding, component, property string) bool {
	return slices.ContainsFunc(findings, func(f remedy.Finding) bool {
		return !f.Applied && f.Component == component && f.Property == property
	})
}

// leftAlone reports whether something was not repaired on purpose.
func leftAlone(r rewrite.Report) bool {
	for _, s := range r.Skipped {
		if strings.Contains(s.Why, "incomplete") || strings.HasPrefix(s.Why, "vCalendar 1.0") {
			return true
		}
	}
	return false
}

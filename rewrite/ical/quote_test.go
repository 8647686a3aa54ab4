package ical_test

import (
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
)

func TestQuoteParam(t *testing.T) {
	for in, want := range map[string]string{
		"DTSTART;TZID=Europe/Berlin:20260302T090000":   `DTSTART;TZID="Europe/Berlin":20260302T090000`,
		`DTSTART;X=1;TZID="A, B":20260302T090000`:      `DTSTART;X=1;TZID="A, B":20260302T090000`,
		"DTSTART:20260302T090000":                      "DTSTART:20260302T090000",
		"ATTENDEE;TZID=a,b;CN=x:mailto:jane@y.example": `ATTENDEE;TZID="a","b";CN=x:mailto:jane@y.example`,
	} {
		doc, err := ical.Parse([]byte("BEGIN:VCALENDAR\r\n"+in+"\r\nEND:VCALENDAR\r\n"), ical.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		l := doc.Calendars()[0].Items[0].Prop
		l.QuoteParam("TZID")
		if l.Text() != want {
			t.Errorf("got %s, want %s", l.Text(), want)
		}
		if l.SetParam("TZID", "A"); l.ParamValue("TZID") != "A" {
			t.Errorf("%s: TZID cannot be set again", l.Text())
		}
	}
}

package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzAbsurd writes the rules anew where nothing on earth goes by them.
func tzAbsurd() *Remedy {
	return flawed("tz-absurd",
		"write IANA's rules into a VTIMEZONE with a well-known name whose offsets no zone has, or that begins after the meeting",
		"Generators have written offsets of nobody, and rules that begin years after the meeting. Receivers that go by the rules show a time that was not meant, those that go by the name are right.",
		"ical.net issue 58; RFC 5545 §3.6.5",
		zone.Absurd)
}

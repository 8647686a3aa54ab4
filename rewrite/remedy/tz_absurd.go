package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzAbsurd writes the rules anew where nothing on earth goes by them.
func tzAbsurd() *Remedy {
	return flawed("tz-absurd",
		"write IANA's rules into a VTIMEZONE with a well-known name whose offsets no zone has, or that begins after the meeting",
		"Generators write offsets that no zone has, and rules that begin years after the meeting. Receivers that use the rules show a wrong time; those that use the name are right.",
		"ical.net issue 58; RFC 5545 §3.6.5",
		zone.Absurd)
}

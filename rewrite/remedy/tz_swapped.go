package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzSwapped writes the rules anew where the clocks change on the days of the
// zone, to offsets that no zone with these days has: those of STANDARD and
// DAYLIGHT, or TZOFFSETFROM and TZOFFSETTO, were exchanged, or a sign is wrong.
func tzSwapped() *Remedy {
	return flawed("tz-swapped",
		"write IANA's rules into a VTIMEZONE with a well-known name whose offsets are exchanged",
		"With the offsets of STANDARD and DAYLIGHT exchanged, the clocks change in the wrong direction. Receivers that use the rules are an hour off all year; those that use the name are right.",
		"ical.net issue 58; RFC 5545 §3.6.5",
		zone.Swapped)
}

package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzHalf adds the other half of the law to a VTIMEZONE with one STANDARD and no
// DAYLIGHT, or the reverse.
func tzHalf() *Remedy {
	return flawed("tz-half",
		"write IANA's rules into a VTIMEZONE with a well-known name that has only half of them",
		"Generators write the STANDARD of a zone without its DAYLIGHT. Receivers that use the rules are an hour off for half of the year; those that use the name are right.",
		"ical.net issue 141; RFC 5545 §3.6.5",
		zone.Half)
}

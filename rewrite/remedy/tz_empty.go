package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzEmpty writes the rules into a VTIMEZONE that has none, or none that anybody
// could read.
func tzEmpty() *Remedy {
	return flawed("tz-empty",
		"write IANA's rules into a VTIMEZONE with a well-known name and no rules, or unreadable ones",
		"Outlook.com refuses a VTIMEZONE that contains only its name. Other receivers read its times as UTC, or in the reader's zone.",
		"Inter-Actief/amelie#199; ical.net issues 141 and 58; RFC 5545 §3.6.5",
		zone.Empty)
}

package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzOffsetName renames zones that are called by an offset and nothing else. The
// rules of a VTIMEZONE count for more than such a name: one that has summer time
// is the zone with these rules. An offset with a part of an hour has no other name
// that is better known; it stays, and tz-undeclared says what it is.
func tzOffsetName() *Remedy {
	return tzRename("tz-offset-name",
		"rename zones like +02:00, UTC+2 or (UTC+02:00) to Etc/GMT-2, or by their rules",
		"Generators name a zone by its offset. For many parsers the colon ends the parameter, and those that look zones up by name find none and use the reader's own.",
		"spatie/calendar-links#159; libical, icalparser.c; RFC 5545 §3.2.19",
		Error, nil, zone.Offset)
}

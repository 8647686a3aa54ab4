package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzPrefix renames zones that a vendor put a path before: the leading
// solidus says that the name is unique all over the world (RFC 5545 §3.8.3.1),
// and the IANA name is at its end.
func tzPrefix() *Remedy {
	return tzRename("tz-prefix",
		"rename zones like /citadel.org/20260108_1/Europe/Berlin to the IANA name at the end",
		"Evolution, Mozilla, KDE, Citadel and others put their own name and a version before a zone's name. Receivers that look zones up by name find none; where the calendar does not declare it, the meeting shifts.",
		"libical, icaltimezone.c; ical.net issue 58; RFC 5545 §3.8.3.1",
		Warning, nil, zone.Prefixed)
}

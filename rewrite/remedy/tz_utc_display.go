package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzUTCDisplay renames zones that bear the display name of Windows.
//
// QUIRK(exchange2010): tz-utc-display.
func tzUTCDisplay() *Remedy {
	return tzRename("tz-utc-display",
		"rename zones like (UTC+01:00) Amsterdam, Berlin, … to their IANA name",
		"Exchange 2007 and 2010 sometimes write the display name of a zone. Parsers that split at the first colon or comma fail, and no program knows the zone by that name.",
		"Emacs bug 11473; Emacs icalendar tests",
		Warning, microsoft(), zone.Display)
}

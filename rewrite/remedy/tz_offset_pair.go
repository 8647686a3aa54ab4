package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzOffsetPair renames zones that are named after their two offsets, by the
// rules of their VTIMEZONE.
//
// QUIRK(exchange2003): tz-offset-pair. A series made by Outlook has its zone
// from a binary property without a name.
func tzOffsetPair() *Remedy {
	return tzRename("tz-offset-pair",
		"rename zones like GMT -0500 (Standard) / GMT -0400 (Daylight) by their rules",
		"For a series, Exchange 2003 and 2007 name the zone by its offsets. Receivers show a wrong or an unknown zone.",
		"Zimbra bug 86249",
		Error, microsoft(), zone.OffsetPair)
}
